extension Architecture {
  /// A layer may have this many inputs, outputs or weights at the most: products of sizes then stay
  /// far from overflow, and memory within reach.
  static let largestCount = 1 << 31

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
