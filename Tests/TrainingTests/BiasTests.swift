import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTraining
import Optimizers
import Testing

@Suite struct BiasTests {
  /// In the first step, before gradients differ.
  @Test func biasesHaveARateOfTheirOwn() throws {
    func moves(factor: Double) throws -> [(name: String, values: [Float])] {
      let run = try TestRun(
        MixedRun.layers, on: syntheticImages(count: 16),
        configuration: TrainingConfiguration(
          batchSize: 16, threads: 2, optimizer: try StochasticGradientDescent(learningRate: 0.125),
          biasRateFactor: factor))
      let before = run.weights.tensors
      _ = try run.trainer.runEpoch(1)
      return zip(before, run.weights.tensors).map { before, after in
        (after.name, zip(before.values, after.values).map { $1 - $0 })
      }
    }
    let (once, none, fourTimes) = (try moves(factor: 1), try moves(factor: 0), try moves(factor: 4))
    for (index, (name, values)) in once.enumerated() {
      let isBias = name.hasSuffix("bias")
      #expect(values.contains { $0 != 0 }, "\(name)")
      // Biases begin at zero, so that a move has no rounding of a sum.
      #expect(none[index].values == (isBias ? values.map { _ in 0 } : values), "\(name)")
      #expect(fourTimes[index].values == (isBias ? values.map { 4 * $0 } : values), "\(name)")
    }
  }

  /// A black image through filters without biases is zero, whatever they learned.
  @Test func filtersWithoutBiasesLearnAndKeepBlackBlack() throws {
    func tensors(hasBias: Bool, epochs: Int) throws -> WeightTensors {
      let run = try TestRun(
        [
          Convolution(filters: 3, kernelSize: 3, stride: 1, padding: 0, bias: hasBias), Tanh(),
          Convolution(filters: 5, kernelSize: 3, stride: 1, padding: 1), ReLU(), Flatten(),
          Dense(4),
        ],
        on: syntheticImages(count: 40),
        configuration: TrainingConfiguration(
          batchSize: 8, threads: 2, optimizer: try StochasticGradientDescent(learningRate: 0.1)))
      for epoch in 1..<1 + epochs { _ = try run.trainer.runEpoch(epoch) }
      let plan = run.trainer.plan
      // The places of biases that there are not stay zero.
      let stored = run.trainer.parameters.values.elements.count { $0 != 0 }
      #expect(stored <= plan.parameterCount)
      return run.weights
    }
    let names = ["0.weight", "2.weight", "2.bias", "5.weight", "5.bias"]
    let before = try tensors(hasBias: false, epochs: 0)
    let after = try tensors(hasBias: false, epochs: 1)
    #expect(after.tensors.map(\.name) == names)
    for (before, after) in zip(before.tensors, after.tensors) {
      #expect(before.values != after.values, "\(after.name)")
    }
    #expect(try tensors(hasBias: true, epochs: 1).tensors.map(\.name).contains("0.bias"))
  }
}
