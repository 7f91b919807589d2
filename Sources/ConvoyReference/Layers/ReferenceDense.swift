/// A dense layer: each output is a weighted sum of all inputs (Rosenblatt, 1958, "The Perceptron").
///
/// Input [I], weights [O][I], biases [O] or none, output [O]:
///
///     output[o] = biases[o] + Σ_i weights[o][i] · input[i]
public struct ReferenceDense<Scalar: ReferenceScalar>: ReferenceLayer {
  /// The length of the input.
  public let inputFeatures: Int

  /// The length of the output.
  public let units: Int

  /// The weights, [output][input].
  public var weights: [Scalar]

  /// One per output; empty for a layer without biases.
  public var biases: [Scalar]

  public var name: String { "dense" }

  /// A layer with given weights.
  ///
  /// - Precondition: there is a weight for each pair of an input and an output, and a bias for each
  ///   output or none.
  public init(inputFeatures: Int, units: Int, weights: [Scalar], biases: [Scalar]) {
    precondition(
      weights.count == units * inputFeatures,
      "a dense layer has one weight for each pair of an input and an output")
    precondition(
      biases.isEmpty || biases.count == units, "a dense layer has one bias per output, or none")
    self.inputFeatures = inputFeatures
    self.units = units
    self.weights = weights
    self.biases = biases
  }

  /// A layer with random weights and biases of zero.
  ///
  /// - Parameters:
  ///   - inputFeatures: I.
  ///   - units: O.
  ///   - bias: whether there are biases.
  ///   - initialization: with fan-in I and fan-out O.
  ///   - distribution: of the weights.
  ///   - generator: draws the weights.
  public init(
    inputFeatures: Int, units: Int, bias: Bool = true,
    initialization: ReferenceInitialization = .xavier,
    distribution: ReferenceInitialization.Distribution = .uniform,
    using generator: inout some RandomNumberGenerator
  ) {
    self.init(
      inputFeatures: inputFeatures, units: units,
      weights: initialization.weights(
        count: units * inputFeatures, fanIn: inputFeatures, fanOut: units,
        distribution: distribution, using: &generator),
      biases: Array(repeating: 0, count: bias ? units : 0))
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    precondition(
      input.shape == ReferenceShape(features: inputFeatures),
      "a dense layer takes a vector of the length expected")
    var output = biases.isEmpty ? Array(repeating: 0, count: units) : biases
    for unit in 0..<units {
      for feature in 0..<inputFeatures {
        output[unit] += weights[unit * inputFeatures + feature] * input.values[feature]
      }
    }
    return ReferenceTensor(vector: output)
  }

  /// With g the output's gradient: weights g[o] · input[i], biases g[o], input Σ_o g[o] · w[o][i].
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    precondition(
      outputGradient.shape == ReferenceShape(features: units),
      "the gradient has the output's shape")
    var inputGradient = ReferenceTensor<Scalar>(zeros: input.shape)
    var weightGradient = Array(repeating: Scalar.zero, count: weights.count)
    for unit in 0..<units {
      let gradient = outputGradient.values[unit]
      for feature in 0..<inputFeatures {
        let weight = unit * inputFeatures + feature
        weightGradient[weight] = gradient * input.values[feature]
        inputGradient.values[feature] += gradient * weights[weight]
      }
    }
    return ReferenceGradients(
      input: inputGradient, weights: weightGradient,
      biases: biases.isEmpty ? [] : outputGradient.values)
  }
}
