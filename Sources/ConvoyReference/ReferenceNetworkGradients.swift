/// What a network's backward pass gives for one sample.
package struct ReferenceNetworkGradients<Scalar: ReferenceScalar>: Sendable {
  /// The loss the gradients are the derivatives of.
  package let loss: Scalar

  /// The gradients of each layer, first layer first.
  package let layers: [ReferenceGradients<Scalar>]

  /// The gradient of the network's input, in its shape.
  package let input: ReferenceTensor<Scalar>

  package init(
    loss: Scalar, layers: [ReferenceGradients<Scalar>], input: ReferenceTensor<Scalar>
  ) {
    self.loss = loss
    self.layers = layers
    self.input = input
  }
}
