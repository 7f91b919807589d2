import ConvoyReference
import ConvoyTestSupport
import Testing

@Suite("Batch normalisation")
struct BatchNormalizationTests {
  /// Channel 0 of the batch has the values 1, 2, 3, 6: mean 3, variance 3.5.
  @Test("a worked example")
  func workedExample() {
    let layer = ReferenceBatchNormalization(weights: [2, 1], biases: [0.5, 0], epsilon: 0.5)
    let outputs = layer.forward(batch: [
      ReferenceTensor(shape: shape(2, 1, 2), values: [1, 2, 5, 5]),
      ReferenceTensor(shape: shape(2, 1, 2), values: [3, 6, 5, 5]),
    ])
    #expect(outputs.map(\.values) == [[-1.5, -0.5, 0, 0], [0.5, 3.5, 0, 0]])
  }

  @Test(
    "samples that are normalised together have statistics of their own, the last with fewer samples"
  )
  func ghosts() {
    var generator = SeededGenerator(seed: 5)
    let inputs = (0..<5).map { _ in generator.spacedTensor(shape(2, 2, 3)) }
    func outputs(_ together: Int?, _ samples: Range<Int>) -> [ReferenceTensor<Double>] {
      ReferenceBatchNormalization(
        weights: [1, 2], biases: [3, 4], epsilon: 0.01, samples: together
      ).forward(batch: Array(inputs[samples]))
    }
    #expect(
      outputs(2, 0..<5) == outputs(nil, 0..<2) + outputs(nil, 2..<4) + outputs(nil, 4..<5))
    #expect(outputs(5, 0..<5) == outputs(nil, 0..<5))
    #expect(outputs(2, 0..<5) != outputs(nil, 0..<5))
  }

  /// Derivatives of the third order are some ten times those of other layers, where values are divided by
  /// deviations of about a half.
  @Test("gradients agree with finite differences", arguments: [nil, 1, 2, 3], [0, 0.1])
  func gradients(samples: Int?, epsilon: Double) {
    var generator = SeededGenerator(seed: 6)
    let inputs = (0..<5).map { _ in generator.spacedTensor(shape(3, 2, 3)) }
    let layer = ReferenceBatchNormalization(
      weights: generator.spacedValues(count: 3), biases: generator.spacedValues(count: 3),
      epsilon: epsilon, samples: samples)
    let check = GradientCheck(layer, batch: inputs, scale: 100, generator: &generator)
    #expect(check.worst <= 1, "seed 6, \(check.place)")
  }
}
