import ConvoyAugmentation
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoyTraining
import Optimizers
import Testing

/// Ranks that share each batch end with the bits of a single process.
@Suite struct RankTests {
  private func expectSame(
    ranks: Int, _ run: @escaping @Sendable (any MessagePassing) throws -> MixedRun,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let single = try run(SingleProcess())
    for (rank, result) in try LocalRank.run(ranks, run).enumerated() {
      #expect(result == single, "rank \(rank) of \(ranks)", sourceLocation: location)
    }
  }

  @Test(arguments: [2, 3, 4, 7], [50, 64, 13])
  func anyNumberOfRanksGivesTheSameBits(ranks: Int, batchSize: Int) throws {
    try expectSame(ranks: ranks) { try MixedRun(threads: 1, batchSize: batchSize, ranks: $0) }
  }

  @Test(arguments: [2, 3], [2, 8])
  func ranksWithThreadsGiveTheSameBits(ranks: Int, threads: Int) throws {
    try expectSame(ranks: ranks) { try MixedRun(threads: threads, ranks: $0) }
    // More cores than a rank has groups: those are summed in a phase of their own.
    try expectSame(ranks: ranks) { try MixedRun(threads: 32, cores: 32, ranks: $0) }
  }

  /// As many ranks as the batch has groups; the last batch has fewer.
  @Test func aRankMayHaveNoSamplesOfTheLastBatch() throws {
    try expectSame(ranks: 8) { try MixedRun(threads: 1, batchSize: 64, ranks: $0) }
  }

  /// Rules that need the norm of all gradients, or whole tensors.
  @Test(arguments: 0..<4)
  func rulesThatLookAtMoreThanABlockGiveTheSameBits(rule: Int) throws {
    try expectSame(ranks: 3) { ranks in
      let optimizer: any Optimizer =
        switch rule {
        case 0: try Adam(learningRate: 0.01)
        case 1: try Lamb(learningRate: 0.01)
        case 2: try Muon(learningRate: 0.01)
        default: try Momentum(learningRate: 0.01)
        }
      return try MixedRun(
        threads: 2, optimizer: optimizer, clipping: rule == 0 ? .norm(0.5) : .none,
        mixing: rule == 3 ? try Mixing(.cutmix, alpha: 1) : nil, ranks: ranks)
    }
  }

  @Test(arguments: [Network.Preset.article, .small, .compact, .resnet20, .mobilenet])
  func presetsGiveTheSameBits(preset: Network.Preset) throws {
    try expectSame(ranks: 2) {
      try MixedRun(
        threads: 1, batchSize: 20, layers: Network(preset, classes: 4, channels: 1).layers,
        images: 37, ranks: $0)
    }
  }

  /// All ranks stop at the same step with the same error.
  @Test(arguments: [2, 5], [0.5, 1e20])
  func allRanksFindAFault(ranks: Int, rate: Double) throws {
    let errors = try LocalRank.run(ranks) { rank in
      #expect(throws: NonFiniteError.self) {
        try MixedRun(
          threads: 2, optimizer: StochasticGradientDescent(learningRate: rate * 1e10), ranks: rank)
      }
      .map { "\($0)" }
    }
    #expect(Set(errors).count == 1, "\(errors)")
    let single = #expect(throws: NonFiniteError.self) {
      try MixedRun(threads: 2, optimizer: StochasticGradientDescent(learningRate: rate * 1e10))
    }
    #expect(errors[0] == single.map { "\($0)" })
  }

  /// A rank that is asked to stop stops all, after the same step.
  @Test func oneRankStopsAll() throws {
    let steps = try LocalRank.run(3) { rank in
      let run = try TestRun(
        MixedRun.layers, on: syntheticImages(count: 200),
        configuration: TrainingConfiguration(batchSize: 20), ranks: rank)
      let progress = run.trainer.begin(1)
      try run.trainer.train(progress, isStopped: { rank.rank == 1 && run.trainer.stepNumber == 3 })
      return run.trainer.stepNumber
    }
    #expect(steps == [4, 4, 4])
  }
}

/// What is gathered reaches every rank, whatever the parts' sizes.
@Suite struct GatherTests {
  @Test(arguments: 1...9)
  func everyRankGetsAllParts(ranks: Int) throws {
    let parts = (0..<ranks).map { [UInt8](repeating: UInt8($0), count: $0 % 3 * 5) }
    let gathered = try LocalRank.run(ranks) { $0.gather(parts[$0.rank]) }
    #expect(gathered.allSatisfy { $0 == parts })
    let sent = try LocalRank.run(ranks) { $0.broadcast($0.rank == 0 ? [7, 8] : [1]) }
    #expect(sent.allSatisfy { $0 == [7, 8] })
    for speaker in 0..<ranks {
      #expect(try LocalRank.run(ranks) { $0.isAny($0.rank == speaker) }.allSatisfy(\.self))
    }
    #expect(try LocalRank.run(ranks) { $0.isAny(false) }.allSatisfy { !$0 })
  }
}
