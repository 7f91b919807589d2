import ConvoyAugmentation
import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyReference
import ConvoySafetensors
import ConvoyTraining
import Synchronization
import Testing

/// Test-time augmentation.
@Suite struct TestTimeTests {
  private static let (height, width, channels) = (4, 5, 3)
  private static let augmentation = "flip,crop:1,brightness:0.3"

  /// How a view takes its pixels: from an epoch's image, at a row and column.
  private struct View: Sendable {
    var epoch = 0
    var weight = 0.5
    var row: @Sendable (Int) -> Int = { $0 }
    var column: @Sendable (Int) -> Int = { $0 }
  }

  private struct Case: Sendable {
    let name: String
    let augmentation: TestTimeAugmentation
    let views: [View]
  }

  /// Reflected at the first and last pixel, as PyTorch's `reflect`.
  @Sendable private static func earlier(_ place: Int) -> Int { place == 0 ? 1 : place - 1 }
  @Sendable private static func below(_ row: Int) -> Int {
    row == height - 1 ? height - 2 : row + 1
  }
  @Sendable private static func beside(_ column: Int) -> Int {
    column == width - 1 ? width - 2 : column + 1
  }
  @Sendable private static func mirrored(_ column: Int) -> Int { width - 1 - column }

  private static let cases: [Case] = [
    Case(name: "none", augmentation: .none, views: [View(weight: 1)]),
    Case(name: "flip", augmentation: .flip, views: [View(), View(column: mirrored)]),
    Case(
      name: "flip+shift", augmentation: .flipAndShift,
      views: [
        View(weight: 0.25), View(weight: 0.25, column: mirrored),
        View(weight: 0.125, row: earlier, column: earlier),
        View(weight: 0.125, row: earlier, column: { earlier(mirrored($0)) }),
        View(weight: 0.125, row: below, column: beside),
        View(weight: 0.125, row: below, column: { beside(mirrored($0)) }),
      ]),
    Case(
      name: "variations", augmentation: .variations(3),
      views: (0...3).map { View(epoch: $0, weight: 0.25) }),
  ]

  private func run() throws -> TestRun {
    try TestRun(
      [Flatten(), Dense(4)],
      on: syntheticImages(
        count: 40, channels: Self.channels, height: Self.height, width: Self.width),
      configuration: TrainingConfiguration(batchSize: 7),
      augmentation: try Augmentation(Self.augmentation))
  }

  /// The average's loss and accuracy, computed from the definitions.
  private func expected(_ views: [View], _ run: TestRun) -> (loss: Double, accuracy: Double) {
    let weights = run.weights.tensors.map { $0.values.map(Double.init) }
    let map = run.trainer.plan.input.values
    let memory = AlignedBuffer<Float>(count: map.count)
    let scratch = run.store.makeScratch()
    var (loss, correct) = (0.0, 0)
    for number in 0..<40 {
      var outputs = weights[1]
      for view in views {
        run.store.write(
          SampleKey(seed: 0, epoch: view.epoch, number: number), to: memory.pointer,
          scratch: scratch)
        for index in 0..<map.shape.count {
          let (channel, pixel) = (
            index / (Self.height * Self.width), index % (Self.height * Self.width)
          )
          let (row, column) = (view.row(pixel / Self.width), view.column(pixel % Self.width))
          let seen = map.offset(of: (channel * Self.height + row) * Self.width + column)
          for unit in outputs.indices {
            outputs[unit] +=
              view.weight * weights[0][unit * map.shape.count + index]
              * Double(memory.pointer[seen])
          }
        }
      }
      let label = run.store.label(number)
      loss += softmaxCrossEntropy(logits: outputs, label: label).loss / 40
      if outputs.allSatisfy({ $0 <= outputs[label] }) { correct += 1 }
    }
    return (loss, Double(correct) / 40)
  }

  /// The views differ by 0.01 and more in the loss; single precision by 60 products and a few sums of
  /// numbers below 8, whose errors have random signs.
  @Test(arguments: cases.indices)
  func theOutputsOfTheViewsAreAveraged(index: Int) throws {
    let tried = Self.cases[index]
    let run = try run()
    let found = Evaluator(
      run.trainer.plan, run.trainer.parameters, store: run.store, threads: 2,
      averaging: tried.augmentation
    ).evaluate()
    let expected = expected(tried.views, run)
    #expect(abs(found.loss - expected.loss) < 1e-5, "\(tried.name)")
    #expect(found.accuracy == expected.accuracy, "\(tried.name)")
    #expect(found.fault == nil)
    if index > 0 {
      #expect(abs(self.expected(Self.cases[0].views, run).loss - expected.loss) > 1e-3)
    }
  }

  /// On a network whose evaluation is folded, and whose input has a border.
  @Test(arguments: [TestTimeAugmentation.flip, .flipAndShift, .variations(2)])
  func anyNumberOfThreadsGivesTheSameBits(augmentation: TestTimeAugmentation) throws {
    let run = try TestRun(
      MixedRun.layers, on: syntheticImages(count: 177),
      configuration: TrainingConfiguration(batchSize: 50),
      augmentation: try Augmentation(Self.augmentation))
    _ = try run.trainer.runEpoch(1)
    let evaluations = [1, 2, 5].map { threads in
      Evaluator(
        run.trainer.plan, run.trainer.parameters, store: run.store, threads: threads,
        averaging: augmentation
      ).evaluate()
    }
    #expect(evaluations.allSatisfy { $0 == evaluations[0] })
    #expect(evaluations[0] != run.evaluator(threads: 1).evaluate())
  }

  /// Test-time augmentation is of a set-up's test images, not of its validation images.
  @Test func aSetUpAveragesOverViewsOfItsTestImages() throws {
    let images = syntheticImages(count: 40)
    func setup(_ averaging: TestTimeAugmentation) throws -> TrainingSetup {
      try TrainingSetup(
        Network([Flatten(), Dense(4)]), on: Dataset(training: images, test: images, classes: 4),
        normalization: .standard, averaging: averaging, validation: images,
        configuration: TrainingConfiguration(batchSize: 4), kernels: KernelDispatch.best)
    }
    let (once, flipped) = (try setup(.none), try setup(.flip))
    let store = SampleStore(
      images, normalization: flipped.normalization, map: flipped.plan.input.values,
      kernels: KernelDispatch.best)
    let evaluator = Evaluator(
      flipped.plan, flipped.parameters, store: store, threads: 1, averaging: .flip)
    let seen = Atomic(0)
    #expect(
      flipped.evaluate() == evaluator.evaluate { seen.add($0, ordering: .relaxed) })
    #expect(seen.load(ordering: .relaxed) == images.count)
    #expect(flipped.evaluate() != once.evaluate())
    #expect(flipped.validate() == once.evaluate())
  }

  /// An image of one pixel has no reflection.
  @Test func theSmallestImagesAreSeen() throws {
    let images = ImageSet(
      shape: ImageShape(channels: 1, height: 1, width: 1), pixels: [10, 90, 170, 250],
      labels: [0, 1, 2, 3])
    let run = try TestRun(
      [Flatten(), Dense(4)], on: images,
      configuration: TrainingConfiguration(batchSize: 4),
      augmentation: try Augmentation("brightness:0.9"))
    let found = Evaluator(
      run.trainer.plan, run.trainer.parameters, store: run.store, threads: 1,
      averaging: .flipAndShift
    ).evaluate()
    #expect(abs(found.loss - run.evaluator(threads: 1).evaluate().loss) < 1e-6)
    // Evaluation sees the images themselves, though the store would vary them in training.
    let plain = SampleStore(
      images, normalization: run.normalization, map: run.trainer.plan.input.values,
      kernels: KernelDispatch.best)
    let evaluator = Evaluator(
      run.trainer.plan, run.trainer.parameters, store: plain, threads: 1)
    #expect(evaluator.evaluate() == run.evaluator(threads: 1).evaluate())
  }
}
