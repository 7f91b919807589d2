/// The result of a layer's backward pass: the derivatives of the loss with respect to the layer's
/// input and parameters.
package struct ReferenceGradients<Scalar: ReferenceScalar>: Sendable {
  /// The gradients of the layer's inputs, one per sample, in their shape.
  package let inputs: [ReferenceTensor<Scalar>]

  /// The gradient of the layer's weights, in their layout; empty if it has none.
  package let weights: [Scalar]

  /// The gradient of the layer's biases; empty if it has none.
  package let biases: [Scalar]

  /// The sizes of the sums that the gradients of weights and biases are: the absolute values of the
  /// samples' gradients added up. Rounding is relative to these, even where a sum cancels.
  package let weightMagnitudes: [Scalar]
  package let biasMagnitudes: [Scalar]

  /// For a composite, the gradients of its inner layers, which `weights` holds concatenated.
  package let inner: [ReferenceGradients<Scalar>]

  package init(
    inputs: [ReferenceTensor<Scalar>], weights: [Scalar] = [], biases: [Scalar] = [],
    weightMagnitudes: [Scalar]? = nil, biasMagnitudes: [Scalar]? = nil,
    inner: [ReferenceGradients<Scalar>] = []
  ) {
    self.inputs = inputs
    self.weights = weights
    self.biases = biases
    self.weightMagnitudes = weightMagnitudes ?? weights.map { abs($0) }
    self.biasMagnitudes = biasMagnitudes ?? biases.map { abs($0) }
    self.inner = inner
  }

  /// The gradients of a single sample.
  package init(
    input: ReferenceTensor<Scalar>, weights: [Scalar] = [], biases: [Scalar] = [],
    inner: [ReferenceGradients<Scalar>] = []
  ) {
    self.init(inputs: [input], weights: weights, biases: biases, inner: inner)
  }

  /// The gradient of the input of a single sample.
  package var input: ReferenceTensor<Scalar> { inputs[0] }

  /// The gradients of more samples: the inputs one after another, the parameters added.
  func adding(_ other: ReferenceGradients<Scalar>) -> ReferenceGradients<Scalar> {
    func sum(_ one: [Scalar], _ other: [Scalar]) -> [Scalar] { zip(one, other).map { $0 + $1 } }
    return ReferenceGradients(
      inputs: inputs + other.inputs, weights: sum(weights, other.weights),
      biases: sum(biases, other.biases),
      weightMagnitudes: sum(weightMagnitudes, other.weightMagnitudes),
      biasMagnitudes: sum(biasMagnitudes, other.biasMagnitudes),
      inner: zip(inner, other.inner).map { $0.adding($1) })
  }
}

/// The result of a network's backward pass for a batch.
package struct ReferenceNetworkGradients<Scalar: ReferenceScalar>: Sendable {
  /// Of each sample; the gradients are derivatives of the mean.
  package let losses: [Scalar]

  /// The gradients of each layer, first layer first.
  package let layers: [ReferenceGradients<Scalar>]

  /// The gradients of the network's inputs, in their shape.
  package let inputs: [ReferenceTensor<Scalar>]

  package init(
    losses: [Scalar], layers: [ReferenceGradients<Scalar>], inputs: [ReferenceTensor<Scalar>]
  ) {
    self.losses = losses
    self.layers = layers
    self.inputs = inputs
  }
}
