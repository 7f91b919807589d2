extension Architecture {
  /// The architecture with every dropout layer at `rate`; where there is none, with one in front of
  /// the last dense layer. Nil if there is no such place.
  package func withDropout(rate: Float) -> Architecture? {
    var layers = layers
    if layers.contains(where: { $0.type == .dropout }) {
      layers = layers.map { $0.type == .dropout ? .dropout(rate: rate) : $0 }
    } else {
      guard let last = layers.lastIndex(where: { $0.type == .dense }) else { return nil }
      layers.insert(.dropout(rate: rate), at: last)
    }
    return Architecture(layers)
  }
}
