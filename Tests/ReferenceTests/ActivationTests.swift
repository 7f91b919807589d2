import ConvoyReference
import ConvoyTestSupport
import Testing

@Suite("Activations")
struct ActivationTests {
  static let cases: [ReferenceActivation<Double>] = [
    .relu, .relu6, .leakyRelu(slope: 0.01), .leakyRelu(slope: 0.3), .sigmoid, .tanh, .silu,
    .hardSwish,
    .elu(alpha: 1), .elu(alpha: 0.3), .gelu, .scale(factor: -0.7), .identity, .softmax,
  ]

  @Test("gradients agree with finite differences", arguments: cases.indices)
  func gradients(index: Int) {
    for input in [shape(1, 3, 5), shape(7, 2, 1), shape(10, 1, 1)] {
      var generator = SeededGenerator(seed: UInt64(index))
      let check = GradientCheck(
        Self.cases[index], input: generator.spacedTensor(input), generator: &generator)
      #expect(check.worst <= 1, "\(Self.cases[index]), seed \(index), \(check.place)")
    }
  }

  @Test("values at points that are known exactly")
  func knownValues() {
    func outputs(_ activation: ReferenceActivation<Double>, _ inputs: [Double]) -> [Double] {
      activation.forward(ReferenceTensor(vector: inputs)).values
    }
    #expect(outputs(.relu, [-2, 0, 3]) == [0, 0, 3])
    #expect(outputs(.relu6, [-2, 0, 3, 6, 7]) == [0, 0, 3, 6, 6])
    #expect(outputs(.leakyRelu(slope: 0.25), [-2, 0, 3]) == [-0.5, 0, 3])
    #expect(outputs(.sigmoid, [-1000, 0, 1000]) == [0, 0.5, 1])
    #expect(outputs(.tanh, [-1000, 0, 1000]) == [-1, 0, 1])
    #expect(outputs(.elu(alpha: 2), [-1000, 0, 3]) == [-2, 0, 3])
    #expect(outputs(.gelu, [-1000, 0, 1000]) == [0, 0, 1000])
    #expect(outputs(.scale(factor: -2), [-1, 0, 3]) == [2, 0, -6])
    #expect(outputs(.silu, [-1000, 0, 1000]) == [0, 0, 1000])
    let hardSwish: [Double] = [0, 0, -1.0 / 3, 0, 2.0 / 3, 3, 4]
    #expect(outputs(.hardSwish, [-4, -3, -1, 0, 1, 3, 4]) == hardSwish)
    #expect(outputs(.identity, [-2, 0, 3]) == [-2, 0, 3])
    #expect(outputs(.softmax, [4, 4, 4, 4]) == [0.25, 0.25, 0.25, 0.25])
    #expect(outputs(.softmax, [1000, -1000, 1000]) == [0.5, 0, 0.5])
  }

  @Test("at 0 relu has derivative 0 and leaky relu its slope")
  func kink() {
    func derivativeAtZero(_ activation: ReferenceActivation<Double>) -> Double {
      let zero = ReferenceTensor<Double>(vector: [0])
      return activation.backward(
        input: zero, output: activation.forward(zero), outputGradient: ReferenceTensor(vector: [1])
      ).input.values[0]
    }
    #expect(derivativeAtZero(.relu) == 0)
    #expect(derivativeAtZero(.leakyRelu(slope: 0.25)) == 0.25)
  }

  @Test("relu 6 has derivative 0 at 0 and 6, hard swish 0 at −3 and 1 at 3, as in PyTorch")
  func kinksOfClippedFunctions() {
    func derivatives(_ activation: ReferenceActivation<Double>, _ inputs: [Double]) -> [Double] {
      let inputs = ReferenceTensor(vector: inputs)
      return activation.backward(
        input: inputs, output: activation.forward(inputs),
        outputGradient: ReferenceTensor(vector: inputs.values.map { _ in 1 })
      ).input.values
    }
    #expect(derivatives(.relu6, [-1, 0, 3, 6, 7]) == [0, 0, 1, 0, 0])
    #expect(derivatives(.hardSwish, [-3, 3]) == [0, 1])
  }

  @Test("softmax sums to 1 over the channels at each place")
  func softmaxSums() {
    var generator = SeededGenerator(seed: 11)
    let output = ReferenceActivation.softmax.forward(generator.spacedTensor(shape(3, 2, 5)))
    for row in 0..<2 {
      for column in 0..<5 {
        let sum = (0..<3).reduce(0) { $0 + output[$1, row, column] }
        // Three quotients and two additions, each rounded by at most half a spacing at 1.
        #expect(abs(sum - 1) <= 2.5 * 0x1p-52, "seed 11, row \(row), column \(column)")
      }
    }
  }
}
