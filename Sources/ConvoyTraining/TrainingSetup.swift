import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoySafetensors

/// A network and a data set, with all that it takes to train the one on the other and to measure what
/// it learned: checked to go together and to fit into memory, and put together once.
package struct TrainingSetup: Sendable {
  package let plan: NetworkPlan
  package let parameters: ParameterMemory
  package let normalization: Normalization
  package let trainer: Trainer
  private let testEvaluator: Evaluator
  private let validationEvaluator: Evaluator?

  /// Where training begins.
  package enum Start: Sendable {
    /// Weights are drawn, by the configuration's seed.
    case drawn(Initialization)
    /// The weights of a safetensors file.
    case file(String)
  }

  /// - Parameters:
  ///   - validation: images held back from the training set, which alone decides how pixels are
  ///     normalised.
  ///   - keeping: what is going to be held and saved, for the memory it takes.
  /// - Throws: errors of the architecture, the data, the memory or the file of weights, before any
  ///   memory for the batch is asked for.
  package init(
    _ architecture: Architecture, on dataset: Dataset, loss: LossFunction = .crossEntropy,
    from start: Start = .drawn(Initialization()), normalization method: Normalization.Method,
    validation: ImageSet? = nil, configuration: TrainingConfiguration,
    keeping: MemoryNeed.Keeping = [], kernels: any KernelSet
  ) throws {
    let plan = try NetworkPlan(
      architecture, input: dataset.training.featureShape, loss: loss, kernels: kernels)
    try dataset.training.validate(for: plan)
    try dataset.test.validate(for: plan)
    try AvailableMemory.now.check(
      MemoryNeed(
        training: plan, configuration, images: dataset.training.count,
        evaluated: [dataset.test.count] + (validation.map { [$0.count] } ?? []), keeping: keeping,
        cores: AvailableCores.count),
      for: "training with batches of \(configuration.batchSize)")
    let parameters = ParameterMemory(plan)
    switch start {
    case .drawn(let initialization):
      plan.initialize(parameters, initialization, seed: configuration.seed)
    case .file(let path):
      try unsafe WeightTensors(tensors: SafetensorsFile(contentsOf: path).tensors)
        .load(into: parameters, of: plan, path: path)
    }

    let normalization = Normalization(method, for: dataset.training, kernels: kernels)
    func store(_ images: ImageSet) -> SampleStore {
      SampleStore(images, normalization: normalization, map: plan.input.values, kernels: kernels)
    }
    func evaluator(_ images: ImageSet) -> Evaluator {
      Evaluator(
        plan, parameters, store: store(images), threads: configuration.threads)
    }
    self.plan = plan
    self.parameters = parameters
    self.normalization = normalization
    trainer = Trainer(
      plan: plan, parameters: parameters, store: store(dataset.training),
      configuration: configuration)
    testEvaluator = evaluator(dataset.test)
    validationEvaluator = validation.map(evaluator)
  }

  /// How well the network does on the test images now.
  package func evaluate() -> Evaluation { testEvaluator.evaluate() }

  /// How well it does on the images held back, if there are any.
  package func validate() -> Evaluation? { validationEvaluator?.evaluate() }

  /// The weights as they are now.
  package var weights: WeightTensors { WeightTensors(plan, parameters) }

  /// The network as it is now.
  package var model: ModelFile { ModelFile(plan, parameters, normalization: normalization) }

  /// Gives the network other weights of its own, such as those of an earlier epoch.
  package func load(_ weights: WeightTensors) {
    weights.write(to: parameters, of: plan)
  }
}
