/// A dense layer: each output is a weighted sum of all inputs (Rosenblatt, 1958, "The Perceptron").
///
/// Input [I], weights [O][I], biases [O], output [O]:
///
///     output[o] = biases[o] + Σ_i weights[o][i] · input[i]
package struct ReferenceDense<Scalar: ReferenceScalar>: ReferenceLayer {
  package let inputFeatures: Int
  package let outputFeatures: Int

  /// The weights, [output][input].
  package var weights: [Scalar]

  package var biases: [Scalar]

  package init(inputFeatures: Int, outputFeatures: Int, weights: [Scalar], biases: [Scalar]) {
    precondition(
      weights.count == outputFeatures * inputFeatures,
      "a dense layer has one weight for each pair of an input and an output")
    precondition(biases.count == outputFeatures, "a dense layer has one bias an output")
    self.inputFeatures = inputFeatures
    self.outputFeatures = outputFeatures
    self.weights = weights
    self.biases = biases
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    precondition(
      input.shape == ReferenceShape(features: inputFeatures),
      "a dense layer takes a vector of the length expected")
    var output = biases
    for unit in 0..<outputFeatures {
      for feature in 0..<inputFeatures {
        output[unit] += weights[unit * inputFeatures + feature] * input.values[feature]
      }
    }
    return ReferenceTensor(vector: output)
  }

  /// With g the output's gradient: weights g[o] · input[i], biases g[o], input Σ_o g[o] · w[o][i].
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    precondition(
      outputGradient.shape == ReferenceShape(features: outputFeatures),
      "the gradient has the output's shape")
    var inputGradient = ReferenceTensor<Scalar>(zeros: input.shape)
    var weightGradient = Array(repeating: Scalar.zero, count: weights.count)
    for unit in 0..<outputFeatures {
      let gradient = outputGradient.values[unit]
      for feature in 0..<inputFeatures {
        let weight = unit * inputFeatures + feature
        weightGradient[weight] = gradient * input.values[feature]
        inputGradient.values[feature] += gradient * weights[weight]
      }
    }
    return ReferenceGradients(
      input: inputGradient, weights: weightGradient, biases: outputGradient.values)
  }
}
