import KernelInterface
import NeuralNetwork
import ProcessLimits

extension MemoryNeed {
  /// What a run does beside training and evaluation that takes memory.
  package struct Keeping: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Writes checkpoints, with the optimizer's moments.
    package static let checkpoints = Keeping(rawValue: 1)
    /// Holds the weights of the best epoch.
    package static let bestWeights = Keeping(rawValue: 2)
  }

  /// Training and what belongs to it, with the images in memory already: parameters, gradients and
  /// moments, a batch, what each worker computes in, the order of an epoch, evaluation of each of the
  /// sets, and copies of the tensors. Files are assumed to be written from those copies, without
  /// others.
  ///
  /// - Parameters:
  ///   - images: to train on.
  ///   - evaluated: the images of each set that is evaluated.
  ///   - cores: that the process may use.
  package init(
    training plan: NetworkPlan, _ configuration: TrainingConfiguration, images: Int,
    evaluated: [Int], keeping: Keeping, cores: Int
  ) {
    let batchSize = configuration.largestBatch(images: images)
    let cut = ShardCut(batchSize: batchSize, slotBytes: plan.slotBytes)
    let workers = min(configuration.threads, cores)
    let moments = configuration.optimizer.momentCount
    let copies =
      1 + (keeping.contains(.checkpoints) ? moments : 0)
      + (keeping.contains(.bestWeights) ? 1 : 0)
    let parameters =
      plan.parameterMemoryBytes + plan.parameterBytes * Double(1 + moments + copies)
    let batch = plan.batchMemoryBytes(samples: batchSize, slots: cut.shards)
    let shards = plan.workerMemoryBytes(samples: cut.shardSize) * Double(min(workers, cut.shards))
    // A number for each image, and its step's loss at the most.
    let epoch = Double(images) * Double(MemoryLayout<Int>.stride + MemoryLayout<Float>.stride)
    self = evaluated.reduce(
      MemoryNeed(
        bytes: parameters + batch + shards + epoch, threads: workers + Self.otherThreads)
    ) { need, images in
      need + Self.evaluators(of: plan, images: images, threads: configuration.threads, cores: cores)
    }
  }

  /// Evaluation with the images and the tensors of the file in memory already.
  package init(evaluating plan: NetworkPlan, images: Int, threads: Int, cores: Int) {
    self =
      Self.evaluators(of: plan, images: images, threads: threads, cores: cores)
      + MemoryNeed(
        bytes: plan.parameterMemoryBytes, threads: min(threads, cores) + Self.otherThreads)
  }

  /// One that draws progress, and those by which Dispatch looks after its own.
  private static let otherThreads = 2

  /// Memory that evaluators keep. Gradients have places in it that nobody writes.
  private static func evaluators(
    of plan: NetworkPlan, images: Int, threads: Int, cores: Int
  ) -> MemoryNeed {
    let cut = EvaluationCut(plan, images: images, threads: threads)
    let samples = cut.shardSize
    let workers = Double(min(cut.workers, cores))
    let results = Double(images) * Double(MemoryLayout<LossResult>.stride)
    return MemoryNeed(
      resident: results + workers * plan.forwardBytes(samples: samples),
      reserved: results
        + workers
        * (plan.batchMemoryBytes(samples: samples, slots: 0)
          + plan.workerMemoryBytes(samples: samples)))
  }
}
