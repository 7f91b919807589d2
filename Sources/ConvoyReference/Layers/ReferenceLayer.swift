/// One layer of a network: a function of its input and its parameters, and that function's
/// derivatives. Most layers treat each sample alone, and are given as functions of one sample; one
/// that looks at the whole batch gives the functions of a batch too.
package protocol ReferenceLayer<Scalar>: Sendable {
  associatedtype Scalar: ReferenceScalar

  /// The weights in PyTorch's layout; empty for a layer that learns nothing.
  var weights: [Scalar] { get set }

  /// The biases, one per output channel; empty for a layer without parameters.
  var biases: [Scalar] { get set }

  /// The layer's output.
  func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar>

  /// The chain rule through this layer: from the derivative of the loss with respect to the output
  /// to those with respect to the input and the parameters.
  ///
  /// `output` is the result of `forward(input)`; some derivatives are simplest in terms of it.
  func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar>

  /// The outputs of a batch.
  func forward(batch inputs: [ReferenceTensor<Scalar>]) -> [ReferenceTensor<Scalar>]

  /// The chain rule for a batch: the gradients of parameters are sums over the samples.
  func backward(
    batch inputs: [ReferenceTensor<Scalar>],
    outputs: [ReferenceTensor<Scalar>],
    outputGradients: [ReferenceTensor<Scalar>]
  ) -> ReferenceGradients<Scalar>
}

extension ReferenceLayer {
  package func forward(batch inputs: [ReferenceTensor<Scalar>]) -> [ReferenceTensor<Scalar>] {
    inputs.map(forward)
  }

  package func backward(
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

  package var weights: [Scalar] {
    get { [] }
    set { precondition(newValue.isEmpty, "this layer has no weights") }
  }

  package var biases: [Scalar] {
    get { [] }
    set { precondition(newValue.isEmpty, "this layer has no biases") }
  }
}
