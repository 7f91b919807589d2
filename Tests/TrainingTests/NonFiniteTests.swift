import ConvoyDatasets
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTraining
import Optimizers
import Testing

/// The first number that is not finite ends training, and is told by its place.
@Suite struct NonFiniteTests {
  private static let layers: [any Layer] = [
    Convolution(filters: 4, kernelSize: 3, stride: 1, padding: 1), Tanh(),
    Convolution(filters: 4, kernelSize: 3, stride: 1, padding: 1), Identity(), Flatten(),
    Dense(6), Identity(), Dense(4),
  ]

  private func run(
    threads: Int, rate: Double = 0.001, clipping: GradientClipping = .none,
    layers: [any Layer] = layers
  ) throws -> TestRun {
    try TestRun(
      layers, on: syntheticImages(count: 64),
      configuration: TrainingConfiguration(
        batchSize: 16, threads: threads,
        optimizer: try StochasticGradientDescent(learningRate: rate), clipping: clipping))
  }

  private func error(
    _ run: TestRun, epoch: Int = 1
  ) throws -> (NonFiniteError, EpochProgress) {
    let progress = run.trainer.begin(epoch)
    let error = try #require(throws: NonFiniteError.self) { try run.trainer.train(progress) }
    return (error, progress)
  }

  /// Sets the first weight of a layer.
  private func spoil(_ run: TestRun, _ name: String, with value: Float) throws {
    let plan = run.trainer.plan
    let tensors = run.weights.tensors.map { tensor in
      guard tensor.name == name else { return tensor }
      return NamedTensor(
        name: name, shape: tensor.shape, values: [value] + tensor.values.dropFirst())
    }
    for (place, tensor) in zip(plan.tensors, tensors) {
      place.write(tensor.values, to: run.trainer.parameters)
    }
    plan.refresh(run.trainer.parameters)
  }

  @Test(
    arguments: [1, 2, 5],
    [
      ("0.weight", 0, "convolution 4 3×3 padding 1"),
      ("2.weight", 2, "convolution 4 3×3 padding 1"),
      ("5.bias", 5, "dense 6"), ("7.weight", 7, "dense 4"),
    ])
  func aLossIsTracedToTheLayerWhereItBegan(
    threads: Int, spoilt: (name: String, layer: Int, summary: String)
  ) throws {
    let run = try run(threads: threads)
    _ = try run.trainer.runEpoch(1)
    try spoil(run, spoilt.name, with: .nan)
    let (error, _) = try error(run, epoch: 2)
    #expect(error.quantity == .loss)
    #expect(
      "\(error)".hasPrefix("epoch 2, step 5, layer \(spoilt.layer) (\(spoilt.summary)): "))
  }

  /// Behind a ReLU that gives zeros, L2 alone moves a weight: in the epoch's last step it overflows, and no
  /// pass meets it.
  @Test(arguments: [1, 2])
  func aWeightThatOverflowsLastIsFound(threads: Int) throws {
    let run = try TestRun(
      [Flatten(), Dense(6), ReLU(), Dense(4)], on: syntheticImages(count: 64),
      configuration: TrainingConfiguration(
        batchSize: 16, threads: threads,
        optimizer: try StochasticGradientDescent(learningRate: 1_000, l2: 1_000)))
    for tensor in run.trainer.plan.tensors {
      let value: Float = ["1.bias": -1, "3.weight": 1e17][tensor.name] ?? 0
      tensor.write(Array(repeating: value, count: tensor.count), to: run.trainer.parameters)
    }
    run.trainer.plan.refresh(run.trainer.parameters)
    let (error, _) = try error(run)
    #expect(
      "\(error)".hasPrefix("epoch 1, step 4, layer 3 (dense 4): expected a finite weight"))
  }

  /// Its square is too large, and Adam would never move the weight again.
  @Test func aMomentThatOverflowsIsFound() throws {
    let run = try TestRun(
      [Flatten(), Dense(6), Identity(), Dense(4)], on: syntheticImages(count: 64),
      configuration: TrainingConfiguration(batchSize: 16))
    for tensor in run.trainer.plan.tensors {
      let value: Float = tensor.name == "1.weight" ? 1e25 : 0
      tensor.write(Array(repeating: value, count: tensor.count), to: run.trainer.parameters)
    }
    run.trainer.plan.refresh(run.trainer.parameters)
    let (error, _) = try error(run)
    #expect(
      "\(error)".hasPrefix("epoch 1, step 4, layer 3 (dense 4): expected a finite moment"))
  }

  /// Two layers of large weights, whose product overflows backward alone: forward, all that comes in is
  /// zero.
  @Test(arguments: [1, 2, 5], [false, true])
  func aGradientIsFound(threads: Int, clips: Bool) throws {
    let run = try run(
      threads: threads, clipping: clips ? .norm(1) : .none,
      layers: [
        Flatten(), Dense(6), Identity(), Dense(6), Identity(), Dense(4),
      ])
    let plan = run.trainer.plan
    for tensor in plan.tensors {
      let values = (0..<tensor.count).map { index -> Float in
        switch tensor.name {
        case "3.weight": 1e30
        // Of a sign that changes from unit to unit, or their gradients would cancel.
        case "5.weight": index / 6 % 2 == 0 ? 1e30 : -1e30
        default: 0
        }
      }
      tensor.write(values, to: run.trainer.parameters)
    }
    plan.refresh(run.trainer.parameters)
    let (error, progress) = try error(run)
    #expect("\(error)".hasPrefix("epoch 1, step 1, layer 1 (dense 6): expected a finite gradient"))
    #expect(progress.metrics.stepLosses[0].isFinite)
  }

  private func normalizedRun(weight: Float, brightest: UInt8, threads: Int) throws -> TestRun {
    var images = syntheticImages(count: 32)
    var pixels = Array(images.pixels)
    pixels[5 * images.shape.pixelCount] = brightest
    images = ImageSet(shape: images.shape, pixels: pixels, labels: images.labels)
    let run = try TestRun(
      [
        Convolution(filters: 1, kernelSize: 1, bias: false), BatchNormalization(), ReLU(),
        Flatten(), Dense(4),
      ], on: images,
      configuration: TrainingConfiguration(batchSize: 16, threads: threads, shuffle: .off))
    run.trainer.plan.tensors[0].write([weight], to: run.trainer.parameters)
    run.trainer.plan.refresh(run.trainer.parameters)
    return run
  }

  /// The sixth image overflows in the convolution, and through the mean makes all others NaN.
  @Test(arguments: [1, 2])
  func anOverflowThatTheBatchSharesIsTracedToItsOrigin(threads: Int) throws {
    let run = try normalizedRun(weight: 1e38, brightest: 255, threads: threads)
    let (error, _) = try error(run)
    #expect(
      "\(error)".hasPrefix(
        "epoch 1, step 1, layer 0 (convolution 1 1×1 no bias): expected a finite loss"))
  }

  /// Squares overflow where values do not: the layer gives its shift alone, and the loss is finite.
  @Test(arguments: [1, 2])
  func aVarianceThatOverflowsIsFoundInItsStep(threads: Int) throws {
    let run = try normalizedRun(weight: 1e20, brightest: 0, threads: threads)
    let (error, _) = try error(run)
    #expect(
      "\(error)".hasPrefix(
        "epoch 1, step 1, layer 1 (batchNormalization): expected a finite running estimate"))
  }

  /// Every number of threads stops at the same place.
  @Test func anyNumberOfThreadsFindsTheSame() throws {
    let errors = try [1, 2, 3, 8].map { try error(run(threads: $0, rate: 1e20)).0 }
    #expect(Set(errors.map(\.description)).count == 1, "\(errors)")
  }

  /// A step with a fault changes no parameter, so that what is saved of it is what was good before.
  @Test func theFaultsStepChangesNothing() throws {
    let run = try run(threads: 2)
    try spoil(run, "7.weight", with: .infinity)
    let before = run.weights
    _ = try error(run)
    #expect(run.weights == before)
  }
}
