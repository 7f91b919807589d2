import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import Testing

/// What buffers that share places save; that they change no bit is tested with the gradients.
@Suite struct PlanMemoryTests {
  /// A chain keeps the values of all layers, but the gradients of two edges alone, and the scratch memory
  /// of one stage.
  @Test func aDeepChainSharesItsGradients() throws {
    var layers: [any Layer] = []
    for (filters, count) in [(16, 7), (32, 7), (64, 6)] {
      for index in 0..<count {
        layers += [
          Convolution(
            filters: filters, kernelSize: 3, stride: filters > 16 && index == 0 ? 2 : 1, padding: 1),
          ReLU(),
        ]
      }
    }
    let architecture = Network(layers + [Flatten(), Dense(10)])
    func bytes(guardBand: Int) throws -> Double {
      try NetworkPlan(
        architecture, input: FeatureShape(channels: 3, height: 32, width: 32),
        loss: .crossEntropy, kernels: KernelDispatch.best, guardBand: guardBand
      ).workerMemoryBytes(samples: 8)
    }
    // A guard band of one float keeps all buffers apart.
    let (shared, apart) = (try bytes(guardBand: 0), try bytes(guardBand: 1))
    #expect(shared < 0.35 * apart, "\(shared) of \(apart) bytes")
  }
}
