import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTraining
import Optimizers
import Testing

/// The weights' average follows its rule, and is what a network is judged and saved by.
@Suite struct WeightAverageTests {
  static let averagings: [WeightAveraging] = [
    .exponential(decay: 0.75), .lookahead(steps: 3, rate: 0.3),
  ]

  private func run(_ averaging: WeightAveraging) throws -> TestRun {
    try TestRun(
      MixedRun.layers, on: syntheticImages(count: 177),
      configuration: TrainingConfiguration(
        batchSize: 25, threads: 2, optimizer: Adam(learningRate: 0.01), averaging: averaging))
  }

  /// A number of the average in double precision, and how far roundings may have moved the float.
  private struct Expected {
    var value: Double
    var error = 0.0

    /// The difference, the share, their product and the sum are rounded.
    mutating func move(to weight: Float, share: Double) {
      let way = share * (Double(weight) - value)
      value += way
      error = (1 - share) * error + 0x1p-24 * (abs(value) + 4 * abs(way) + 4 * error)
    }
  }

  /// Beside a run without an average, whose weights are set to the average where look-ahead does so.
  @Test(arguments: averagings) func followsTheRule(_ averaging: WeightAveraging) throws {
    let (averaged, plain) = (try run(averaging).trainer, try run(.none).trainer)
    let plan = averaged.plan
    func numbers(_ memory: ParameterMemory) -> [Float] {
      plan.averagedTensors.flatMap { $0.read(from: memory) }
    }
    var expected = numbers(plain.parameters).map { Expected(value: Double($0)) }
    let (progress, plainProgress) = (averaged.begin(1), plain.begin(1))
    for step in 1...7 {
      try averaged.train(progress, upTo: step)
      try plain.train(plainProgress, upTo: step)
      let weights = numbers(plain.parameters)
      var isSet = false
      switch averaging {
      case .exponential where step == 1: expected = weights.map { Expected(value: Double($0)) }
      case .exponential(let decay):
        for index in weights.indices { expected[index].move(to: weights[index], share: 1 - decay) }
      case .lookahead(let steps, let rate) where step.isMultiple(of: steps):
        for index in weights.indices { expected[index].move(to: weights[index], share: rate) }
        isSet = true
      case .lookahead, .none: break
      }
      let average = numbers(averaged.judgedParameters)
      for (found, expected) in zip(average, expected) {
        #expect(abs(Double(found) - expected.value) <= expected.error, "step \(step)")
      }
      #expect(numbers(averaged.parameters) == (isSet ? average : weights), "step \(step)")
      if isSet {
        try WeightTensors(plan, averaged.parameters)
          .load(into: plain.parameters, of: plain.plan, path: "")
      }
    }
    #expect(progress.stepLosses == plainProgress.stepLosses)
    for tensor in WeightTensors(plan, averaged.judgedParameters).tensors
    where tensor.name.hasSuffix("num_batches_tracked") {
      #expect(tensor.values == [7])
    }
  }

  @Test(arguments: averagings) func judgesAndSavesTheNetwork(_ averaging: WeightAveraging) throws {
    let run = try SavedRun().run { $0.averaging = averaging }
    // Seven steps: look-ahead moved after the sixth.
    _ = try run.trainer.runEpoch(1)
    let weights = WeightTensors(run.plan, run.trainer.judgedParameters)
    #expect(weights != WeightTensors(run.plan, run.parameters))
    #expect(run.weights == weights)
    #expect(run.model.weights == weights)
    let judged = run.evaluate()
    let plain = try SavedRun().run()
    plain.load(weights)
    #expect(plain.evaluate() == judged)
  }

  @Test(arguments: averagings, [50, 64])
  func anyNumberOfThreadsAndCoresGivesTheSameBits(
    averaging: WeightAveraging, batchSize: Int
  ) throws {
    func run(threads: Int, cores: Int) throws -> [WeightTensors] {
      let trainer = try TestRun(
        MixedRun.layers, on: syntheticImages(count: 177),
        configuration: TrainingConfiguration(
          batchSize: batchSize, threads: threads, averaging: averaging), cores: cores
      ).trainer
      for epoch in 1...2 { _ = try trainer.runEpoch(epoch) }
      return [trainer.parameters, trainer.judgedParameters].map { WeightTensors(trainer.plan, $0) }
    }
    let one = try run(threads: 1, cores: 1)
    for (threads, cores) in [(2, 2), (8, 64)] {
      #expect(try run(threads: threads, cores: cores) == one, "\(threads) threads, \(cores) cores")
    }
  }

  /// A checkpoint of a run with an average and of one without are refused by one another.
  @Test func anotherAverageIsRefused() throws {
    let saved = try SavedRun()
    let averaged = try saved.run { $0.averaging = .exponential(decay: 0.5) }
    let plain = try saved.run()
    for (run, other) in [(averaged, plain), (plain, averaged)] {
      let progress = run.trainer.begin(1)
      try run.trainer.train(progress, upTo: 2)
      try saved.save(run, progress)
      let before = other.weights
      let error = try #require(throws: ModelFileError.self) { _ = try saved.restore(other) }
      #expect("\(error)".contains("tensor 'average."))
      #expect(other.weights == before)
    }
  }
}
