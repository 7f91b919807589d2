import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import Optimizers

extension MemoryNeed {
  /// What a run holds in addition to training and evaluation.
  package struct Keeping: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// The run writes checkpoints. Resuming it later needs a checkpoint's weights and moments in
    /// memory beside its own, so a run that starts must leave room for them.
    package static let checkpoints = Keeping(rawValue: 1)
    /// The weights of the best epoch.
    package static let bestWeights = Keeping(rawValue: 2)
    /// Is being resumed: the checkpoint is in memory already, and counted as used.
    package static let loadedCheckpoint = Keeping(rawValue: 4)
  }

  /// Training with the images already in memory: parameters and their average, kept gradients, moments,
  /// a batch, worker memory, the order of an epoch, evaluation of each set, and a copy of the
  /// weights for the model file. Checkpoints are written without copies.
  ///
  /// - Parameters:
  ///   - images: the number of training images.
  ///   - evaluated: the number of images of each evaluated set.
  ///   - cores: the cores available to the process.
  ///   - ranks: the processes that share a batch.
  package init(
    training plan: NetworkPlan, _ configuration: TrainingConfiguration, images: Int,
    evaluated: [Int], keeping: Keeping, cores: Int, ranks: Int = 1
  ) {
    let work = BatchWork(plan, configuration, images: images, cores: cores, ranks: ranks)
    let moments = configuration.optimizer.momentCount
    let averages = configuration.averaging == .none ? 0 : 1
    let copies =
      keeping.contains(.loadedCheckpoint)
      ? 0
      : 1 + (keeping.contains(.checkpoints) ? moments + averages : 0)
        + (keeping.contains(.bestWeights) ? 1 : 0)
    // Otherwise each worker has one of a block, which is not counted: 0.3 MB at 512 channels.
    let keepsGradients = configuration.keepsGradients || ranks > 1
    let parameters =
      plan.parameterMemoryBytes * Double(1 + averages)
      + plan.parameterBytes * Double((keepsGradients ? 1 : 0) + moments + copies)
    let tensors = TensorUpdates.Need(configuration.optimizer, plan)
    let tensorBytes =
      Double(tensors.directions + tensors.work * work.workers) * Double(MemoryLayout<Float>.stride)
    // The order of the images, and at most one step loss per image.
    let epoch = Double(images) * Double(MemoryLayout<Int>.stride + MemoryLayout<Float>.stride)
    self = evaluated.reduce(
      MemoryNeed(
        bytes: parameters + tensorBytes + work.batchBytes + work.workerBytes + epoch,
        threads: work.workers + Self.otherThreads)
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

  /// The progress bar's thread, and Dispatch's manager thread.
  private static let otherThreads = 2

  /// The buffers of the evaluators. Space for gradients is reserved and never written.
  private static func evaluators(
    of plan: NetworkPlan, images: Int, threads: Int, cores: Int
  ) -> MemoryNeed {
    let folded = FoldedNetwork(plan)?.plan
    let foldedBytes = folded?.parameterMemoryBytes ?? 0
    let plan = folded ?? plan
    let cut = EvaluationCut(plan, images: images, threads: threads)
    let samples = cut.chunkSize
    let workers = Double(min(cut.workers, cores))
    let results = Double(images) * Double(MemoryLayout<LossResult>.stride)
    return MemoryNeed(
      resident: foldedBytes + results + workers * plan.forwardBytes(samples: samples),
      reserved: foldedBytes + results
        + workers
        * (plan.batchMemoryBytes(samples: samples, slots: 0)
          + plan.workerMemoryBytes(samples: samples)))
  }
}
