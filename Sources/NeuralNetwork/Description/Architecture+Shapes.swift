extension Architecture {
  /// A layer may have this many inputs, outputs or weights at the most: products of sizes then stay
  /// far from overflow, and memory within reach.
  static let largestCount = 1 << 31
  /// A network may have this many layers at the most, so that sums over them stay as far.
  package static let mostLayers = 4_096
  /// Positions of all strides that an input gradient tells apart, in the whole network.
  static let mostResidues = 1 << 16

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
      try layer.validate(at: index)
      shape = try layer.outputShape(for: shape, at: index)
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
    try checkResidues([input] + shapes)
    guard last.isFlat else {
      throw .wrongOutput(
        expected: "a vector with a number a class (flatten and dense give one)",
        found: "a map of \(last)")
    }
    return last
  }

  /// Every residue of a stride, by row and by column, makes a part of a convolution's input gradient,
  /// and a plan keeps all of them. The first layer with weights needs none.
  ///
  /// - Parameter shapes: what lies before, between and after the layers.
  private func checkResidues(_ shapes: [FeatureShape]) throws(ArchitectureError) {
    var residues = 0
    let first = layers.firstIndex { $0.type == .convolution || $0.type == .dense }
    for (index, layer) in layers.enumerated() where index != first {
      guard
        case .convolution(let filters, let kernelSize, let stride, let padding, let hasBias) = layer
      else { continue }
      let size = ConvolutionSize(
        filters: filters, kernelSize: kernelSize, stride: stride, padding: padding,
        hasBias: hasBias)
      let input = shapes[index]
      residues += size.residues(size: input.height).count * size.residues(size: input.width).count
      guard residues <= Self.mostResidues else {
        throw .doesNotFit(
          index: index, layer: layer.type.rawValue, input: "\(input)",
          problem: "expected at most \(Self.mostResidues) positions in strides over all layers, "
            + "found \(residues)")
      }
    }
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
