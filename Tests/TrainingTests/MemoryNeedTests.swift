import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import Optimizers
import Testing

@testable import ConvoyTraining

@Suite struct MemoryNeedTests {
  private static let megabyte = 1_048_576.0

  /// 20 million parameters, a little activation.
  private let wide = Network([
    Flatten(), Dense(4096), Dense(4096), Dense(4),
  ])
  /// Few parameters, 8 × 256 × 256 floats behind each sample.
  private let large = Network([
    Convolution(filters: 8, kernelSize: 3, stride: 1, padding: 1), Sigmoid(),
    AveragePooling(128, stride: 128), Flatten(), Dense(4),
  ])

  private func plan(_ architecture: Network, size: Int) throws -> NetworkPlan {
    try NetworkPlan(
      architecture, input: FeatureShape(channels: 1, height: size, width: size),
      loss: .crossEntropy, kernels: KernelDispatch.best)
  }

  /// Ranks with other numbers of threads share the chunks of an evaluation.
  @Test(arguments: [1, 63, 640, 10_000])
  func chunksOfAnEvaluationDependOnNoThreads(images: Int) throws {
    let heavy = Network([Flatten(), Dense(4_096), ReLU(), Dense(4)])
    let plan = try plan(heavy, size: 16)
    let sizes = [1, 2, 7, 64].map {
      EvaluationCut(plan, images: images, threads: $0).chunkSize
    }
    #expect(Set(sizes).count == 1 && (images < 640 || sizes[0] > 10))
  }

  private func training(
    _ plan: NetworkPlan, batch: Int = 4, images: Int = 1_000, evaluated: [Int] = [],
    keeping: MemoryNeed.Keeping = [], optimizer: any Optimizer = Adam(),
    averaging: WeightAveraging = .none, threads: Int = 1, cores: Int = 4, ranks: Int = 1
  ) -> MemoryNeed {
    MemoryNeed(
      training: plan,
      TrainingConfiguration(
        batchSize: batch, threads: threads, optimizer: optimizer, averaging: averaging),
      images: images, evaluated: evaluated, keeping: keeping, cores: cores, ranks: ranks)
  }

  @Test func aBatchHasNoMoreSamplesThanThereAreImages() throws {
    let plan = try plan(large, size: 256)
    #expect(training(plan, batch: 1_000_000, images: 20) == training(plan, batch: 20, images: 20))
    #expect(training(plan, batch: 20, images: 20) != training(plan, batch: 4, images: 20))
  }

  /// Evaluation has no gradients, no moments and no batch.
  @Test func evaluationNeedsTheParametersAndAFewSamples() throws {
    let wide = try plan(wide, size: 28)
    let parameters = 4 * Double(wide.storedParameterCount)
    let evaluation = MemoryNeed(evaluating: wide, images: 1_000, threads: 2, cores: 4)
    // Once as they are and once transposed, for lack of a way to do without.
    #expect(evaluation.resident < 2.1 * parameters)
    #expect(training(wide).resident > 4.5 * parameters)

    let large = try plan(large, size: 256)
    let forward = 4 * 256.0 * 256 * (1 + 8)
    let need = MemoryNeed(evaluating: large, images: 1_000, threads: 1, cores: 4)
    #expect(need.resident > forward && need.resident < 1.2 * forward)
    #expect(need.reserved > 1.5 * forward, "with places for gradients")
  }

  @Test func eachSetThatIsEvaluatedIsCounted() throws {
    let plan = try plan(large, size: 256)
    let forward = 4 * 256.0 * 256 * (1 + 8)
    let needs = [[], [100], [100, 100]].map { training(plan, evaluated: $0).resident }
    #expect(needs[1] - needs[0] >= forward)
    #expect(needs[2] - needs[1] == needs[1] - needs[0])
  }

  /// A checkpoint that is in memory counts as used, so a run that could start can be resumed.
  @Test func whatStartsCanBeResumed() throws {
    let plan = try plan(wide, size: 28)
    let parameters = 4 * Double(plan.storedParameterCount)
    let start = training(plan, keeping: [.checkpoints, .bestWeights]).resident
    let resumed = training(
      plan, keeping: [.checkpoints, .bestWeights, .loadedCheckpoint]
    ).resident
    // Weights, two moments and the best weights.
    #expect(resumed + 4 * parameters == start)
  }

  @Test func copiesForFilesAreCounted() throws {
    let plan = try plan(wide, size: 28)
    let parameters = 4 * Double(plan.storedParameterCount)
    let alone = training(plan).resident
    #expect(training(plan, keeping: .checkpoints).resident == alone + 2 * parameters)
    #expect(training(plan, keeping: .bestWeights).resident == alone + parameters)
    let descent = StochasticGradientDescent()
    #expect(training(plan, optimizer: descent).resident == alone - 2 * parameters)
    #expect(
      training(plan, keeping: .checkpoints, optimizer: descent).resident == alone - 2 * parameters)
  }

  /// An average has derived weights of its own; a checkpoint holds it without them.
  @Test func anAverageIsCounted() throws {
    let plan = try plan(wide, size: 28)
    let averaging = WeightAveraging.exponential(decay: 0.9)
    let alone = training(plan).resident
    let averaged = training(plan, averaging: averaging).resident
    #expect(averaged == alone + plan.parameterMemoryBytes)
    #expect(
      training(plan, keeping: .checkpoints, averaging: averaging).resident
        == averaged + 3 * 4 * Double(plan.storedParameterCount))
  }

  /// The directions of all matrices, and for each worker two copies of the largest and two squares of
  /// its shorter side; all gradients, which an optimizer of single parameters does not keep.
  @Test func workOnMatricesIsCounted() throws {
    let plan = try plan(wide, size: 28)
    let parameters = 4 * Double(plan.storedParameterCount)
    for threads in [1, 2] {
      let adam = training(plan, threads: threads).resident
      let muon = training(plan, optimizer: Muon(), threads: threads).resident
      #expect(muon == adam + 2 * parameters + Double(threads) * 4 * 4 * 4096 * 4096)
      #expect(training(plan, optimizer: Lamb(), threads: threads).resident == adam + parameters)
    }
  }

  /// Ranks keep all gradients, and a slot for each group.
  @Test func whatRanksKeepIsCounted() throws {
    let dense = try plan(wide, size: 28)
    #expect(
      training(dense, ranks: 2).resident
        == training(dense).resident + 4 * Double(dense.storedParameterCount))
    let large = try plan(
      Network([
        Convolution(filters: 8, kernelSize: 3), Convolution(filters: 300, kernelSize: 3),
        GlobalAveragePooling(), Dense(4),
      ]), size: 8)
    #expect(16 * large.slotBytes > 1 << 20)
    let (one, two) = (training(large, batch: 64), training(large, batch: 64, ranks: 2))
    #expect(two.resident > one.resident + 6 * Double(large.slotBytes))
  }

  @Test func noMoreWorkersThanCoresAreCounted() throws {
    let plan = try plan(large, size: 256)
    let needs = [1, 2, 4].map { training(plan, batch: 16, threads: 64, cores: $0) }
    #expect(needs[1].resident > needs[0].resident)
    #expect(needs[2].resident > needs[1].resident)
    #expect(needs[2].threads == needs[0].threads + 3)
    #expect(training(plan, batch: 16, threads: 2, cores: 64) == needs[1])
  }
}
