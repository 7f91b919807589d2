import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyTraining
import Testing

/// A run's result does not depend on who computed it.
@Suite struct SameBitsTests {
  @Test(arguments: [2, 3, 8], [50, 64, 1])
  func anyNumberOfThreadsGivesTheSameBits(threads: Int, batchSize: Int) throws {
    let one = try MixedRun(threads: 1, batchSize: batchSize)
    #expect(try MixedRun(threads: threads, batchSize: batchSize) == one)
  }

  /// A batch cut for more cores than it has groups, and than there are.
  @Test(arguments: [32, 64, 1000], [50, 64])
  func anyNumberOfCoresGivesTheSameBits(cores: Int, batchSize: Int) throws {
    let one = try MixedRun(threads: 1, batchSize: batchSize)
    #expect(try MixedRun(threads: cores, batchSize: batchSize, cores: cores) == one)
  }

  /// One worker sums all groups in one slot, two take pairs, or with statistics of batches groups one by one,
  /// as sixteen do, and more take parts of them.
  @Test(arguments: [2, 16, 64], [true, false])
  func sumsInFewSlotsGiveTheSameBits(cores: Int, ofBatches: Bool) throws {
    let layers = ofBatches ? MixedRun.largeNormalized : MixedRun.large
    let plan = try NetworkPlan(
      Network(layers), input: syntheticImages(count: 1).featureShape, loss: .crossEntropy,
      kernels: KernelDispatch.best)
    let groups = [1, 2, 16].map {
      BatchCut(
        batchSize: 64, slotBytes: plan.slotBytes, passPhases: plan.passPhases, workers: $0
      ).groupsPerSlot
    }
    #expect(groups == [16, ofBatches ? 1 : 2, 1])
    func run(cores: Int) throws -> MixedRun {
      try MixedRun(threads: cores, batchSize: 64, cores: cores, layers: layers)
    }
    #expect(try run(cores: cores) == run(cores: 1))
  }

  private static let fusing = KernelDispatch.available.filter { $0 != .baseline }

  @Test(.enabled("needs two instruction sets with fused multiply-add") { fusing.count > 1 })
  func instructionSetsWithFusedMultiplyAddGiveTheSameBits() throws {
    let fingerprints = try Self.fusing.map { set in
      try MixedRun(threads: 2, kernels: #require(KernelDispatch.kernels(for: set))).fingerprint
    }
    #expect(Set(fingerprints).count == 1, "\(Self.fusing): \(fingerprints)")
  }

  @Test func theSeedDecides() throws {
    func weights(seed: UInt64) throws -> String {
      let run = try TestRun(
        MixedRun.layers, on: syntheticImages(count: 60),
        configuration: TrainingConfiguration(batchSize: 20, seed: seed))
      _ = try run.trainer.runEpoch(1)
      return run.weights.fingerprint
    }
    #expect(try weights(seed: 1) == weights(seed: 1))
    #expect(try weights(seed: 1) != weights(seed: 2))
  }
}
