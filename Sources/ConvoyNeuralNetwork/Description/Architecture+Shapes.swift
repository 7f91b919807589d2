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

  /// Every layer with its place and shapes, depth first: a composite comes before the layers inside it.
  ///
  /// - Throws: `ArchitectureError` with the layer's place, name and sizes, if a layer's numbers are
  ///   out of range or it does not fit its input.
  package func placedLayers(
    for input: FeatureShape
  ) throws(ArchitectureError) -> [PlacedLayer] {
    guard Self.isWithinLimit([input.channels, input.height, input.width]) else {
      throw .wrongInput(
        expected: "at most \(Self.largestCount) numbers in a sample", found: "\(input)")
    }
    var placed: [PlacedLayer] = []
    _ = try Self.place(
      layers, input: PlacedLayer.Input(shape: input, isLearned: false), prefix: "", into: &placed)
    return placed
  }

  /// - Parameter prefix: of the layers' places.
  /// - Returns: what the layers end in.
  private static func place(
    _ layers: [any Layer], input: PlacedLayer.Input, prefix: String,
    into placed: inout [PlacedLayer]
  ) throws(ArchitectureError) -> PlacedLayer.Input {
    var input = input
    for (index, layer) in layers.enumerated() {
      let place = prefix + "\(index)"
      let number = placed.count
      guard number < mostLayers else { throw .tooManyLayers(limit: mostLayers) }
      // The output is known when the branches are.
      placed.append(
        PlacedLayer(layer: layer, number: number, place: place, input: input, output: input.shape))
      var isLearned = input.isLearned
      do {
        try layer.validate()
      } catch {
        throw ArchitectureError(error, layer, at: place, input: input.shape)
      }
      var ends: [FeatureShape] = []
      for branch in layer.branches {
        let end = try Self.place(
          branch.layers, input: input, prefix: "\(place).\(branch.name).", into: &placed)
        ends.append(end.shape)
        isLearned = isLearned || end.isLearned
      }
      do {
        placed[number].output = try layer.outputShape(for: input.shape, branches: ends)
      } catch {
        throw ArchitectureError(error, layer, at: place, input: input.shape)
      }
      isLearned = isLearned || placed[number].cost.weights > 0
      input = PlacedLayer.Input(shape: placed[number].output, isLearned: isLearned)
    }
    return input
  }

  /// The shape of the network's output, which must be a vector: a number a class.
  package func outputShape(for input: FeatureShape) throws(ArchitectureError) -> FeatureShape {
    let placed = try placedLayers(for: input)
    guard let last = placed.last(where: { !$0.place.contains(".") })?.output else {
      throw .wrongOutput(expected: "at least one layer", found: "none")
    }
    try checkInputGradients(placed)
    guard last.isFlat else {
      throw .wrongOutput(
        expected: "a vector with a number a class (flatten and dense give one)",
        found: "a map of \(last)")
    }
    return last
  }

  /// A plan keeps every part of a convolution's input gradient.
  private func checkInputGradients(_ placed: [PlacedLayer]) throws(ArchitectureError) {
    var parts = 0
    for layer in placed where layer.input.isLearned {
      parts += layer.layer.inputGradientParts(for: layer.input.shape)
      guard parts <= Self.mostInputGradientParts else {
        throw ArchitectureError(
          .doesNotFit(
            problem:
              "expected at most \(Self.mostInputGradientParts) positions in strides over all "
              + "layers, found \(parts)"), layer.layer, at: layer.place, input: layer.input.shape)
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

/// A layer of a network, and what reaches it.
package struct PlacedLayer: Sendable {
  package let layer: any Layer
  /// Depth first, from 0: what dropout masks are keyed by.
  package let number: Int
  /// `3`, or inside a composite `3.layers.0`: what its tensors' names begin with.
  package let place: String
  package let input: Input
  package internal(set) var output: FeatureShape

  package struct Input: Sendable {
    package let shape: FeatureShape
    /// Whether anything before learns, and so wants the input's gradient.
    package let isLearned: Bool
  }

  var cost: LayerCost { layer.cost(for: input.shape, output: output) }
  /// Parameters to learn, without those of layers inside.
  package var parameters: Int { cost.parameters }

  /// Floating-point operations of convolutions and dense layers in training, for a sample, a multiply-add
  /// as two: forward, for the gradient of the weights, and for the gradient of the input where one is
  /// wanted.
  package var operations: Int { 2 * cost.multiplyAdds * (input.isLearned ? 3 : 2) }
}
