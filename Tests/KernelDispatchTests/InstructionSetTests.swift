import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyTestSupport
import Testing

@Suite("Instruction sets")
struct InstructionSetTests {
  /// Those with fused multiply-add.
  private static let fused = KernelDispatch.available.filter { $0 != .baseline }

  @Test("kernels are those of the instruction set asked for", arguments: InstructionSet.allCases)
  func identity(set: InstructionSet) {
    let kernels = KernelDispatch.kernels(for: set)
    #expect(kernels?.instructionSet == (KernelDispatch.available.contains(set) ? set : nil))
  }

  @Test("the best kernels are those of the last set")
  func best() {
    #expect(KernelDispatch.best.instructionSet == KernelDispatch.available.last)
  }

  @Test(
    "all sets with fused multiply-add give the same bits", .enabled(if: fused.count >= 2),
    arguments: KernelTrials.allCases)
  func equalBits(trials: KernelTrials) throws {
    let sets = try Self.fused.map { try #require(KernelDispatch.kernels(for: $0)) }
    for trial in trials.all {
      let expected = trial.bits(on: sets[0])
      for other in sets.dropFirst() {
        let bits = trial.bits(on: other)
        guard bits != expected else { continue }
        let difference = bits.indices.first { bits[$0] != expected[$0] }
        Issue.record(
          "\(trial.name): \(other.instructionSet) differs at promise \(difference ?? bits.count)")
      }
    }
  }
}
