/// Dropout with a mask that is given (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov,
/// 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting").
///
/// The inverted form: kept values are multiplied by 1 / (1 − rate), so that the expected output
/// equals the input and evaluation needs no scaling. The output has the input's shape:
///
///     output[i] = kept[i] ? input[i] / (1 − rate) : 0
package struct ReferenceDropout<Scalar: ReferenceScalar>: ReferenceLayer {
  /// The probability with which a value is dropped, at least 0 and below 1.
  package let rate: Scalar

  /// Whether each value of the input is kept, for each sample of the batch.
  package let kept: [[Bool]]

  package init(rate: Scalar, kept: [[Bool]]) {
    precondition(rate >= 0 && rate < 1, "a dropout rate is at least 0 and below 1")
    self.rate = rate
    self.kept = kept
  }

  package func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    masked(input, kept[0])
  }

  package func forward(batch inputs: [ReferenceTensor<Scalar>]) -> [ReferenceTensor<Scalar>] {
    zip(inputs, kept).map(masked)
  }

  /// The mask and the scale of the forward pass, applied to the gradient.
  package func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    ReferenceGradients(input: masked(outputGradient, kept[0]))
  }

  package func backward(
    batch inputs: [ReferenceTensor<Scalar>],
    outputs: [ReferenceTensor<Scalar>],
    outputGradients: [ReferenceTensor<Scalar>]
  ) -> ReferenceGradients<Scalar> {
    ReferenceGradients(inputs: zip(outputGradients, kept).map(masked))
  }

  private func masked(
    _ tensor: ReferenceTensor<Scalar>, _ kept: [Bool]
  ) -> ReferenceTensor<Scalar> {
    precondition(tensor.values.count == kept.count, "a dropout mask has one entry a value")
    let scale = 1 / (1 - rate)
    var result = tensor
    for index in result.values.indices {
      result.values[index] = kept[index] ? tensor.values[index] * scale : 0
    }
    return result
  }
}
