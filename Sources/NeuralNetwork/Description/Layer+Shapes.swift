extension Layer {
  /// Checks the layer's own numbers.
  func validate(at index: Int) throws(ArchitectureError) {
    func require(
      _ name: String, _ value: Int, atLeast least: Int, atMost most: Int = Architecture.largestCount
    ) throws(ArchitectureError) {
      guard value >= least, value <= most else {
        throw .invalidLayer(
          index: index, layer: type.rawValue,
          expected: "\(name) from \(least) to \(most)", found: "\(value)")
      }
    }

    switch self {
    case .convolution(let filters, let kernelSize, let stride, let padding, _):
      try require("filters", filters, atLeast: 1)
      // With a larger one the input gradient could fall into more parts than are worth a convolution.
      try require("kernelSize", kernelSize, atLeast: 1, atMost: 1_024)
      try require("stride", stride, atLeast: 1)
      try require("padding", padding, atLeast: 0)
    case .maxPooling(let kernelSize, let stride), .averagePooling(let kernelSize, let stride):
      // The place of a maximum in its window is kept as a float, exact up to 2²⁴.
      try require("kernelSize", kernelSize, atLeast: 1, atMost: 4_096)
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

  /// The shape of the output, if the layer fits its input.
  func outputShape(
    for input: FeatureShape, at index: Int
  ) throws(ArchitectureError) -> FeatureShape {
    func refusal(_ problem: String) -> ArchitectureError {
      .doesNotFit(index: index, layer: type.rawValue, input: "\(input)", problem: problem)
    }
    func limited(
      _ shape: FeatureShape, weights: [Int] = []
    ) throws(ArchitectureError) -> FeatureShape {
      for sizes in [[shape.channels, shape.height, shape.width], weights]
      where !Architecture.isWithinLimit(sizes) {
        throw refusal("sizes of \(sizes) are beyond \(Architecture.largestCount) numbers")
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
    case .convolution(let filters, let kernelSize, let stride, let padding, _):
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
