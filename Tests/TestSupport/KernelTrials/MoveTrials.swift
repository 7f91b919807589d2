import ConvoyKernelInterface

/// Trials of the kernels that move and scale arrays, and of the one that looks for what is not finite.
enum MoveTrials {
  static func addition(
    _ name: String, _ rows: RowGeometry, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let values = generator.values(count: rows.rows * rows.count)
    let before = generator.values(count: rows.rows * rows.count)
    var memory = conditions.memory(pattern: 3)
    let source = memory.placeRows(values, count: rows.count, step: rows.step)
    let target = memory.placeRows(before, count: rows.count, step: rows.otherStep)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.addRows(rows, from: memory + source, to: memory + target)
    }
    trial.promise(
      zip(before, values).map { Rounded($0) + Rounded($1) },
      at: GuardedMemory.rowPlaces(
        target, rows: rows.rows, count: rows.count, step: rows.otherStep))
    return trial
  }

  static func copy(
    _ name: String, _ rows: RowGeometry, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let values = generator.values(count: rows.rows * rows.count)
    var memory = conditions.memory()
    let source = memory.placeRows(values, count: rows.count, step: rows.step)
    let target = memory.reserve(rows.rows * rows.otherStep)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.copyRows(rows, from: memory + source, to: memory + target)
    }
    trial.promise(
      exactly: values,
      at: GuardedMemory.rowPlaces(
        target, rows: rows.rows, count: rows.count, step: rows.otherStep))
    return trial
  }

  static func normalization(
    _ name: String, rows: Int, count: Int, step: Int, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let bytes = (0..<rows * count).map { _ in UInt8(generator.integer(in: 0...255)) }
    let scales = generator.values(count: count)
    let offsets = generator.values(count: count, in: -3...3)
    var memory = conditions.memory()
    let scalesPlace = memory.place(scales)
    let offsetsPlace = memory.place(offsets)
    let target = memory.reserve(rows * step)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.normalize(
        rows: rows, count: count, bytes: bytes, scales: memory + scalesPlace,
        offsets: memory + offsetsPlace, output: memory + target, outputStep: step)
    }
    let products = bytes.enumerated().map { Double($1) * scales[$0 % count] }
    trial.promise(
      products.enumerated().map { $1 + offsets[$0 % count] },
      at: GuardedMemory.rowPlaces(target, rows: rows, count: count, step: step),
      magnitudes: products.enumerated().map { abs($1) + abs(offsets[$0 % count]) },
      roundings: (fused: 1, separate: 2))
    return trial
  }

  static func transposition(
    _ name: String, rows: Int, columns: Int, step: Int, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let values = generator.values(count: rows * columns)
    var memory = conditions.memory()
    let source = memory.place(values)
    let target = memory.reserve(columns * step)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.transposeTile(
        rows: rows, columns: columns, source: memory + source, destination: memory + target,
        destinationStep: step)
    }
    trial.promise(
      exactly: values,
      at: (0..<rows).flatMap { row in (0..<columns).map { target + $0 * step + row } })
    return trial
  }

  static func products(
    _ name: String, count: Int, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let factors = generator.values(count: count)
    let values = generator.values(count: count)
    var memory = conditions.memory(pattern: 3)
    let factorsPlace = memory.place(factors)
    let valuesPlace = memory.place(values)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.multiply(
        count: count, factors: memory + factorsPlace, values: memory + valuesPlace)
    }
    trial.promise(
      zip(factors, values).map { Rounded($0) * Rounded($1) },
      at: Array(valuesPlace..<valuesPlace + count))
    return trial
  }

  static func finiteness(
    _ name: String, count: Int, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    var memory = conditions.memory()
    let values = memory.place(generator.values(count: count))
    let answer = memory.reserve(1)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      memory[answer] =
        kernels.areFinite(count: count, values: memory + values) ? 1 : 0
    }
    trial.promise(exactly: [1], at: [answer])
    return trial
  }
}
