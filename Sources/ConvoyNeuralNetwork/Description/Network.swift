/// A network as the user describes it: layers in order, independent of how they are executed.
///
/// ```swift
/// let network = Network {
///   Convolution(filters: 16, kernelSize: 3, padding: .same)
///   ReLU()
///   MaxPooling(2)
///   Flatten()
///   Dense(10)
/// }
/// ```
///
/// Layers are checked when the network meets its data, in `summary(input:)` or `Training`; the last
/// one gives a number for each class.
public struct Network: Sendable, Equatable {
  package var layers: [any Layer]

  package init(_ layers: [any Layer]) { self.layers = layers }

  /// A network of layers and blocks, in order. It takes `if`, `for` and arrays.
  public init(@BlockBuilder _ layers: () -> Network) { self = layers() }

  public static func == (one: Network, other: Network) -> Bool {
    one.layers.count == other.layers.count
      && zip(one.layers, other.layers).allSatisfy { $0.isEqual(to: $1) }
  }

  /// The layers without identities at the end.
  var withoutLastIdentities: [any Layer] {
    Array(layers[..<(1 + (layers.lastIndex { !($0 is Identity) } ?? -1))])
  }

  /// Whether its outputs are those of a softmax.
  package var endsInSoftmax: Bool { withoutLastIdentities.last is Softmax }

  /// The architecture with every dropout layer set to `rate`. Without any, one is inserted before
  /// the last dense layer. Nil if there is no dense layer either.
  package func withDropout(rate: Float) -> Network? {
    if count(of: Dropout.self) > 0 {
      return replacingLayers { $0 is Dropout ? [Dropout(rate: rate)] : [$0] }
    }
    var rest = count(of: Dense.self)
    guard rest > 0 else { return nil }
    return replacingLayers { layer in
      guard layer is Dense else { return [layer] }
      rest -= 1
      return rest == 0 ? [Dropout(rate: rate), layer] : [layer]
    }
  }

  /// The network with the first layers' parameters kept as they are, and those of all others trained:
  /// for a network that is trained on from weights of its own.
  ///
  /// - Parameter count: how many layers keep their parameters, by the numbers that `summary` prints;
  ///   from 0 to all.
  public func freezing(first count: Int) -> Network {
    precondition((0...layers.count).contains(count), "The network has that many layers.")
    return Network(
      layers.enumerated().map { place, layer in layer.withParameters(trained: place >= count) })
  }

  /// The network with another number of outputs: of its last layer, if that is a dense one, perhaps
  /// before a softmax or a scale. Any other network stays as it is.
  ///
  /// - Parameter count: one for each class.
  public func withOutputs(_ count: Int) -> Network {
    guard let place = layers.lastIndex(where: { !($0 is Softmax || $0 is Scale) }),
      let dense = layers[place] as? Dense
    else { return self }
    var network = self
    network.layers[place] = Dense(
      count, bias: dense.hasBias, isTrainable: dense.isTrainable,
      initialization: dense.initialization)
    return network
  }

  /// The architecture with each layer replaced by others, including those inside composites.
  private func replacingLayers(_ replace: (any Layer) -> [any Layer]) -> Network {
    func replaced(_ layer: any Layer) -> [any Layer] {
      layer.branches.isEmpty
        ? replace(layer) : [layer.replacingBranches { $0.layers.flatMap(replaced) }]
    }
    return Network(layers.flatMap(replaced))
  }

  private func count<Kind: Layer>(of kind: Kind.Type) -> Int {
    var count = 0
    _ = replacingLayers { layer in
      if layer is Kind { count += 1 }
      return [layer]
    }
    return count
  }
}
