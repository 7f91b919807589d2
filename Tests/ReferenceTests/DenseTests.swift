import ConvoyReference
import ConvoyTestSupport
import Testing

@Suite("Dense and flatten")
struct DenseTests {
  @Test("the outputs are weighted sums plus the bias")
  func workedExample() {
    let dense = ReferenceDense<Double>(
      inputFeatures: 3, units: 2, weights: [1, 2, 3, 4, 5, 6], biases: [10, 20])
    #expect(dense.forward(ReferenceTensor(vector: [1, 0, -1])).values == [8, 18])
  }

  @Test("gradients agree with finite differences", arguments: [(1, 1), (7, 3), (3, 10), (17, 1)])
  func gradients(inputFeatures: Int, units: Int) {
    let seed = UInt64(inputFeatures)
    var generator = SeededGenerator(seed: seed)
    let dense = ReferenceDense(
      inputFeatures: inputFeatures, units: units,
      weights: generator.spacedValues(count: inputFeatures * units),
      biases: generator.spacedValues(count: units))
    let input = generator.spacedTensor(ReferenceShape(features: inputFeatures))
    let check = GradientCheck(dense, input: input, generator: &generator)
    #expect(check.worst <= 1, "seed \(seed), \(check.place)")
  }

  @Test("without biases, there are none and none are learned")
  func noBiases() {
    let dense = ReferenceDense<Double>(
      inputFeatures: 3, units: 2, weights: [1, 2, 3, 4, 5, 6], biases: [])
    let input = ReferenceTensor(vector: [1.0, 0, -1])
    let output = dense.forward(input)
    #expect(output.values == [-2, -2])
    let gradients = dense.backward(input: input, output: output, outputGradient: output)
    #expect(gradients.biases.isEmpty)
    #expect(gradients.weights == [-2, 0, 2, -2, 0, 2])
  }

  @Test("flatten keeps the order, and its gradient takes the shape back")
  func flatten() {
    var generator = SeededGenerator(seed: 5)
    let input = generator.spacedTensor(shape(3, 2, 5))
    let flatten = ReferenceFlatten<Double>()
    let output = flatten.forward(input)
    #expect(output == ReferenceTensor(vector: input.values))
    let gradients = flatten.backward(input: input, output: output, outputGradient: output)
    #expect(gradients.input == input)
  }
}
