/// A network as the user describes it: layers in order. Knows nothing of how it is run.
package struct Architecture: Sendable, Equatable {
  package var layers: [any Layer]

  package init(_ layers: [any Layer]) { self.layers = layers }

  package static func == (one: Architecture, other: Architecture) -> Bool {
    one.layers.count == other.layers.count
      && zip(one.layers, other.layers).allSatisfy { $0.isEqual(to: $1) }
  }

  /// The architecture with every dropout layer at `rate`; where there is none, with one in front of
  /// the last dense layer. Nil if there is no such place.
  package func withDropout(rate: Float) -> Architecture? {
    var isFound = false
    func replaced(_ layer: any Layer) -> any Layer {
      guard layer is Dropout else { return layer.replacingInner(replaced) }
      isFound = true
      return Dropout(rate: rate)
    }
    var layers = layers.map(replaced)
    if !isFound {
      guard let last = layers.lastIndex(where: { $0 is Dense }) else { return nil }
      layers.insert(Dropout(rate: rate), at: last)
    }
    return Architecture(layers)
  }
}
