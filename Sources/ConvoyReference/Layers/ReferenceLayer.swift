/// One layer of a network, for one sample: a function of its input and its parameters, and that
/// function's derivatives.
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
}

extension ReferenceLayer {
  package var weights: [Scalar] {
    get { [] }
    set { precondition(newValue.isEmpty, "this layer has no weights") }
  }

  package var biases: [Scalar] {
    get { [] }
    set { precondition(newValue.isEmpty, "this layer has no biases") }
  }
}
