import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// Trials of the kernels that walk over rows.
extension KernelCall {
  static func activation(
    _ function: ActivationFunction, _ rows: RowGeometry, _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let values = generator.values(count: rows.rows * rows.count)
    var memory = GuardedMemory(isAligned: true)
    let start = memory.placeRows(values, count: rows.count, step: rows.step)
    var trial = unsafe KernelTrial("activate", memory: memory) { kernels, memory in
      unsafe kernels.activate(function, rows, values: memory + start)
    }
    let expected = Activation.reference(function).forward(ReferenceTensor(vector: values))
    trial.promise(
      expected.values,
      at: GuardedMemory.rowPlaces(start, rows: rows.rows, count: rows.count, step: rows.step),
      within: values.map { Activation.bound(function, of: $0) })
    return trial
  }

  static func activationGradient(
    _ function: ActivationFunction, _ rows: RowGeometry, _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let inputs = ReferenceTensor(vector: generator.values(count: rows.rows * rows.count))
    let layer = Activation.reference(function)
    // As single precision holds them.
    let outputs = ReferenceTensor(
      vector: layer.forward(inputs).values.map { Double(Float($0)) })
    let gradient = ReferenceTensor(vector: generator.values(count: outputs.values.count))
    var memory = GuardedMemory(isAligned: true)
    let source = memory.placeRows(outputs.values, count: rows.count, step: rows.step)
    let target = memory.placeRows(gradient.values, count: rows.count, step: rows.otherStep)
    var trial = unsafe KernelTrial("activationGradient", memory: memory) { kernels, memory in
      unsafe kernels.activationGradient(
        function, rows, values: memory + source, gradient: memory + target)
    }
    trial.promise(
      layer.backward(input: inputs, output: outputs, outputGradient: gradient).input.values,
      at: GuardedMemory.rowPlaces(
        target, rows: rows.rows, count: rows.count, step: rows.otherStep),
      within: zip(outputs.values, gradient.values).map {
        Activation.gradientBound(function, y: $0, gradient: $1)
      })
    return trial
  }

  static func addition(_ rows: RowGeometry, _ generator: inout SeededGenerator) -> KernelTrial {
    let values = generator.values(count: rows.rows * rows.count)
    let before = generator.values(count: rows.rows * rows.count)
    var memory = GuardedMemory(pattern: 3, isAligned: true)
    let source = memory.placeRows(values, count: rows.count, step: rows.step)
    let target = memory.placeRows(before, count: rows.count, step: rows.otherStep)
    var trial = unsafe KernelTrial("addRows", memory: memory) { kernels, memory in
      unsafe kernels.addRows(rows, from: memory + source, to: memory + target)
    }
    trial.promise(
      zip(before, values).map { Rounded($0) + Rounded($1) },
      at: GuardedMemory.rowPlaces(
        target, rows: rows.rows, count: rows.count, step: rows.otherStep))
    return trial
  }

  static func copy(_ rows: RowGeometry, _ generator: inout SeededGenerator) -> KernelTrial {
    let values = generator.values(count: rows.rows * rows.count)
    var memory = GuardedMemory(isAligned: true)
    let source = memory.placeRows(values, count: rows.count, step: rows.step)
    let target = memory.reserve(rows.rows * rows.otherStep)
    var trial = unsafe KernelTrial("copyRows", memory: memory) { kernels, memory in
      unsafe kernels.copyRows(rows, from: memory + source, to: memory + target)
    }
    trial.promise(
      exactly: values,
      at: GuardedMemory.rowPlaces(
        target, rows: rows.rows, count: rows.count, step: rows.otherStep))
    return trial
  }

  static func normalization(
    _ rows: Int, _ count: Int, _ step: Int, _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let bytes = (0..<rows * count).map { _ in UInt8(generator.integer(in: 0...255)) }
    let scales = generator.values(count: count)
    let offsets = generator.values(count: count)
    var memory = GuardedMemory(isAligned: true)
    let scalesPlace = memory.place(scales)
    let offsetsPlace = memory.place(offsets)
    let target = memory.reserve(rows * step)
    var trial = unsafe KernelTrial("normalize", memory: memory) { kernels, memory in
      unsafe kernels.normalize(
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
    _ rows: Int, _ columns: Int, _ step: Int, _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let values = generator.values(count: rows * columns)
    var memory = GuardedMemory(isAligned: true)
    let source = memory.place(values)
    let target = memory.reserve(columns * step)
    var trial = unsafe KernelTrial("transposeTile", memory: memory) { kernels, memory in
      unsafe kernels.transposeTile(
        rows: rows, columns: columns, source: memory + source, destination: memory + target,
        destinationStep: step)
    }
    trial.promise(
      exactly: values,
      at: (0..<rows).flatMap { row in (0..<columns).map { target + $0 * step + row } })
    return trial
  }

  static func loss(_ classes: Int, _ generator: inout SeededGenerator) -> KernelTrial {
    let logits = generator.values(count: classes)
    let stored = PanelLayout.padded(classes)
    var memory = GuardedMemory(isAligned: true)
    let source = memory.place(logits + Array(repeating: 0, count: stored - classes))
    let target = memory.reserve(stored)
    let lossPlace = memory.reserve(1)
    var trial = unsafe KernelTrial("softmaxCrossEntropy", memory: memory) { kernels, memory in
      unsafe memory[lossPlace] =
        unsafe kernels.softmaxCrossEntropy(
          classes: classes, label: 0, scale: 1, logits: memory + source,
          gradient: memory + target
        ).loss
    }
    let expected = ReferenceLoss.softmaxCrossEntropy.evaluate(logits: logits, label: 0)
    // Logits are below 1: each step rounds numbers of at most e · classes, a few times.
    let roundings = classes + 4 * Int(Rounded.elementaryRoundings)
    let bound = Rounded.chainError(roundings: roundings, magnitude: 4)
    trial.promise([expected.loss], at: [lossPlace], within: [bound])
    trial.promise(
      expected.gradient, at: Array(target..<target + classes),
      within: expected.gradient.map { _ in bound })
    trial.promiseZeros(at: Array(target + classes..<target + stored))
    return trial
  }
}
