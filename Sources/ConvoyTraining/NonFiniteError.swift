import ConvoyNeuralNetwork

/// Training made a number that is infinite or NaN, after which no other would be worth anything.
package struct NonFiniteError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Quantity: String, Sendable {
    case loss
    case gradient
  }

  package let epoch: Int
  /// Since training began, from 1.
  package let step: Int
  package let quantity: Quantity
  /// Where the fault began: the first layer whose values are not finite; or, where the loss is, the last
  /// whose gradient is not. By its place in the network: `3`, or inside a composite `3.layers.0`.
  package let layer: String
  package let layerSummary: String

  package var description: String {
    "epoch \(epoch), step \(step), layer \(layer) (\(layerSummary)): expected a finite "
      + "\(quantity.rawValue), found NaN or infinity"
  }
}
