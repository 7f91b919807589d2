/// Dropout (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, 2014, "Dropout: A Simple Way
/// to Prevent Neural Networks from Overfitting").
///
/// In a training step, each value is dropped with probability ``rate``. The inverted form: kept
/// values are divided by 1 − rate, so that the expected output equals the input and evaluation needs
/// no scaling. The output has the input's shape:
///
///     output[i] = kept[i] ? input[i] / (1 − rate) : 0
///
/// Outside of training steps, the output is the input.
public struct ReferenceDropout<Scalar: ReferenceScalar>: ReferenceLayer {
  /// The probability with which a value is dropped, at least 0 and below 1.
  public let rate: Scalar

  /// Whether each value of the input is kept, for each sample of the batch; nil outside of training
  /// steps, where nothing is dropped.
  public let kept: [[Bool]]?

  public var name: String { "dropout" }

  /// - Precondition: the rate is at least 0 and below 1.
  public init(rate: Scalar, kept: [[Bool]]? = nil) {
    precondition(rate >= 0 && rate < 1, "a dropout rate is at least 0 and below 1")
    self.rate = rate
    self.kept = kept
  }

  public func drawn(
    for inputs: [ReferenceTensor<Scalar>], using generator: inout some RandomNumberGenerator
  ) -> Self {
    let rate = Double(rate)
    return Self(
      rate: self.rate,
      kept: inputs.map { input in
        input.values.map { _ in Double.random(in: 0..<1, using: &generator) >= rate }
      })
  }

  public func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    masked([input])[0]
  }

  public func forward(batch inputs: [ReferenceTensor<Scalar>]) -> [ReferenceTensor<Scalar>] {
    masked(inputs)
  }

  /// The mask and the scale of the forward pass, applied to the gradient.
  public func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    ReferenceGradients(inputs: masked([outputGradient]))
  }

  public func backward(
    batch inputs: [ReferenceTensor<Scalar>],
    outputs: [ReferenceTensor<Scalar>],
    outputGradients: [ReferenceTensor<Scalar>]
  ) -> ReferenceGradients<Scalar> {
    ReferenceGradients(inputs: masked(outputGradients))
  }

  private func masked(_ tensors: [ReferenceTensor<Scalar>]) -> [ReferenceTensor<Scalar>] {
    guard let kept else { return tensors }
    precondition(tensors.count == kept.count, "dropout has a mask for each sample of the batch")
    let scale = 1 / (1 - rate)
    return zip(tensors, kept).map { tensor, kept in
      precondition(tensor.values.count == kept.count, "a dropout mask has one entry a value")
      var result = tensor
      for index in result.values.indices {
        result.values[index] = kept[index] ? tensor.values[index] * scale : 0
      }
      return result
    }
  }
}
