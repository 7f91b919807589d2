extension Network {
  /// The most inputs, outputs or weights that a layer may have. Products of sizes then stay far
  /// from overflow, and memory within reach.
  static let largestCount = 1 << 31
  /// The most layers that a network may have. Sums over layers then stay far from overflow too.
  package static let mostLayers = 4_096
  /// The most parts of input gradients, over all convolutions of the network; see
  /// `inputGradientParts`.
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

  /// Every layer with its place and shapes, depth first: a composite precedes the layers inside it.
  ///
  /// - Throws: `NetworkError` with the layer's place, name and sizes, if a layer's numbers are
  ///   out of range or it does not fit its input.
  package func placedLayers(
    for input: FeatureShape
  ) throws(NetworkError) -> [PlacedLayer] {
    guard input.channels >= 1, input.height >= 1, input.width >= 1 else {
      throw .wrongInput(expected: "at least one number in a sample", found: "\(input)")
    }
    guard Self.isWithinLimit([input.channels, input.height, input.width]) else {
      throw .wrongInput(
        expected: "at most \(Self.largestCount) numbers in a sample", found: "\(input)")
    }
    var placed: [PlacedLayer] = []
    _ = try Self.place(
      layers, input: PlacedLayer.Input(shape: input, isLearned: false, isTheNetworks: true),
      prefix: "", into: &placed)
    return placed
  }

  /// - Parameter prefix: precedes each layer's place.
  /// - Returns: the output of the last layer.
  private static func place(
    _ layers: [any Layer], input: PlacedLayer.Input, prefix: String,
    into placed: inout [PlacedLayer]
  ) throws(NetworkError) -> PlacedLayer.Input {
    var input = input
    for (index, layer) in layers.enumerated() {
      let place = prefix + "\(index)"
      let number = placed.count
      guard number < mostLayers else { throw .tooManyLayers(limit: mostLayers) }
      // A composite's output is known only after its branches.
      placed.append(
        PlacedLayer(layer: layer, number: number, place: place, input: input, output: input.shape))
      var isLearned = input.isLearned
      do {
        try layer.validate()
        try layer.validate(reading: input)
      } catch {
        throw NetworkError(error, layer, at: place, input: input.shape)
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
        throw NetworkError(error, layer, at: place, input: input.shape)
      }
      isLearned = isLearned || placed[number].trainedParameters > 0
      input = PlacedLayer.Input(
        shape: placed[number].output, isLearned: isLearned, isTheNetworks: false)
    }
    return input
  }

  /// The shape of the network's output, which must be a vector with one number per class.
  package func outputShape(for input: FeatureShape) throws(NetworkError) -> FeatureShape {
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

  /// Limits the parts of all input gradients, because a plan stores each of them.
  private func checkInputGradients(_ placed: [PlacedLayer]) throws(NetworkError) {
    var parts = 0
    for layer in placed where layer.input.isLearned {
      parts += layer.layer.inputGradientParts(for: layer.input.shape)
      guard parts <= Self.mostInputGradientParts else {
        throw NetworkError(
          .doesNotFit(
            problem:
              "expected at most \(Self.mostInputGradientParts) positions in strides over all "
              + "layers, found \(parts)"), layer.layer, at: layer.place, input: layer.input.shape)
      }
    }
  }

  /// Checks that the network can take samples of the given shape.
  ///
  /// - Parameter source: the name of the architecture in errors, such as its file.
  package func validate(for input: FeatureShape, source: String) throws(NetworkError) {
    do {
      _ = try outputShape(for: input)
    } catch {
      throw .malformed(source: source, problem: error.description)
    }
  }
}

/// A layer of a network with its position and its input and output shapes.
package struct PlacedLayer: Sendable {
  package let layer: any Layer
  /// The layer's number, depth first from 0. Dropout masks are keyed by it.
  package let number: Int
  /// `3`, or inside a composite `3.layers.0`: the prefix of the layer's tensor names.
  package let place: String
  package let input: Input
  package internal(set) var output: FeatureShape

  package struct Input: Sendable {
    package let shape: FeatureShape
    /// Whether any earlier layer learns, so that the input's gradient is needed.
    package let isLearned: Bool
    /// Whether no layer is before it.
    package let isTheNetworks: Bool
  }

  var cost: LayerCost { layer.cost(for: input.shape, output: output) }
  /// Weights and biases, without those of the layers inside.
  package var parameters: Int { cost.parameters }
  /// Those that training changes.
  package var trainedParameters: Int { layer.isTrainable ? parameters : 0 }

  /// Floating-point operations of convolutions and dense layers per training sample, a multiply-add
  /// counted as two: for the forward pass, and the weight and input gradients where they are needed.
  package var operations: Int {
    2 * cost.multiplyAdds * (1 + (layer.isTrainable ? 1 : 0) + (input.isLearned ? 1 : 0))
  }
}
