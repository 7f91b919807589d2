import ConvoyReference
import ConvoyTestSupport
import Testing

@Suite("Group normalisation")
struct GroupNormalizationTests {
  /// The first group has the values 1, 2, 3, 6: mean 3, variance 3.5; the second 5 alone.
  @Test("a worked example")
  func workedExample() {
    let layer = ReferenceGroupNormalization(
      weights: [2, 4, 1, 1], biases: [0.5, 0, 0, 7], groups: 2, epsilon: 0.5)
    let output = layer.forward(
      ReferenceTensor(shape: shape(4, 1, 2), values: [1, 2, 3, 6, 5, 5, 5, 5]))
    #expect(output.values == [-1.5, -0.5, 0, 6, 0, 0, 7, 7])
  }

  /// Derivatives of the third order are some ten times those of other layers, where values are divided by
  /// deviations of about a half.
  @Test("gradients agree with finite differences", arguments: [1, 2, 3, 6], [0, 0.1])
  func gradients(groups: Int, epsilon: Double) {
    var generator = SeededGenerator(seed: 7)
    let inputs = (0..<2).map { _ in generator.spacedTensor(shape(6, 2, 3)) }
    let layer = ReferenceGroupNormalization(
      weights: generator.spacedValues(count: 6), biases: generator.spacedValues(count: 6),
      groups: groups, epsilon: epsilon)
    let check = GradientCheck(layer, batch: inputs, scale: 100, generator: &generator)
    #expect(check.worst <= 1, "seed 7, \(check.place)")
  }
}
