import ConvoyKernelInterface
import ConvoyTestSupport

/// Trials of the kernels that move, scale and add arrays.
enum MoveTrials {
  static let all: [KernelTrial] =
    (1...40).map { normalize(count: $0) }
    + (1000..<1010).flatMap { [copy(seed: $0), add(seed: $0), multiply(seed: $0)] }
    + (1...33).flatMap { [sumSlots($0), sumFilterSlots($0)] }
    + (1...16).flatMap { rows in
      [transpose(rows: rows, columns: 8), transpose(rows: rows, columns: 16)]
    }

  private static func normalize(count: Int) -> KernelTrial {
    var generator = SeededGenerator(seed: UInt64(count))
    let rows = generator.integer(in: 1...4)
    let step = count + generator.integer(in: 0...3)
    let bytes = (0..<rows * count).map { _ in UInt8(generator.integer(in: 0...255)) }
    let scales = generator.values(count: count)
    let offsets = generator.values(count: count, in: -3...3)
    var memory = GuardedMemory()
    let scalesPlace = memory.place(scales)
    let offsetsPlace = memory.place(offsets)
    let output = memory.reserve(rows * step)
    var trial = KernelTrial("normalize, seed \(count): \(rows) × \(count) bytes", memory: memory) {
      kernels, memory in
      kernels.normalize(
        rows: rows, count: count, bytes: bytes, scales: memory + scalesPlace,
        offsets: memory + offsetsPlace, output: memory + output, outputStep: step)
    }
    let terms = bytes.enumerated().map { index, byte in
      (product: Double(byte) * scales[index % count], offset: offsets[index % count])
    }
    trial.promise(
      terms.map { $0.product + $0.offset },
      at: GuardedMemory.rowPlaces(output, rows: rows, count: count, step: step),
      magnitudes: terms.map { abs($0.product) + abs($0.offset) }, roundings: (1, 2))
    return trial
  }

  private static func rows(_ generator: inout SeededGenerator) -> RowGeometry {
    let count = 8 * generator.integer(in: 1...5)
    return RowGeometry(
      rows: generator.integer(in: 1...4), count: count,
      step: count + 8 * generator.integer(in: 0...2),
      otherStep: count + 8 * generator.integer(in: 0...2))
  }

  private static func copy(seed: UInt64) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let rows = rows(&generator)
    let values = generator.values(count: rows.rows * rows.count)
    var memory = GuardedMemory()
    let source = memory.placeRows(values, count: rows.count, step: rows.step)
    let target = memory.reserve(rows.rows * rows.otherStep)
    var trial = KernelTrial("copyRows, seed \(seed): \(rows)", memory: memory) {
      kernels, memory in
      kernels.copyRows(rows, from: memory + source, to: memory + target)
    }
    trial.promise(
      exactly: values,
      at: GuardedMemory.rowPlaces(target, rows: rows.rows, count: rows.count, step: rows.otherStep))
    return trial
  }

  private static func add(seed: UInt64) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let rows = rows(&generator)
    let values = generator.values(count: rows.rows * rows.count)
    let before = generator.values(count: rows.rows * rows.count)
    var memory = GuardedMemory(pattern: 3)
    let source = memory.placeRows(values, count: rows.count, step: rows.step)
    let target = memory.placeRows(before, count: rows.count, step: rows.otherStep)
    var trial = KernelTrial("addRows, seed \(seed): \(rows)", memory: memory) { kernels, memory in
      kernels.addRows(rows, from: memory + source, to: memory + target)
    }
    trial.promise(
      zip(before, values).map { Rounded($0) + Rounded($1) },
      at: GuardedMemory.rowPlaces(target, rows: rows.rows, count: rows.count, step: rows.otherStep))
    return trial
  }

  private static func multiply(seed: UInt64) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let count = 8 * generator.integer(in: 1...9)
    let factors = generator.values(count: count)
    let values = generator.values(count: count)
    var memory = GuardedMemory(pattern: 3)
    let factorsPlace = memory.place(factors)
    let valuesPlace = memory.place(values)
    var trial = KernelTrial("multiply, seed \(seed): \(count)", memory: memory) {
      kernels, memory in
      kernels.multiply(count: count, factors: memory + factorsPlace, values: memory + valuesPlace)
    }
    trial.promise(
      zip(factors, values).map { Rounded($0) * Rounded($1) },
      at: Array(valuesPlace..<valuesPlace + count))
    return trial
  }

  /// The promise is to the bit: the same additions in the same order.
  private static func sumSlots(_ slots: Int) -> KernelTrial {
    var generator = SeededGenerator(seed: UInt64(slots))
    let count = 8 * generator.integer(in: 1...3)
    let step = count + 8 * generator.integer(in: 0...1)
    let values = generator.values(count: slots * count)
    var memory = GuardedMemory()
    let source = memory.placeRows(values, count: count, step: step)
    let sums = memory.reserve(count)
    var trial = KernelTrial("sumSlots, seed \(slots): \(slots) of \(count)", memory: memory) {
      kernels, memory in
      kernels.sumSlots(
        slots, step: step, count: count, values: memory + source, sums: memory + sums)
    }
    trial.promise(
      exactly: (0..<count).map { column in
        Double(treeSum((0..<slots).map { Float(values[$0 * count + column]) }[...]))
      }, at: Array(sums..<sums + count))
    return trial
  }

  private static func sumFilterSlots(_ slots: Int) -> KernelTrial {
    var generator = SeededGenerator(seed: 50 + UInt64(slots))
    let layout = FilterMajorLayout(
      filters: generator.pick([8, 16]), kernelRows: generator.integer(in: 1...4),
      rowRun: generator.integer(in: 1...20))
    let taps = layout.kernelRows * layout.rowRun
    let first = generator.integer(in: 0...taps - 1)
    let last = generator.integer(in: first...taps - 1)
    let step = layout.count + 8
    let values = generator.values(count: slots * step)
    var memory = GuardedMemory()
    let source = memory.place(values)
    let sums = memory.reserve((last - first + 1) * layout.filters)
    var trial = KernelTrial(
      "sumFilterSlots, seed \(slots): \(slots) of \(layout), taps \(first) to \(last)",
      memory: memory
    ) { kernels, memory in
      kernels.sumFilterSlots(
        slots, step: step, layout: layout, filters: layout.filters, taps: first..<last + 1,
        values: memory + source, sums: memory + sums)
    }
    for tap in first...last {
      for filter in 0..<layout.filters {
        let place =
          filter * layout.filterStep + tap / layout.rowRun * layout.rowStep + tap % layout.rowRun
        let terms = (0..<slots).map { Float(values[$0 * step + place]) }
        trial.promise(
          exactly: [Double(treeSum(terms[...]))],
          at: [sums + (tap - first) * layout.filters + filter])
      }
    }
    return trial
  }

  /// The left half has the largest power of two of terms that leaves something for the right.
  static func treeSum(_ terms: ArraySlice<Float>) -> Float {
    if terms.count == 1 { return terms[terms.startIndex] }
    var left = 1
    while 2 * left < terms.count { left *= 2 }
    return treeSum(terms.prefix(left)) + treeSum(terms.dropFirst(left))
  }

  private static func transpose(rows: Int, columns: Int) -> KernelTrial {
    var generator = SeededGenerator(seed: UInt64(rows + 100 * columns))
    let values = generator.values(count: rows * columns)
    let step = rows + generator.integer(in: 0...3)
    var memory = GuardedMemory()
    let source = memory.place(values)
    let target = memory.reserve(columns * step)
    var trial = KernelTrial("transposeTile, \(rows) × \(columns)", memory: memory) {
      kernels, memory in
      kernels.transposeTile(
        rows: rows, columns: columns, source: memory + source, destination: memory + target,
        destinationStep: step)
    }
    trial.promise(
      exactly: values,
      at: (0..<rows).flatMap { row in (0..<columns).map { target + $0 * step + row } })
    return trial
  }
}
