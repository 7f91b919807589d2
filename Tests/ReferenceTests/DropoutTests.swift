import ConvoyReference
import ConvoyTestSupport
import Testing

@Suite("Dropout")
struct DropoutTests {
  @Test("kept values grow by 1 / (1 − rate), the others are 0")
  func workedExample() {
    let dropout = ReferenceDropout<Double>(rate: 0.75, kept: [[true, false, true]])
    #expect(dropout.forward(ReferenceTensor(vector: [1, 2, -3])).values == [4, 0, -12])
  }

  @Test("gradients agree with finite differences", arguments: [0, 0.25, 0.5, 0.9])
  func gradients(rate: Double) {
    var generator = SeededGenerator(seed: 3)
    let kept = generator.spacedValues(count: 3 * 3 * 5).map { $0 > 2 * rate - 1 }
    let check = GradientCheck(
      ReferenceDropout(rate: rate, kept: [kept]), input: generator.spacedTensor(shape(3, 3, 5)),
      generator: &generator)
    #expect(check.worst <= 1, "seed 3, \(check.place)")
  }
}
