import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyTestSupport
import Testing

@Suite("Kernels")
struct KernelTests {
  @Test("against the reference", arguments: KernelTrials.allCases, KernelDispatch.available)
  func againstReference(trials: KernelTrials, set: InstructionSet) throws {
    let kernels = try #require(KernelDispatch.kernels(for: set))
    for trial in trials.all {
      let outcome = trial.outcome(on: kernels)
      #expect(outcome.isFaultless, "\(trial.name): \(outcome)")
    }
  }
}
