import ConvoyReference
import ConvoyTestSupport
import Testing

@Suite("ReLU with learned slopes")
struct PReLUTests {
  @Test("a worked example")
  func workedExample() {
    let input = ReferenceTensor(shape: shape(2, 1, 2), values: [-1.0, 2, -4, 0])
    let ones = ReferenceTensor(shape: shape(2, 1, 2), values: [1.0, 1, 1, 1])
    let own = ReferencePReLU(slopes: [0.5, -0.25])
    #expect(own.forward(input).values == [-0.5, 2, 1, 0])
    let gradients = own.backward(input: input, output: own.forward(input), outputGradient: ones)
    #expect(gradients.input.values == [0.5, 1, -0.25, -0.25])
    #expect(gradients.weights == [-1, -4])
    let shared = ReferencePReLU(slopes: [0.5])
    #expect(shared.forward(input).values == [-0.5, 2, -2, 0])
    #expect(
      shared.backward(input: input, output: input, outputGradient: ones).weights == [-5])
  }

  @Test("gradients agree with finite differences", arguments: [1, 5])
  func gradients(slopes: Int) {
    var generator = SeededGenerator(seed: 8)
    let inputs = (0..<2).map { _ in generator.spacedTensor(shape(5, 2, 3)) }
    let layer = ReferencePReLU(slopes: generator.spacedValues(count: slopes))
    let check = GradientCheck(layer, batch: inputs, generator: &generator)
    #expect(check.worst <= 1, "seed 8, \(check.place)")
  }
}
