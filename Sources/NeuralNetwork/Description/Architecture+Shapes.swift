extension Architecture {
  /// A layer may have this many inputs, outputs or weights at the most: products of sizes then stay
  /// far from overflow, and memory within reach.
  static let largestCount = 1 << 31

  /// The output shape of every layer, for samples of the given shape.
  ///
  /// - Throws: `ArchitectureError` with the layer's index, name and sizes, if a layer's numbers are
  ///   out of range or it does not fit its input.
  package func outputShapes(for input: FeatureShape) throws(ArchitectureError) -> [FeatureShape] {
    var shapes: [FeatureShape] = []
    var shape = input
    for (index, layer) in layers.enumerated() {
      try layer.validate(at: index)
      shape = try layer.outputShape(for: shape, at: index)
      shapes.append(shape)
    }
    return shapes
  }

  /// The shape of the network's output, which must be a vector: a number a class.
  package func outputShape(for input: FeatureShape) throws(ArchitectureError) -> FeatureShape {
    guard let last = try outputShapes(for: input).last else {
      throw .wrongOutput(expected: "at least one layer", found: "none")
    }
    guard last.isFlat else {
      throw .wrongOutput(
        expected: "a vector with a number a class (flatten and dense give one)",
        found: "a map of \(last)")
    }
    return last
  }

  /// Checks that the network can take samples of the given shape.
  ///
  /// - Parameter source: what the architecture is called in an error, such as its file.
  package func validate(for input: FeatureShape, source: String) throws(ArchitectureError) {
    do {
      _ = try outputShape(for: input)
    } catch {
      throw .malformed(source: source, problem: error.description)
    }
  }
}

extension Layer {
  fileprivate func validate(at index: Int) throws(ArchitectureError) {
    func require(
      _ name: String, _ value: Int, atLeast least: Int
    ) throws(ArchitectureError) {
      guard value >= least, value <= Architecture.largestCount else {
        throw .invalidLayer(
          index: index, layer: type.rawValue,
          expected: "\(name) from \(least) to \(Architecture.largestCount)", found: "\(value)")
      }
    }

    switch self {
    case .convolution(let filters, let kernelSize, let stride, let padding):
      try require("filters", filters, atLeast: 1)
      try require("kernelSize", kernelSize, atLeast: 1)
      try require("stride", stride, atLeast: 1)
      try require("padding", padding, atLeast: 0)
    case .maxPooling(let kernelSize, let stride), .averagePooling(let kernelSize, let stride):
      try require("kernelSize", kernelSize, atLeast: 1)
      try require("stride", stride, atLeast: 1)
    case .dense(let units): try require("units", units, atLeast: 1)
    case .dropout(let rate):
      guard rate >= 0, rate < 1 else {
        throw .invalidLayer(
          index: index, layer: type.rawValue, expected: "rate from 0 up to but not including 1",
          found: "\(rate)")
      }
    case .leakyRelu(let slope):
      guard slope >= 0, slope.isFinite else {
        throw .invalidLayer(
          index: index, layer: type.rawValue, expected: "slope from 0", found: "\(slope)")
      }
    case .flatten, .relu, .sigmoid, .tanh, .softmax, .identity: break
    }
  }

  fileprivate func outputShape(
    for input: FeatureShape, at index: Int
  ) throws(ArchitectureError) -> FeatureShape {
    func refusal(_ problem: String) -> ArchitectureError {
      .doesNotFit(index: index, layer: type.rawValue, input: "\(input)", problem: problem)
    }
    func limited(
      _ shape: FeatureShape, weights: [Int] = []
    ) throws(ArchitectureError) -> FeatureShape {
      for sizes in [[shape.channels, shape.height, shape.width], weights] {
        var product = 1
        for size in sizes {
          let (next, overflow) = product.multipliedReportingOverflow(by: size)
          guard !overflow, next <= Architecture.largestCount else {
            throw refusal("sizes of \(sizes) are beyond \(Architecture.largestCount) numbers")
          }
          product = next
        }
      }
      return shape
    }
    func windows(_ kernelSize: Int, stride: Int, padding: Int) throws(ArchitectureError) -> (
      height: Int, width: Int
    ) {
      guard !input.isFlat else { throw refusal("it needs a map, before any flatten or dense") }
      let height = input.height + 2 * padding
      let width = input.width + 2 * padding
      _ = try limited(FeatureShape(channels: input.channels, height: height, width: width))
      guard height >= kernelSize, width >= kernelSize else {
        throw refusal(
          "its \(kernelSize)×\(kernelSize) kernel is larger than the \(height)×\(width) padded map")
      }
      return ((height - kernelSize) / stride + 1, (width - kernelSize) / stride + 1)
    }

    switch self {
    case .convolution(let filters, let kernelSize, let stride, let padding):
      let output = try windows(kernelSize, stride: stride, padding: padding)
      return try limited(
        FeatureShape(channels: filters, height: output.height, width: output.width),
        weights: [filters, input.channels, kernelSize, kernelSize])
    case .maxPooling(let kernelSize, let stride), .averagePooling(let kernelSize, let stride):
      let output = try windows(kernelSize, stride: stride, padding: 0)
      return FeatureShape(channels: input.channels, height: output.height, width: output.width)
    case .flatten: return FeatureShape(features: input.count)
    case .dense(let units):
      guard input.isFlat else { throw refusal("it needs a vector; put a flatten before it") }
      return try limited(FeatureShape(features: units), weights: [units, input.count])
    case .dropout, .relu, .leakyRelu, .sigmoid, .tanh, .softmax, .identity: return input
    }
  }
}
