/// What lies between two stages: the values that one hands to the next, and the gradients that come
/// back.
package struct Interface: Sendable {
  package let values: FeatureMap
  package let gradients: FeatureMap
  /// Whether the values and gradients of the whole batch are kept, because a dense layer's weight
  /// gradient is made from all of them; else just those of the shard at hand.
  package let isBatchWide: Bool
  /// Where values and gradients begin, in floats a sample: multiplied by the samples there is room
  /// for.
  let valuesPlace: Int
  let gradientsPlace: Int
}
