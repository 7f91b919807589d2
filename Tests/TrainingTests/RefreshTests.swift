import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyTraining
import Testing

/// What is made of the weights for the passes, such as Winograd's components, has the same bits whether
/// it is made when weights are loaded or after a step.
@Suite struct RefreshTests {
  @Test func denormalsAreZeroOnTheCallersThreadToo() throws {
    let convolution = Convolution(filters: 16, kernelSize: 3, stride: 1, padding: 1)
    let plan = try NetworkPlan(
      Network([convolution, ReLU(), convolution, ReLU(), Flatten(), Dense(4)]),
      input: FeatureShape(channels: 3, height: 12, width: 12), loss: .crossEntropy,
      kernels: KernelDispatch.best)
    let (loaded, trained) = (ParameterMemory(plan), ParameterMemory(plan))
    // Normal numbers of which parts, as a transform takes them, are denormal; and denormal ones.
    func value(_ index: Int) -> Float {
      let unit = index.isMultiple(of: 2) ? Float.leastNormalMagnitude / 3 : -1.5e-38
      return unit * Float(index % 7 + 1)
    }
    let tensors = plan.tensors.map { (0..<$0.count).map(value) }
    for (tensor, values) in zip(plan.tensors, tensors) {
      tensor.write(values, to: loaded)
      tensor.write(values, to: trained)
    }
    plan.refresh(loaded)
    WorkerTeam(threads: 1).run(rounds: 1, phases: [1]) { _ in
      for block in plan.blocks { plan.refresh(block, in: trained) }
    }
    func bits(_ memory: ParameterMemory) -> [UInt32] {
      memory.derivedWeights.elements.map(\.bitPattern)
    }
    #expect(bits(loaded) == bits(trained))
  }
}
