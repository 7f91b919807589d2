import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTraining
import Optimizers
import Testing

/// Frozen layers keep their parameters and pass gradients on.
@Suite struct FrozenLayerTests {
  /// One of each type is frozen in the middle, and the first ones are.
  private static let layers: [any Layer] = [
    Convolution(filters: 6, kernelSize: 3, padding: 1, isTrainable: false),
    BatchNormalization(isTrainable: false), ReLU(),
    Convolution(filters: 16, kernelSize: 3, padding: 1),
    Convolution(filters: 16, kernelSize: 3, padding: 1, isTrainable: false),
    MaxPooling(2), BatchNormalization(samples: 8, isTrainable: false), Tanh(),
    Flatten(), Dense(9), ReLU(), Dense(12, isTrainable: false), Sigmoid(),
    Dense(6), GroupNormalization(groups: 2, isTrainable: false), PReLU(isTrainable: false),
    Dense(6), PReLU(isShared: true, isTrainable: false),
    Dense(4),
  ]
  private static let frozen = ["0.", "1.", "4.", "6.", "11.", "14.", "15.", "17."]

  private func run(threads: Int = 2, cores: Int = 2, batchSize: Int = 50) throws -> TestRun {
    try TestRun(
      Self.layers, on: syntheticImages(count: 177),
      configuration: TrainingConfiguration(
        batchSize: batchSize, threads: threads,
        optimizer: AdamW(learningRate: 0.01, weightDecay: 0.1)), cores: cores)
  }

  @Test func keepTheirParametersAndMeasureStatistics() throws {
    let run = try run()
    let before = run.weights
    _ = try run.trainer.runEpoch(1)
    for (old, new) in zip(before.tensors, run.weights.tensors) {
      let isFrozen = Self.frozen.contains { new.name.hasPrefix($0) }
      let isMeasured = new.name.contains("running") || new.name.contains("tracked")
      #expect((old == new) == (isFrozen && !isMeasured), "\(new.name)")
    }
  }

  @Test(arguments: [50, 64]) func anyNumberOfThreadsAndCoresGivesTheSameBits(batchSize: Int) throws
  {
    func weights(threads: Int, cores: Int) throws -> WeightTensors {
      let run = try run(threads: threads, cores: cores, batchSize: batchSize)
      for epoch in 1...2 { _ = try run.trainer.runEpoch(epoch) }
      return run.weights
    }
    let one = try weights(threads: 1, cores: 1)
    for (threads, cores) in [(2, 2), (8, 64)] {
      #expect(try weights(threads: threads, cores: cores) == one)
    }
  }

  /// At a rate of 1, a step of descent is as long as the clipped gradient.
  @Test func theNormOfGradientsIsWithoutThem() throws {
    let limit = 1e-3
    let run = try TestRun(
      Self.layers, on: syntheticImages(count: 50),
      configuration: TrainingConfiguration(
        batchSize: 50, optimizer: StochasticGradientDescent(learningRate: 1),
        clipping: .norm(limit)))
    func learned() -> [Float] {
      run.trainer.plan.learnedTensors.flatMap { $0.read(from: run.trainer.parameters) }
    }
    let before = learned()
    _ = try run.trainer.runEpoch(1)
    let squares = zip(learned(), before).reduce(0.0) { sum, pair in
      let way = Double(pair.0) - Double(pair.1)
      return sum + way * way
    }
    // Each of the parameters is rounded by 2⁻²⁴ of its size, which is 2 at most.
    let rounding = Double(before.count).squareRoot() * 0x1p-23
    #expect(abs(squares.squareRoot() - limit) < rounding + 1e-6 * limit)
  }

  @Test func aCheckpointHasNoMomentsOfThem() throws {
    let saved = try SavedRun()
    let run = try saved.run(architecture: Network(Self.layers))
    let progress = run.trainer.begin(1)
    try run.trainer.train(progress, upTo: 3)
    try saved.save(run, progress)
    let names = try SafetensorsFile(contentsOf: saved.path).tensors.map(\.name)
    #expect(names.contains("0.weight") && names.contains("optimizer.exp_avg.3.weight"))
    #expect(!names.contains { $0.hasPrefix("optimizer.exp_avg.0.") })
    try run.trainer.train(progress)

    let resumed = try saved.run(threads: 3, architecture: Network(Self.layers))
    let rest = try saved.restore(resumed)
    try resumed.trainer.train(rest)
    #expect(resumed.weights == run.weights)
  }

  /// No gradients before the first layer that is trained: neither arithmetic nor phases nor memory.
  @Test func nothingIsComputedBeforeTheFirstTrainedLayer() throws {
    func layers(isTrainable: Bool) -> [any Layer] {
      [
        Convolution(filters: 8, kernelSize: 3, isTrainable: isTrainable),
        BatchNormalization(isTrainable: isTrainable),
        PReLU(isTrainable: isTrainable), GroupNormalization(groups: 2, isTrainable: isTrainable),
        Flatten(), Dense(4),
      ]
    }
    let plans = try [true, false].map { isTrainable in
      try TestRun(
        layers(isTrainable: isTrainable), on: syntheticImages(count: 8),
        configuration: TrainingConfiguration()
      ).trainer.plan
    }
    // Forward: measurements with the convolution, statistics, and the rest with all the way back.
    #expect(plans[0].phases.count == 5)
    #expect(plans[1].phases.count == 3)
    #expect(plans[1].slotBytes == 0)
    #expect(plans[1].learnedTensors.map(\.name) == ["5.weight", "5.bias"])
    let placed = try plans.map { try $0.architecture.placedLayers(for: $0.inputShape) }
    #expect(placed.map { $0[0].operations } == [4 * 8 * 9 * 100, 2 * 8 * 9 * 100])
    #expect(placed.map { $0[5].operations } == [6 * 3200, 4 * 3200])
  }

  /// What a file says of them is replaced: the model that a run with frozen layers wrote can be trained
  /// on as a whole.
  @Test func theFirstLayersAreFrozenAndAllOthersTrained() {
    let network = Network([
      Convolution(filters: 8, kernelSize: 3),
      Residual([GroupNormalization(groups: 2)], shortcut: [PReLU()]), PReLU(isTrainable: false),
      Flatten(), Dense(4, isTrainable: false),
    ])
    func flags(_ network: Network) -> [Bool] {
      network.layers.flatMap { layer in
        layer.branches.isEmpty
          ? [layer.isTrainable] : layer.branches.flatMap { flags(Network($0.layers)) }
      }
    }
    #expect(flags(network.freezing(first: 0)) == [true, true, true, true, true, true])
    #expect(flags(network.freezing(first: 2)) == [false, false, false, true, true, true])
    #expect(network.freezing(first: 5).freezing(first: 0) == network.freezing(first: 0))
  }
}
