import ConvoyAugmentation
import ConvoyKeyedRandom
import ConvoyTraining
import Optimizers
import Synchronization
import Testing

/// A run that is saved, thrown away and restored goes on bit for bit.
@Suite struct ResumeTests {
  private struct Outcome: Equatable {
    /// With the average, if there is one.
    var weights: [WeightTensors] = []
    var losses: [[Float]] = []
    var sums: [Double] = []
    var correct: [Int] = []

    mutating func add(_ progress: EpochProgress) {
      losses.append(progress.stepLosses)
      sums += [progress.sums.loss, progress.sums.weight]
      correct.append(progress.sums.correct)
    }

    mutating func add(_ run: TrainingSetup) {
      weights = [WeightTensors(run.plan, run.parameters), run.weights]
    }
  }

  /// Three epochs of 7 steps.
  private func uninterrupted(_ make: (Int) throws -> TrainingSetup) throws -> Outcome {
    let run = try make(1)
    var outcome = Outcome()
    for epoch in 1...3 {
      let progress = run.trainer.begin(epoch)
      try run.trainer.train(progress)
      outcome.add(progress)
    }
    outcome.add(run)
    return outcome
  }

  /// The same, in pieces of a random number of steps, each by a new run on other threads.
  private func inPieces(
    _ saved: SavedRun, seed: UInt64, _ make: (Int) throws -> TrainingSetup
  ) throws -> Outcome {
    let random = KeyedRandom(seed: seed, purpose: .shuffling)
    var outcome = Outcome()
    var run = try make(1)
    var progress = run.trainer.begin(1)
    var lives = 0
    while true {
      let steps = random.integer(lives, below: 5)
      try run.trainer.train(progress, upTo: progress.sums.steps + steps)
      if progress.isDone {
        outcome.add(progress)
        if progress.epoch == 3 { break }
        progress = run.trainer.begin(progress.epoch + 1)
      }
      try saved.save(run, progress)
      lives += 1
      run = try make(1 + lives % 4)
      progress = try saved.restore(run)
    }
    #expect(lives > 4)
    outcome.add(run)
    return outcome
  }

  private static let optimizers: [any Optimizer & Sendable] = [
    StochasticGradientDescent(), Momentum(), RMSProp(), Adam(), AdamW(), Lion(), Lamb(), Muon(),
  ]

  @Test(arguments: optimizers.indices, [1, 2, 3] as [UInt64])
  func anyOptimizerGoesOnBitForBit(optimizer: Int, seed: UInt64) throws {
    let saved = try SavedRun()
    let make = { (threads: Int) in
      try saved.run(Self.optimizers[optimizer], threads: threads)
    }
    #expect(try inPieces(saved, seed: seed, make) == uninterrupted(make), "seed \(seed)")
  }

  @Test func schedulesAndClippingGoOnBitForBit() throws {
    let saved = try SavedRun()
    let make = { (threads: Int) in
      try saved.run(
        Adam(learningRate: 0.01, l2: 0.001), threads: threads,
        schedule: .oneCycle(peak: 0.01, over: 21), clipping: .norm(0.5)
      ) { $0.biasRateFactor = 8 }
    }
    #expect(try inPieces(saved, seed: 4, make) == uninterrupted(make))
  }

  @Test(arguments: WeightAverageTests.averagings)
  func anAverageGoesOnBitForBit(_ averaging: WeightAveraging) throws {
    let saved = try SavedRun()
    let make = { (threads: Int) in
      try saved.run(threads: threads, clipping: .norm(1)) { $0.averaging = averaging }
    }
    #expect(try inPieces(saved, seed: 7, make) == uninterrupted(make))
  }

  @Test func smoothedLabelsAndClassWeightsGoOnBitForBit() throws {
    let saved = try SavedRun()
    for weights in [nil, .balanced, .listed([0.1, 1 / 3, 2, 7])] as [ClassWeights?] {
      let make = { (threads: Int) in
        try saved.run(threads: threads) {
          $0.labelSmoothing = 0.1
          $0.classWeights = weights
        }
      }
      #expect(try inPieces(saved, seed: 5, make) == uninterrupted(make), "\(weights as Any)")
    }
  }

  @Test(arguments: Mixing.Method.allCases)
  func mixedSamplesGoOnBitForBit(method: Mixing.Method) throws {
    let saved = try SavedRun()
    let mixing = try Mixing(method, alpha: 0.8)
    let make = { (threads: Int) in
      try saved.run(threads: threads) {
        $0.labelSmoothing = 0.1
        $0.classWeights = .balanced
        $0.mixing = mixing
      }
    }
    #expect(try inPieces(saved, seed: 8, make) == uninterrupted(make))
  }

  /// Six steps of the seven, of which the last would have 11 images.
  @Test func anEpochWithoutItsLastBatchGoesOnBitForBit() throws {
    let saved = try SavedRun()
    let make = { (threads: Int) in try saved.run(threads: threads) { $0.dropsLast = true } }
    let whole = try uninterrupted(make)
    #expect(whole.losses.map(\.count) == [6, 6, 6])
    #expect(try inPieces(saved, seed: 6, make) == whole)
  }

  /// A run that is stopped has taken whole steps, and as many as it says.
  @Test(arguments: [1, 2, 5])
  func aStoppedRunGoesOnBitForBit(threads: Int) throws {
    let saved = try SavedRun()
    let make = { (threads: Int) in try saved.run(threads: threads) }
    let whole = try make(1)
    _ = try whole.trainer.runEpoch(1)

    let stopped = try make(threads)
    let progress = stopped.trainer.begin(1)
    let asked = Atomic<Int>(0)
    try stopped.trainer.train(progress) { asked.wrappingAdd(1, ordering: .relaxed).newValue == 3 }
    #expect(progress.sums.steps == 3)
    #expect(stopped.trainer.stepNumber == 3)
    #expect(progress.metrics.samples == 48)
    try saved.save(stopped, progress)

    let resumed = try make(3)
    let rest = try saved.restore(resumed)
    try resumed.trainer.train(rest)
    #expect(resumed.weights == whole.weights)
    #expect(rest.metrics.samples == 107)
  }
}
