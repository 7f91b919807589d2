/// One layer of a network: a function of its input and its parameters, and that function's
/// derivatives.
///
/// Most layers treat each sample alone, and are given as functions of one sample; one that looks at
/// the whole batch, as batch normalisation, gives the functions of a batch too.
///
/// A layer of your own needs `forward(_:)` and `backward(input:output:outputGradient:)`, and
/// ``weights`` or ``biases`` if it learns.
public protocol ReferenceLayer<Scalar>: Sendable {
  /// `Float`, or `Double` to check gradients.
  associatedtype Scalar: ReferenceScalar

  /// The type as architecture files have it, such as `convolution` or `maxPooling`.
  var name: String { get }

  /// The weights in PyTorch's layout; empty for a layer that learns none.
  var weights: [Scalar] { get set }

  /// The biases, one per output channel; empty for a layer without.
  var biases: [Scalar] { get set }

  /// The layer's output.
  func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar>

  /// The chain rule through this layer: from the derivative of the loss with respect to the output
  /// to those with respect to the input and the parameters.
  ///
  /// - Parameters:
  ///   - input: what the forward pass got.
  ///   - output: the result of `forward(input)`; some derivatives are simplest in terms of it.
  ///   - outputGradient: the derivative of the loss with respect to the output, in its shape.
  func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar>

  /// The outputs of a batch.
  func forward(batch inputs: [ReferenceTensor<Scalar>]) -> [ReferenceTensor<Scalar>]

  /// The chain rule for a batch: the gradients of parameters are sums over the samples.
  ///
  /// - Precondition: the batch has a sample.
  func backward(
    batch inputs: [ReferenceTensor<Scalar>],
    outputs: [ReferenceTensor<Scalar>],
    outputGradients: [ReferenceTensor<Scalar>]
  ) -> ReferenceGradients<Scalar>

  /// The layer with the random choices of one training step for a batch: dropout draws which values
  /// it keeps. Other layers stay as they are.
  func drawn(
    for inputs: [ReferenceTensor<Scalar>], using generator: inout some RandomNumberGenerator
  ) -> Self
}

extension ReferenceLayer {
  /// The name of the Swift type, for a layer that architecture files do not have.
  public var name: String { String(describing: Self.self) }

  public func forward(batch inputs: [ReferenceTensor<Scalar>]) -> [ReferenceTensor<Scalar>] {
    inputs.map(forward)
  }

  public func backward(
    batch inputs: [ReferenceTensor<Scalar>],
    outputs: [ReferenceTensor<Scalar>],
    outputGradients: [ReferenceTensor<Scalar>]
  ) -> ReferenceGradients<Scalar> {
    var sum: ReferenceGradients<Scalar>?
    for sample in inputs.indices {
      let gradients = backward(
        input: inputs[sample], output: outputs[sample], outputGradient: outputGradients[sample])
      sum = sum?.adding(gradients) ?? gradients
    }
    guard let sum else { preconditionFailure("a batch has a sample") }
    return sum
  }

  public func drawn(
    for inputs: [ReferenceTensor<Scalar>], using generator: inout some RandomNumberGenerator
  ) -> Self { self }

  public var weights: [Scalar] {
    get { [] }
    set { precondition(newValue.isEmpty, "this layer has no weights") }
  }

  public var biases: [Scalar] {
    get { [] }
    set { precondition(newValue.isEmpty, "this layer has no biases") }
  }
}
