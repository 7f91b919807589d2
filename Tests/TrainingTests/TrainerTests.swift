import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTraining
import Optimizers
import Testing

@Suite struct TrainerTests {
  private static let layers: [any Layer] = [
    Convolution(filters: 8, kernelSize: 3, stride: 1, padding: 1), ReLU(),
    MaxPooling(2, stride: 2), Flatten(), Dense(4),
  ]

  @Test(arguments: LossFunction.allCases)
  func learns(loss: LossFunction) throws {
    let images = syntheticImages(count: 200)
    let run = try TestRun(
      Self.layers, on: images,
      configuration: TrainingConfiguration(
        batchSize: 16, threads: 2, optimizer: try Adam(learningRate: 0.005)),
      loss: loss)
    let evaluator = run.evaluator(threads: 2)
    let before = evaluator.evaluate()
    for epoch in 1...3 { _ = try run.trainer.runEpoch(epoch) }
    let after = evaluator.evaluate()
    #expect(before.accuracy < 0.6)
    #expect(after.accuracy > 0.95)
    #expect(after.loss < before.loss)
  }

  @Test func anEpochIsEverySampleOnce() throws {
    let run = try TestRun(
      Self.layers, on: syntheticImages(count: 45),
      configuration: TrainingConfiguration(batchSize: 20))
    let metrics = try run.trainer.runEpoch(1)
    #expect(metrics.samples == 45)
    #expect(metrics.stepLosses.count == 3)
    #expect(run.trainer.stepNumber == 3)
    // The mean over samples weighs the ragged batch by its 5 samples.
    let weighed =
      zip(metrics.stepLosses, [20.0, 20, 5]).reduce(0) { $0 + Double($1.0) * $1.1 } / 45
    #expect(abs(metrics.loss - weighed) < 1e-6)
  }

  @Test(arguments: [(45, 2), (40, 2), (59, 2), (60, 3), (20, 1), (19, 0)])
  func anEpochCanLeaveOutASmallLastBatch(images: Int, steps: Int) throws {
    func makeRun(dropsLast: Bool) throws -> TestRun {
      try TestRun(
        Self.layers, on: syntheticImages(count: images),
        configuration: TrainingConfiguration(batchSize: 20, dropsLast: dropsLast))
    }
    let run = try makeRun(dropsLast: true)
    #expect(run.trainer.stepsAnEpoch == steps)
    guard steps > 0 else { return }
    let metrics = try run.trainer.runEpoch(1)
    #expect(metrics.samples == 20 * steps)
    #expect(run.trainer.stepNumber == steps)
    // The same batches as without it, in the order of the same shuffle.
    let whole = try makeRun(dropsLast: false).trainer.runEpoch(1)
    #expect(whole.samples == images)
    #expect(metrics.stepLosses[...] == whole.stepLosses.prefix(steps))
  }

  @Test func stopsAtTheStepLimit() throws {
    let run = try TestRun(
      Self.layers, on: syntheticImages(count: 45),
      configuration: TrainingConfiguration(batchSize: 20))
    #expect(try run.trainer.runEpoch(1, stepLimit: 2).samples == 40)
    #expect(run.trainer.stepNumber == 2)
  }

  @Test func aBatchMayBeLargerThanTheData() throws {
    let run = try TestRun(
      Self.layers, on: syntheticImages(count: 5),
      configuration: TrainingConfiguration(batchSize: 512, threads: 3))
    #expect(try run.trainer.runEpoch(1).samples == 5)
  }

  @Test func everyEpochHasAnOrderOfItsOwnUnlessShufflingIsOff() throws {
    func losses(shuffle: Shuffle) throws -> [[Float]] {
      let run = try TestRun(
        Self.layers, on: syntheticImages(count: 64),
        configuration: TrainingConfiguration(
          batchSize: 8, optimizer: try StochasticGradientDescent(learningRate: 1e-30), seed: 3,
          shuffle: shuffle))
      return try (1...2).map { try run.trainer.runEpoch($0).stepLosses }
    }
    // At a rate of next to nothing the losses tell which samples a batch had.
    let shuffled = try losses(shuffle: .on)
    #expect(shuffled[0] != shuffled[1])
    let inOrder = try losses(shuffle: .off)
    #expect(inOrder[0] == inOrder[1])
  }

  @Test func l2ShrinksWeightsAndLeavesBiases() throws {
    func norms(l2: Double) throws -> (weights: Float, biases: Float) {
      let run = try TestRun(
        Self.layers, on: syntheticImages(count: 64),
        configuration: TrainingConfiguration(
          batchSize: 64, optimizer: try StochasticGradientDescent(learningRate: 0.1, l2: l2)))
      _ = try run.trainer.runEpoch(1)
      func norm(_ suffix: String) -> Float {
        run.weights.tensors.filter { $0.name.hasSuffix(suffix) }.flatMap(\.values)
          .reduce(0) { $0 + $1 * $1 }
      }
      return (norm("weight"), norm("bias"))
    }
    let (plain, decayed) = (try norms(l2: 0), try norms(l2: 0.5))
    #expect(decayed.weights < plain.weights)
    #expect(decayed.biases == plain.biases)
  }

  /// The ragged batch after a whole one gives the step that it gives alone.
  @Test func theLastBatchIsItsOwnSamplesAlone() throws {
    let images = syntheticImages(count: 25)
    let configuration = TrainingConfiguration(
      batchSize: 20, optimizer: try StochasticGradientDescent(learningRate: 0.1), shuffle: .off)
    let both = try TestRun(Self.layers, on: images, configuration: configuration)
    _ = try both.trainer.runEpoch(1)

    let first = try TestRun(Self.layers, on: images, configuration: configuration)
    _ = try first.trainer.runEpoch(1, stepLimit: 1)
    let rest = ImageSet(
      shape: images.shape, pixels: Array(images.pixels[(20 * images.shape.pixelCount)...]),
      labels: Array(images.labels[20...]))
    let plan = first.trainer.plan
    let last = Trainer(
      plan: plan, parameters: first.trainer.parameters,
      store: SampleStore(
        rest, normalization: first.normalization, map: plan.input.values,
        kernels: KernelDispatch.best),
      configuration: TrainingConfiguration(
        batchSize: 5, optimizer: configuration.optimizer, shuffle: .off))
    _ = try last.runEpoch(1)

    for (found, expected) in zip(both.weights.tensors, first.weights.tensors) {
      // Five gradients of size 1 at most, summed in another order, times the rate.
      for (found, expected) in zip(found.values, expected.values) {
        #expect(abs(found - expected) < 1e-6)
      }
    }
  }

  /// How far one step of plain descent at rate 1 moves the parameters: the norm of the gradient.
  private func stepLength(
    _ clipping: GradientClipping, threads: Int = 2
  ) throws -> (length: Double, weights: WeightTensors) {
    let run = try TestRun(
      Self.layers, on: syntheticImages(count: 40),
      configuration: TrainingConfiguration(
        batchSize: 40, threads: threads,
        optimizer: try StochasticGradientDescent(learningRate: 1), clipping: clipping))
    let before = run.weights.tensors.flatMap(\.values)
    _ = try run.trainer.runEpoch(1)
    let moved = zip(before, run.weights.tensors.flatMap(\.values)).map { Double($0) - Double($1) }
    return (moved.reduce(0) { $0 + $1 * $1 }.squareRoot(), run.weights)
  }

  @Test func clippingByNormShortensTheStepAndKeepsItsDirection() throws {
    let free = try stepLength(.none)
    #expect(free.length > 0.01)
    let limit = free.length / 3
    let clipped = try stepLength(.norm(limit))
    // Parameters of size 1 are rounded to 2⁻²⁴, some 900 of them.
    #expect(abs(clipped.length - limit) < 30 * 0x1p-24 + 1e-5 * limit)
    // A limit that is not reached changes nothing.
    #expect(try stepLength(.norm(free.length * 2)).weights == free.weights)
    // And every number of threads finds the same norm.
    #expect(try stepLength(.norm(limit), threads: 1).weights == clipped.weights)
    #expect(try stepLength(.norm(limit), threads: 5).weights == clipped.weights)
  }

  /// The norm of all gradients is made once per step, not once per block: of a layer of 131,072
  /// units, whose weights are some 8,000 small blocks, that would be far more work than the step.
  @Test func clippingByNormTakesLittleTime() throws {
    let layers: [any Layer] = [
      AveragePooling(12, stride: 1), Flatten(), Dense(131_072), ReLU(),
      Dense(4),
    ]
    func run(_ clipping: GradientClipping) throws -> TestRun {
      try TestRun(
        layers, on: syntheticImages(count: 1),
        configuration: TrainingConfiguration(
          batchSize: 1, optimizer: try StochasticGradientDescent(learningRate: 1e-6),
          clipping: clipping))
    }
    let (free, clipped) = (try run(.none), try run(.norm(1)))
    // In turn, and the shortest of several: other processes use the same cores.
    let seconds = try (1...4).map { epoch in
      (try free.trainer.runEpoch(epoch).seconds, try clipped.trainer.runEpoch(epoch).seconds)
    }
    let shortest = (
      free: seconds.map(\.0).reduce(.infinity, min),
      clipped: seconds.map(\.1).reduce(.infinity, min)
    )
    #expect(shortest.clipped < 5 * shortest.free)
  }

  @Test func clippingByValueLimitsEachGradient() throws {
    let run = try TestRun(
      Self.layers, on: syntheticImages(count: 40),
      configuration: TrainingConfiguration(
        batchSize: 40, optimizer: try StochasticGradientDescent(learningRate: 1),
        clipping: try .value(0.001)))
    let before = run.weights.tensors.flatMap(\.values)
    _ = try run.trainer.runEpoch(1)
    let moved = zip(before, run.weights.tensors.flatMap(\.values)).map { abs($0 - $1) }
    #expect(moved.max().map { $0 > 0.0009 && $0 < 0.0011 } == true)
  }

  /// Two steps of which the second has a rate of zero are one step.
  @Test func theScheduleGivesEachStepItsRate() throws {
    func weights(_ schedule: LearningRateSchedule?, steps: Int) throws -> WeightTensors {
      let run = try TestRun(
        Self.layers, on: syntheticImages(count: 40),
        configuration: TrainingConfiguration(
          batchSize: 20, optimizer: try StochasticGradientDescent(learningRate: 0.5),
          schedule: schedule))
      _ = try run.trainer.runEpoch(1, stepLimit: steps)
      return run.weights
    }
    let one = try weights(nil, steps: 1)
    #expect(try weights(.cosine(from: 0.5, over: 1), steps: 2) == one)
    #expect(try weights(.constant(0.5), steps: 2) != one)
    #expect(try weights(.constant(0.25), steps: 1) != one)
  }

  /// What the static members write out are the rules' own defaults.
  @Test func optimizersHaveOneSetOfDefaults() throws {
    let made: [OptimizerSettings] = [
      .sgd(), .momentum(), .momentum(nesterov: true), .rmsprop(), .adam(), .adamW(), .lion(),
      .lamb(), .muon(),
    ]
    #expect(made.map(\.name) == OptimizerSettings.Name.allCases)
    for settings in made {
      #expect(settings.options == OptimizerSettings(name: settings.name).options)
      let (own, usual) = (try settings.optimizer(), settings.name.usualRule)
      #expect(own.learningRate == usual.learningRate && own.name == usual.name)
    }
  }

  /// A rule with three moments has room for all of them.
  @Test func centredRMSPropWithMomentumTrains() throws {
    let run = try TestRun(
      Self.layers, on: syntheticImages(count: 200),
      configuration: TrainingConfiguration(
        batchSize: 16, threads: 2,
        optimizer: try RMSProp(learningRate: 0.001, centred: true, momentum: 0.5)))
    for epoch in 1...3 { _ = try run.trainer.runEpoch(epoch) }
    #expect(run.evaluator(threads: 1).evaluate().accuracy > 0.95)
  }
}
