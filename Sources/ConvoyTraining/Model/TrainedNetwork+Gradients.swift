import ConvoyDatasets
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import Optimizers

extension TrainedNetwork {
  /// The gradients of the mean loss over a batch, by a step of training: with dropout and with the
  /// batch's own statistics.
  ///
  /// - Parameters:
  ///   - images: of which the batch is drawn; all, if there are fewer.
  ///   - size: of the batch.
  /// - Returns: the tensors that are trained, each with its gradient; nil if the network needs more images to
  ///   measure statistics.
  /// - Throws: `TrainingDataError` if the images do not fit, `MemoryError`, or `NonFiniteError`.
  package func gradients(
    on images: ImageSet, batch size: Int, threads: Int
  ) throws -> [(tensor: ParameterTensor, gradient: [Float])]? {
    try images.validate(for: plan, model.normalization)
    let count = min(size, images.count)
    if let (_, values) = plan.layerWithFewestValues(inBatchOf: count), values < 2 { return nil }
    let configuration = TrainingConfiguration(
      batchSize: count, threads: threads, optimizer: GradientCopy())
    try AvailableMemory.now.check(
      MemoryNeed(
        training: plan, configuration, images: images.count, evaluated: [], keeping: [],
        cores: AvailableCores.count),
      for: path)
    // The step leaves gradients in the place of weights.
    let copy = ParameterMemory(plan)
    try model.weights.load(into: copy, of: plan, path: path)
    let trainer = Trainer(
      plan: plan, parameters: copy,
      store: SampleStore(
        images, normalization: model.normalization, map: plan.input.values, kernels: kernels),
      configuration: configuration)
    _ = try trainer.runEpoch(1, stepLimit: 1)
    return copy.exclusively { plan.learnedTensors.map { ($0, $0.read(from: copy)) } }
  }
}

/// A rule that replaces each parameter by its gradient.
private struct GradientCopy: Optimizer {
  let name = "gradient"
  let momentNames: [String] = []
  let learningRate = 0.0

  func update(_ block: borrowing UpdateBlock) {
    block.updateEach { parameter, gradient, _ in parameter = gradient }
  }
}
