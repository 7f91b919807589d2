import ConvoyReference
import ConvoyTestSupport
import Testing

@Suite("The gradient check itself")
struct GradientCheckTests {
  /// x² with a derivative that may be wrong by a factor, or missing.
  struct Square: ReferenceLayer {
    let factor: Double

    func forward(_ input: ReferenceTensor<Double>) -> ReferenceTensor<Double> {
      ReferenceTensor(shape: input.shape, values: input.values.map { $0 * $0 })
    }

    func backward(
      input: ReferenceTensor<Double>, output: ReferenceTensor<Double>,
      outputGradient: ReferenceTensor<Double>
    ) -> ReferenceGradients<Double> {
      let gradient = zip(input.values, outputGradient.values).map { 2 * $0 * $1 * factor }
      return ReferenceGradients(input: ReferenceTensor(shape: input.shape, values: gradient))
    }
  }

  static func worst(factor: Double) -> Double {
    var generator = SeededGenerator(seed: 1)
    let input = generator.spacedTensor(shape(1, 3, 5))
    return GradientCheck(Square(factor: factor), input: input, generator: &generator).worst
  }

  @Test("accepts a right gradient and notices one that is wrong in the sixth digit or missing")
  func notices() {
    #expect(Self.worst(factor: 1) <= 1)
    #expect(Self.worst(factor: 1.000001) > 1)
    #expect(Self.worst(factor: 0) > 1)
    #expect(Self.worst(factor: .nan) > 1)
  }

  @Test("notices a gradient of the wrong length")
  func wrongLength() {
    var check = GradientCheck()
    check.compare([1], at: [1, 2], size: 1, name: "input") { $0[0] }
    #expect(check.worst > 1)
  }
}
