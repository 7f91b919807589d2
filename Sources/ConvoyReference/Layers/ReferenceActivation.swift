/// The activation functions. The output has the input's shape.
///
/// All but softmax are elementwise:
///
///     relu       max(0, x)                   derivative 1 for x > 0, else 0 (also at 0)
///     leakyRelu  x for x > 0, else slope·x   derivative 1 for x > 0, else slope (also at 0)
///     elu        x for x > 0, else α (e^x − 1)  derivative 1 for x > 0, else y + α
///     sigmoid    1 / (1 + e^−x)              derivative y (1 − y), y the output
///     tanh       tanh x                      derivative 1 − y²
///     silu       x σ(x), σ the sigmoid       derivative σ(x) (1 + x (1 − σ(x)))
///     hardSwish  x min(max(x + 3, 0), 6) / 6 derivative 0 to −3, x / 3 + 1/2 between, 1 from 3
///     gelu       x Φ(x), Φ the cumulative    derivative Φ(x) + x φ(x), φ the density
///                normal distribution
///     scaled     factor · x                  derivative factor
///     identity   x                           derivative 1
///
/// Sources: Nair and Hinton (2010) for relu, Maas, Hannun and Ng (2013) for leakyRelu, Clevert,
/// Unterthiner and Hochreiter (2016) for elu, Hendrycks and Gimpel (2016) for gelu, Elfwing,
/// Uchibe and Doya (2018) for silu, Howard et al. (2019) for hardSwish, Bridle (1990) for softmax.
package enum ReferenceActivation<Scalar: ReferenceScalar>: ReferenceLayer {
  case relu
  case leakyRelu(slope: Scalar)
  case sigmoid
  case tanh
  case silu
  case hardSwish
  case elu(alpha: Scalar)
  case gelu
  case scaled(by: Scalar)
  case identity

  /// Over the channels of each pixel, or all features of a vector.
  case softmax

  package func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    if case .softmax = self {
      return softmaxForward(input)
    }
    return ReferenceTensor(shape: input.shape, values: input.values.map(value))
  }

  package func backward(
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
    case .leakyRelu(let slope): input > 0 ? input : slope * input
    case .sigmoid: 1 / (1 + Scalar.exponential(-input))
    case .tanh: Scalar.hyperbolicTangent(input)
    case .silu: input / (1 + Scalar.exponential(-input))
    case .hardSwish: input * min(max(input + 3, 0), 6) / 6
    case .elu(let alpha): input > 0 ? input : alpha * Scalar.exponentialMinusOne(input)
    case .gelu: input * normalDistribution(input)
    case .scaled(let factor): factor * input
    case .identity: input
    case .softmax: preconditionFailure("softmax is not a function of one value")
    }
  }

  private func derivative(input: Scalar, output: Scalar) -> Scalar {
    switch self {
    case .relu: input > 0 ? 1 : 0
    case .leakyRelu(let slope): input > 0 ? 1 : slope
    case .sigmoid: output * (1 - output)
    case .tanh: 1 - output * output
    case .silu: siluDerivative(input)
    case .elu(let alpha): input > 0 ? 1 : output + alpha
    case .gelu: geluDerivative(input)
    case .scaled(let factor): factor
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
