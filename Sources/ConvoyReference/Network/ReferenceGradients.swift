/// The result of a layer's backward pass: the derivatives of the loss with respect to the layer's
/// input and parameters.
public struct ReferenceGradients<Scalar: ReferenceScalar>: Sendable {
  /// The gradients of the layer's inputs, one per sample, in their shape.
  public let inputs: [ReferenceTensor<Scalar>]

  /// The gradient of the layer's weights, in their layout; empty if it has none.
  public let weights: [Scalar]

  /// The gradient of the layer's biases; empty if it has none.
  public let biases: [Scalar]

  /// The sizes of the sums that the gradients of weights and biases are: the absolute values of the
  /// samples' gradients added up. Rounding is relative to these, even where a sum cancels.
  package let weightMagnitudes: [Scalar]
  package let biasMagnitudes: [Scalar]

  /// For a composite, the gradients of its inner layers, which ``weights`` holds concatenated.
  public let inner: [ReferenceGradients<Scalar>]

  /// The gradients of a batch.
  public init(
    inputs: [ReferenceTensor<Scalar>], weights: [Scalar] = [], biases: [Scalar] = [],
    inner: [ReferenceGradients<Scalar>] = []
  ) {
    self.init(
      inputs: inputs, weights: weights, biases: biases,
      weightMagnitudes: Self.magnitudes(of: weights), biasMagnitudes: Self.magnitudes(of: biases),
      inner: inner)
  }

  private init(
    inputs: [ReferenceTensor<Scalar>], weights: [Scalar], biases: [Scalar],
    weightMagnitudes: [Scalar], biasMagnitudes: [Scalar], inner: [ReferenceGradients<Scalar>]
  ) {
    self.inputs = inputs
    self.weights = weights
    self.biases = biases
    self.weightMagnitudes = weightMagnitudes
    self.biasMagnitudes = biasMagnitudes
    self.inner = inner
  }

  /// The gradients of a single sample.
  public init(
    input: ReferenceTensor<Scalar>, weights: [Scalar] = [], biases: [Scalar] = [],
    inner: [ReferenceGradients<Scalar>] = []
  ) {
    self.init(inputs: [input], weights: weights, biases: biases, inner: inner)
  }

  /// The gradient of the input of a single sample.
  public var input: ReferenceTensor<Scalar> { inputs[0] }

  /// The gradients of more samples: the inputs one after another, the parameters added.
  func adding(_ other: ReferenceGradients<Scalar>) -> ReferenceGradients<Scalar> {
    ReferenceGradients(
      inputs: inputs + other.inputs, weights: Self.sum(weights, other.weights),
      biases: Self.sum(biases, other.biases),
      weightMagnitudes: Self.sum(weightMagnitudes, other.weightMagnitudes),
      biasMagnitudes: Self.sum(biasMagnitudes, other.biasMagnitudes),
      inner: zip(inner, other.inner).map { $0.adding($1) })
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private static func sum(_ one: [Scalar], _ other: [Scalar]) -> [Scalar] {
    precondition(one.count == other.count, "gradients of one layer are of one length")
    return one.indices.map { one[$0] + other[$0] }
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private static func magnitudes(of values: [Scalar]) -> [Scalar] { values.map { abs($0) } }
}

/// The result of a network's backward pass for a batch.
public struct ReferenceNetworkGradients<Scalar: ReferenceScalar>: Sendable {
  /// The loss of each sample; the gradients are derivatives of the mean.
  public let losses: [Scalar]

  /// The outputs of the last layer, one per sample.
  public let logits: [ReferenceTensor<Scalar>]

  /// The gradients of each layer, first layer first.
  public let layers: [ReferenceGradients<Scalar>]

  /// The gradients of the network's inputs, in their shape.
  public let inputs: [ReferenceTensor<Scalar>]

  /// The gradients of all weights and biases, in the order of ``ReferenceNetwork/parameters``.
  public var parameters: [Scalar] { layers.flatMap { $0.weights + $0.biases } }
}
