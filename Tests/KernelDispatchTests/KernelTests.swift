import KernelDispatch
import KernelInterface
import TestSupport
import Testing

@Suite("Kernels against the reference")
struct KernelTests {
  @Test("convolution and dense layer", arguments: KernelDispatch.available)
  func convolution(set: InstructionSet) throws { try check(ConvolutionTrials.all, set) }

  @Test("convolution, max pooling and activation as one", arguments: KernelDispatch.available)
  func pooledConvolution(set: InstructionSet) throws {
    try check(PooledConvolutionTrials.all, set)
  }

  @Test("gradients of weights and biases", arguments: KernelDispatch.available)
  func weightGradient(set: InstructionSet) throws { try check(WeightGradientTrials.all, set) }

  @Test("gradients from lists of pooled outputs", arguments: KernelDispatch.available)
  func listedGradients(set: InstructionSet) throws { try check(ListedGradientTrials.all, set) }

  @Test("Winograd's convolution", arguments: KernelDispatch.available)
  func winograd(set: InstructionSet) throws { try check(WinogradTrials.all, set) }

  @Test("Winograd's transforms, each on its own", arguments: KernelDispatch.available)
  func winogradTransforms(set: InstructionSet) throws { try check(WinogradTrials.transforms, set) }

  @Test("poolings and their gradients", arguments: KernelDispatch.available)
  func pooling(set: InstructionSet) throws { try check(PoolingTrials.all, set) }

  @Test("activations and their derivatives", arguments: KernelDispatch.available)
  func activation(set: InstructionSet) throws { try check(ActivationTrials.all, set) }

  @Test("softmax and its gradient", arguments: KernelDispatch.available)
  func softmax(set: InstructionSet) throws { try check(SoftmaxTrials.all, set) }

  @Test("losses", arguments: KernelDispatch.available)
  func loss(set: InstructionSet) throws { try check(LossTrials.all, set) }

  @Test("moving, scaling and adding arrays", arguments: KernelDispatch.available)
  func moves(set: InstructionSet) throws { try check(MoveTrials.all, set) }

  private func check(_ trials: [KernelTrial], _ set: InstructionSet) throws {
    let kernels = try #require(KernelDispatch.kernels(for: set))
    for trial in trials {
      let outcome = trial.outcome(on: kernels)
      #expect(outcome.isFaultless, "\(trial.name): \(outcome)")
    }
  }
}
