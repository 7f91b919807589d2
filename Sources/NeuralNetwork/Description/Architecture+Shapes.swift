extension Architecture {
  /// A layer may have this many inputs, outputs or weights at the most: products of sizes then stay
  /// far from overflow, and memory within reach.
  static let largestCount = 1 << 31
  /// A network may have this many layers at the most, so that sums over them stay as far.
  package static let mostLayers = 4_096
  /// Positions of all strides that input gradients tell apart, in the whole network.
  static let mostInputGradientParts = 1 << 16

  /// Whether the product of sizes, none of them negative, is no larger than `largestCount`.
  static func isWithinLimit(_ sizes: [Int]) -> Bool {
    var product = 1
    for size in sizes {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      guard !overflow, next <= largestCount else { return false }
      product = next
    }
    return true
  }

  /// The output shape of every layer, for samples of the given shape.
  ///
  /// - Throws: `ArchitectureError` with the layer's index, name and sizes, if a layer's numbers are
  ///   out of range or it does not fit its input.
  package func outputShapes(for input: FeatureShape) throws(ArchitectureError) -> [FeatureShape] {
    guard Self.isWithinLimit([input.channels, input.height, input.width]) else {
      throw .wrongInput(
        expected: "at most \(Self.largestCount) numbers in a sample", found: "\(input)")
    }
    guard layers.count <= Self.mostLayers else {
      throw .tooManyLayers(limit: Self.mostLayers, found: layers.count)
    }
    var shapes: [FeatureShape] = []
    var shape = input
    for (index, layer) in layers.enumerated() {
      do {
        try layer.validate()
        shape = try layer.outputShape(for: shape)
      } catch {
        throw ArchitectureError(error, layer, at: index, input: shape)
      }
      shapes.append(shape)
    }
    return shapes
  }

  /// The shape of the network's output, which must be a vector: a number a class.
  package func outputShape(for input: FeatureShape) throws(ArchitectureError) -> FeatureShape {
    let shapes = try outputShapes(for: input)
    guard let last = shapes.last else {
      throw .wrongOutput(expected: "at least one layer", found: "none")
    }
    try checkInputGradients([input] + shapes)
    guard last.isFlat else {
      throw .wrongOutput(
        expected: "a vector with a number a class (flatten and dense give one)",
        found: "a map of \(last)")
    }
    return last
  }

  /// A plan keeps every part of a convolution's input gradient. The first layer with weights needs none.
  ///
  /// - Parameter shapes: what lies before, between and after the layers.
  private func checkInputGradients(_ shapes: [FeatureShape]) throws(ArchitectureError) {
    var parts = 0
    var isFirst = true
    for (index, layer) in layers.enumerated() {
      let input = shapes[index]
      if !isFirst { parts += layer.inputGradientParts(for: input) }
      if layer.cost(for: input, output: shapes[index + 1]).weights > 0 { isFirst = false }
      guard parts <= Self.mostInputGradientParts else {
        throw ArchitectureError(
          .doesNotFit(
            problem:
              "expected at most \(Self.mostInputGradientParts) positions in strides over all "
              + "layers, found \(parts)"), layer, at: index, input: input)
      }
    }
  }

  /// The cost of every layer, in training; the first layer with weights needs no input gradient.
  package func costs(for input: FeatureShape) throws(ArchitectureError) -> [TrainingCost] {
    var shape = input
    var isFirst = true
    var costs: [TrainingCost] = []
    for (layer, output) in zip(layers, try outputShapes(for: input)) {
      let cost = layer.cost(for: shape, output: output)
      costs.append(
        TrainingCost(
          output: output, parameters: cost.parameters,
          operations: 2 * cost.multiplyAdds * (isFirst ? 2 : 3)))
      if cost.weights > 0 { isFirst = false }
      shape = output
    }
    return costs
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

/// What a layer costs in training: parameters to learn, and arithmetic for a sample.
package struct TrainingCost: Sendable, Equatable {
  package let output: FeatureShape
  package let parameters: Int
  /// Floating-point operations of convolutions and dense layers, a multiply-add as two: forward,
  /// for the gradient of the weights, and for the gradient of the input where one is wanted.
  package let operations: Int
}
