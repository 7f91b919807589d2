/// A ReLU with learned slopes (He et al., 2015, "Delving Deep into Rectifiers").
///
///     output = input for input > 0, else weights[channel] · input
public struct ReferencePReLU<Scalar: ReferenceScalar>: ReferenceLayer {
  /// One per channel, or a single one for all.
  public var weights: [Scalar]

  public var name: String { "prelu" }

  /// - Parameter slopes: one per channel, or a single one for all; 0.25 at first in the paper.
  public init(slopes: [Scalar]) { weights = slopes }

  public func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    var output = input
    for (index, value) in input.values.enumerated() where value <= 0 {
      output.values[index] = weights[slope(at: index, of: input)] * value
    }
    return output
  }

  /// With g the output's gradient: weights Σ g · input over the inputs that are not above 0, where
  /// the derivative is the slope; elsewhere it is 1.
  public func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    var inputGradient = outputGradient
    var weightGradient = Array(repeating: Scalar.zero, count: weights.count)
    for (index, value) in input.values.enumerated() where value <= 0 {
      let slope = slope(at: index, of: input)
      weightGradient[slope] += outputGradient.values[index] * value
      inputGradient.values[index] *= weights[slope]
    }
    return ReferenceGradients(input: inputGradient, weights: weightGradient)
  }

  private func slope(at index: Int, of input: ReferenceTensor<Scalar>) -> Int {
    precondition(
      weights.count == 1 || weights.count == input.shape.channels, "a slope per channel, or one")
    return weights.count == 1 ? 0 : index / (input.shape.height * input.shape.width)
  }
}
