import KernelInterface
import Reference
import TestSupport

extension KernelCall {
  /// A call in memory of its own, with what the reference makes of it.
  func trial() -> KernelTrial {
    var generator = SeededGenerator(seed: 1)
    switch self {
    case .convolution(let geometry, let hasBias):
      return ConvolutionTrial(geometry, &generator).forward(hasBias: hasBias, &generator)
    case .pooledConvolution(let geometry, let pooling, let activation):
      return ConvolutionTrial(geometry, &generator, isExact: true)
        .pooled(pooling, activation, &generator)
    case .weightGradient(let geometry):
      return ConvolutionTrial(geometry, &generator).weightGradient(&generator)
    case .maxPoolGradient(let pooling): return Self.spread(pooling, &generator)
    case .activation(let function, let rows): return Self.activation(function, rows, &generator)
    case .activationGradient(let function, let rows):
      return Self.activationGradient(function, rows, &generator)
    case .crossEntropy(let classes): return Self.loss(classes, &generator)
    case .rowSums(let rows, let columns, let step):
      return Self.sums(rows, columns, step, &generator)
    case .slotSum(let slots, let step, let count):
      return Self.slots(slots, step, count, &generator)
    case .normalization(let rows, let count, let step):
      return Self.normalization(rows, count, step, &generator)
    case .copy(let rows): return Self.copy(rows, &generator)
    case .transposition(let rows, let columns, let step):
      return Self.transposition(rows, columns, step, &generator)
    }
  }

  private static func spread(
    _ pooling: PoolingGeometry, _ generator: inout SeededGenerator
  ) -> KernelTrial {
    let size = pooling.kernelSize
    let window = ReferenceWindow(height: size, width: size, stride: pooling.stride)
    let input = ReferenceTensor(
      shape: ReferenceShape(
        channels: pooling.channels, height: (pooling.outputRows - 1) * pooling.stride + size,
        width: (pooling.outputColumns - 1) * pooling.stride + size),
      values: generator.values(
        count: pooling.channels * ((pooling.outputRows - 1) * pooling.stride + size)
          * ((pooling.outputColumns - 1) * pooling.stride + size)))
    let output = StoredMap(
      ReferenceShape(
        channels: pooling.channels, height: pooling.outputRows, width: pooling.outputColumns))
    let gradient = ReferenceTensor(
      shape: output.shape, values: generator.values(count: output.shape.count))
    let expected = ReferenceMaxPooling(window: window).backward(
      input: input, output: gradient, outputGradient: gradient)
    var memory = GuardedMemory()
    let source = memory.place(output.stored(gradient.values))
    let winners = memory.place(
      output.stored(Winners.places(in: input, window: window, for: pooling)))
    let target = memory.reserve(input.shape.height * pooling.inputRowStep)
    var trial = KernelTrial("maxPoolGradient", memory: memory) { kernels, memory in
      kernels.maxPoolGradient(
        pooling, outputGradient: memory + source, winners: memory + winners,
        inputGradient: memory + target)
    }
    trial.promise(
      exactly: expected.input.values,
      at: places(input.shape, rowStep: pooling.inputRowStep, pixelStep: pooling.channels)
        .map { target + $0 })
    return trial
  }

  /// Where a map's values lie, by channel, row and column.
  static func places(_ shape: ReferenceShape, rowStep: Int, pixelStep: Int) -> [Int] {
    (0..<shape.channels).flatMap { channel in
      (0..<shape.height).flatMap { row in
        (0..<shape.width).map { row * rowStep + $0 * pixelStep + channel }
      }
    }
  }
}
