extension Network {
  /// A normalisation that is folded into an earlier layer.
  struct FoldedNormalization {
    let layer: BatchNormalization
    /// As `PlacedLayer.place`.
    let place: String
  }

  /// The architecture with identities in the places of those normalisations that can be folded into
  /// a convolution or dense layer before them, which then has biases. Nothing in it learns: a plan
  /// keeps no weights for gradients.
  ///
  /// A pooling may lie between: means follow a change of scale and shift, and so do maxima where no
  /// channel can change its sign.
  ///
  /// - Returns: also the normalisations, by the places of the layers that they are folded into.
  func foldingNormalizations() -> (Network, [String: FoldedNormalization]) {
    var folded: [String: FoldedNormalization] = [:]
    let layers = Self.folding(layers, prefix: "", into: &folded)
    return (Network(layers), folded)
  }

  private static func folding(
    _ layers: [any Layer], prefix: String, into folded: inout [String: FoldedNormalization]
  ) -> [any Layer] {
    var result = layers.enumerated().map { index, layer in
      layer.branches.isEmpty
        ? layer.withParameters(trained: false)
        : layer.replacingBranches {
          folding($0.layers, prefix: "\(prefix)\(index).\($0.name).", into: &folded)
        }
    }
    for index in layers.indices {
      guard let biased = layers[index].withParameters(trained: false).withBiases,
        let next = normalization(behind: index, in: layers)
      else { continue }
      result[index] = biased
      result[next.index] = Identity()
      folded["\(prefix)\(index)"] = FoldedNormalization(
        layer: next.layer, place: "\(prefix)\(next.index)")
    }
    return result
  }

  private static func normalization(
    behind index: Int, in layers: [any Layer]
  ) -> (index: Int, layer: BatchNormalization)? {
    let rest = layers[(index + 1)...].prefix(2)
    if let layer = rest.first as? BatchNormalization { return (index + 1, layer) }
    guard rest.count == 2, let layer = rest.last as? BatchNormalization else { return nil }
    return switch rest.first {
    case is MaxPooling where !layer.hasScale: (index + 2, layer)
    // Zeros of the padding would be shifted too.
    case let pooling as AveragePooling where pooling.padding == 0: (index + 2, layer)
    default: nil
    }
  }
}

extension Layer {
  /// The same layer with biases; nil if it sums no products.
  fileprivate var withBiases: (any Layer)? {
    switch self {
    case var layer as Convolution:
      layer.hasBias = true
      return layer
    case var layer as Dense:
      layer.hasBias = true
      return layer
    default: return nil
    }
  }
}
