import ConvoyAugmentation
import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoyTestSupport
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

  /// A process by itself takes the groups in pairs, ranks one by one.
  @Test func pairsGiveTheBitsOfRanks() throws {
    try expectSame(ranks: 2) {
      try MixedRun(threads: 1, batchSize: 64, layers: MixedRun.large, ranks: $0)
    }
  }

  /// As many ranks as the batch has groups; the last batch has fewer.
  @Test func aRankMayHaveNoSamplesOfTheLastBatch() throws {
    try expectSame(ranks: 8) { try MixedRun(threads: 1, batchSize: 64, ranks: $0) }
  }

  /// All ranks learn that one failed, whatever its error says.
  @Test(arguments: ["no such file", ""]) func noRankGoesOnAfterAnothersError(text: String) throws {
    struct Failure: Error, CustomStringConvertible { let description: String }
    let errors = try LocalRank.run(3) { ranks -> String in
      do {
        try ranks.together { if ranks.rank == 1 { throw Failure(description: text) } }
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    #expect(errors[1] == text)
    #expect(errors[0] == errors[2] && errors[0] == "\(RankError.failed(rank: 1, message: text))")
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

  private struct Unreadable: Error, CustomStringConvertible { let description = "no such file" }

  private func run(
    seed: UInt64 = 1, batchSize: Int = 16, labels: Int = 0, validated: Int? = nil,
    names: [String]? = nil, ranks: any MessagePassing
  ) throws -> TrainingRun {
    var settings = TrainingSettings()
    (settings.seed, settings.batchSize, settings.epochs) = (seed, batchSize, 2)
    func images(_ count: Int, labels: Int) -> ImageSet {
      let images = syntheticImages(count: count)
      return ImageSet(
        shape: images.shape, pixels: images.pixels,
        labels: images.labels.map { ($0 + UInt16(labels)) % 4 }, classNames: names)
    }
    return try TrainingRun(
      settings, Network(MixedRun.layers),
      on: Dataset(
        training: images(90, labels: labels), test: images(21, labels: 0),
        validation: validated.map { images(10, labels: $0) }, classes: 4),
      RunFiles(checkpoint: nil), threads: 1, kernels: KernelDispatch.best,
      options: ["seed": "\(seed)"], ranks: ranks)
  }

  /// What each rank's preparation ends with, as text.
  private func agreement(
    _ prepare: @escaping @Sendable (LocalRank) throws -> TrainingRun
  ) throws -> [String] {
    try LocalRank.run(3) { rank in
      do {
        try rank.checkSame(rank.together { try prepare(rank) })
        return "agreed"
      } catch {
        return "\(error)"
      }
    }
  }

  @Test func ranksAgreeBeforeTheFirstStep() throws {
    #expect(try agreement { try run(ranks: $0) } == ["agreed", "agreed", "agreed"])
    let seeds = try agreement { try run(seed: $0.rank == 2 ? 7 : 1, ranks: $0) }
    #expect(
      seeds.allSatisfy { $0 == "rank 2: expected the option --seed of rank 0, 1, found 7" },
      "\(seeds)")
    let data = try agreement { try run(labels: $0.rank, ranks: $0) }
    #expect(data.allSatisfy { $0.hasPrefix("rank 1: expected the data of rank 0, 90 ") }, "\(data)")
    let validation = try agreement { try run(validated: $0.rank == 2 ? 1 : 0, ranks: $0) }
    #expect(
      validation.allSatisfy {
        $0.hasPrefix("rank 2: expected the validation images of rank 0, 10 ")
      },
      "\(validation)")
    let names = try agreement {
      try run(names: ["a", "b", "c", $0.rank == 1 ? "e" : "d"], ranks: $0)
    }
    #expect(
      names.allSatisfy {
        $0 == "rank 1: expected the class names of rank 0, a, b, c, d, found a, b, c, e"
      }, "\(names)")
    let failures = try agreement {
      if $0.rank == 1 { throw Unreadable() }
      return try run(ranks: $0)
    }
    #expect(failures == ["rank 1: no such file", "no such file", "rank 1: no such file"])
    let tooMany = try agreement { try run(batchSize: 2, ranks: $0) }
    #expect(
      tooMany.allSatisfy {
        $0
          == "a batch of 2 images is dealt in 2 groups: expected at most as many processes, found 3"
      }, "\(tooMany)")
  }

  @Test func theDataComesFromRank0() throws {
    let dataset = Dataset(
      training: syntheticImages(count: 33, channels: 3),
      test: syntheticImages(count: 7, channels: 3),
      validation: syntheticImages(count: 5, channels: 3), classes: 4,
      testPart: TestPart(fraction: 0.25, seed: 3, of: 40))
    let received = try LocalRank.run(3) { rank in
      try Dataset.shared(by: rank) {
        #expect(rank.rank == 0)
        return dataset
      }
    }
    #expect(received.allSatisfy { DatasetDigest($0) == DatasetDigest(dataset) })
    #expect(received.allSatisfy { $0.testPart == dataset.testPart && $0.classes == 4 })
    let failures = try LocalRank.run(2) { rank in
      #expect(throws: (any Error).self) {
        try Dataset.shared(by: rank) { throw Unreadable() }
      }.map { "\($0)" }
    }
    #expect(failures == ["no such file", "rank 0: no such file"])
  }

  /// A signal to one process interrupts the run of all, between the same two steps.
  @Test(arguments: [3, 6]) func aRunIsInterruptedOnAllRanks(after steps: Int) throws {
    struct Silent: RunObserver {
      func duringEpoch(_ epoch: EpochWatch, _ body: () throws -> Void) throws { try body() }
      func epochEnded(_ epoch: JudgedEpoch, of epochs: Int) throws {}
      func stoppedEarly(after epoch: Int, best: EpochScore) throws {}
    }
    let interruptions =
      try LocalRank.run(3) { rank in
        let run = try run(ranks: rank)
        let trainer = run.setup.trainer
        do {
          _ = try run.train(Silent()) { rank.rank == 2 && trainer.stepNumber >= steps }
          return nil
        } catch let interruption as RunInterruption {
          return interruption
        }
      } as [RunInterruption?]
    #expect(Set(interruptions.map { $0?.step }).count == 1)
    #expect([steps, steps + 1].contains(try #require(interruptions[0]).step))
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
