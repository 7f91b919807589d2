/// The result of a layer's backward pass: the derivatives of the loss with respect to the layer's
/// input and parameters.
package struct ReferenceGradients<Scalar: ReferenceScalar>: Sendable {
  /// The gradient of the layer's input, in its shape.
  package let input: ReferenceTensor<Scalar>

  /// The gradient of the layer's weights, in their layout; empty if it has none.
  package let weights: [Scalar]

  /// The gradient of the layer's biases; empty if it has none.
  package let biases: [Scalar]

  /// For a composite, the gradients of its inner layers, which `weights` holds concatenated.
  package let inner: [ReferenceGradients<Scalar>]

  package init(
    input: ReferenceTensor<Scalar>, weights: [Scalar] = [], biases: [Scalar] = [],
    inner: [ReferenceGradients<Scalar>] = []
  ) {
    self.input = input
    self.weights = weights
    self.biases = biases
    self.inner = inner
  }
}

/// The result of a network's backward pass for one sample.
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
