/// The activation functions: what makes a network more than one linear map. The output has the input's shape.
///
/// All but softmax are elementwise:
///
///     relu       max(0, x)                   derivative 1 for x > 0, else 0 (also at 0)
///     relu6      min(max(0, x), 6)           derivative 1 for 0 < x < 6, else 0
///     leakyRelu  x for x > 0, else slope·x   derivative 1 for x > 0, else slope (also at 0)
///     elu        x for x > 0, else α (e^x − 1)  derivative 1 for x > 0, else y + α
///     sigmoid    1 / (1 + e^−x)              derivative y (1 − y), y the output
///     tanh       tanh x                      derivative 1 − y²
///     silu       x σ(x), σ the sigmoid       derivative σ(x) (1 + x (1 − σ(x)))
///     hardSwish  x min(max(x + 3, 0), 6) / 6 derivative 0 to −3, x / 3 + 1/2 between, 1 from 3
///     gelu       x Φ(x), Φ the cumulative    derivative Φ(x) + x φ(x), φ the density
///                normal distribution
///     scale      factor · x                  derivative factor
///     identity   x                           derivative 1
///
/// Sources: Nair and Hinton (2010) for relu, Krizhevsky (2010) for relu6, Maas, Hannun and Ng (2013)
/// for leakyRelu, Clevert, Unterthiner and Hochreiter (2016) for elu, Hendrycks and Gimpel (2016) for
/// gelu, Elfwing, Uchibe and Doya (2018) for silu, Howard et al. (2019) for hardSwish, Bridle (1990)
/// for softmax.
public enum ReferenceActivation<Scalar: ReferenceScalar>: ReferenceLayer {
  /// max(0, x).
  case relu

  /// min(max(0, x), 6).
  case relu6

  /// x for x > 0, else slope · x; 0.01 in architecture files.
  case leakyRelu(slope: Scalar)

  /// 1 / (1 + e^−x).
  case sigmoid

  /// The hyperbolic tangent.
  case tanh

  /// x / (1 + e^−x).
  case silu

  /// x min(max(x + 3, 0), 6) / 6.
  case hardSwish

  /// x for x > 0, else alpha (e^x − 1); 1 in architecture files.
  case elu(alpha: Scalar)

  /// x times the share of the normal distribution below x.
  case gelu

  /// factor · x.
  case scale(factor: Scalar)

  /// x.
  case identity

  /// e^x[c] over the sum of all channels' e^x, at each place of the plane or over a vector.
  case softmax

  public var name: String {
    switch self {
    case .relu: "relu"
    case .relu6: "relu6"
    case .leakyRelu: "leakyRelu"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    case .silu: "silu"
    case .hardSwish: "hardSwish"
    case .elu: "elu"
    case .gelu: "gelu"
    case .scale: "scale"
    case .identity: "identity"
    case .softmax: "softmax"
    }
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    if case .softmax = self {
      return softmaxForward(input)
    }
    return ReferenceTensor(shape: input.shape, values: input.values.map(value))
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    precondition(outputGradient.shape == output.shape, "the gradient has the output's shape")
    if case .softmax = self {
      return ReferenceGradients(
        input: softmaxBackward(output: output, outputGradient: outputGradient))
    }
    var inputGradient = outputGradient
    for index in inputGradient.values.indices {
      inputGradient.values[index] *= derivative(
        input: input.values[index], output: output.values[index])
    }
    return ReferenceGradients(input: inputGradient)
  }

  private func value(_ input: Scalar) -> Scalar {
    switch self {
    case .relu: input > 0 ? input : 0
    case .relu6: min(max(input, 0), 6)
    case .leakyRelu(let slope): input > 0 ? input : slope * input
    case .sigmoid: 1 / (1 + Scalar.exponential(-input))
    case .tanh: Scalar.hyperbolicTangent(input)
    case .silu: input / (1 + Scalar.exponential(-input))
    case .hardSwish: input * min(max(input + 3, 0), 6) / 6
    case .elu(let alpha): input > 0 ? input : alpha * Scalar.exponentialMinusOne(input)
    case .gelu: input * normalDistribution(input)
    case .scale(let factor): factor * input
    case .identity: input
    case .softmax: preconditionFailure("softmax is not a function of one value")
    }
  }

  private func derivative(input: Scalar, output: Scalar) -> Scalar {
    switch self {
    case .relu: input > 0 ? 1 : 0
    case .relu6: input > 0 && input < 6 ? 1 : 0
    case .leakyRelu(let slope): input > 0 ? 1 : slope
    case .sigmoid: output * (1 - output)
    case .tanh: 1 - output * output
    case .silu: siluDerivative(input)
    case .elu(let alpha): input > 0 ? 1 : output + alpha
    case .gelu: geluDerivative(input)
    case .scale(let factor): factor
    case .hardSwish: input <= -3 ? 0 : input < 3 ? input / 3 + 0.5 : 1
    case .identity: 1
    case .softmax: preconditionFailure("softmax is not a function of one value")
    }
  }

  private func normalDistribution(_ input: Scalar) -> Scalar {
    (1 + Scalar.errorFunction(input / Scalar(2).squareRoot())) / 2
  }

  private func geluDerivative(_ input: Scalar) -> Scalar {
    let density = Scalar.exponential(-input * input / 2) / (2 * Scalar.pi).squareRoot()
    return normalDistribution(input) + input * density
  }

  private func siluDerivative(_ input: Scalar) -> Scalar {
    let sigmoid = 1 / (1 + Scalar.exponential(-input))
    return sigmoid * (1 + input * (1 - sigmoid))
  }
}
