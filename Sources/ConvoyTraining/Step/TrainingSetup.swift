import ConvoyAugmentation
import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyNeuralNetwork
import ConvoyPictures
import ConvoyProcessLimits
import ConvoySafetensors

/// A network and a data set with everything needed to train and evaluate. Creation checks that they
/// fit each other and fit in memory.
package struct TrainingSetup: Sendable {
  package let plan: NetworkPlan
  package let parameters: ParameterMemory
  package let normalization: Normalization
  private let classNames: [String]?
  private let fit: PictureFit?
  private let edgeBrightness: Int?
  private let testPart: TestPart?
  package let trainer: Trainer
  /// What the initial weights have of a file, if they have only a part of it.
  package let partialLoad: PartialLoad?
  private let testEvaluator: Evaluator
  private let validationEvaluator: Evaluator?

  /// The initial weights.
  package enum Start: Sendable {
    /// Drawn from the configuration's seed.
    case drawn(Initialization)
    /// Read from a safetensors file.
    case file(String)
    /// Read from a safetensors file as far as it fits, and drawn for the rest.
    case partOfFile(String, rest: Initialization)
    /// Given ones as far as they fit, and drawn for the rest.
    case tensors(WeightTensors, rest: Initialization)
    /// Left at zero: a checkpoint's weights follow.
    case restored
  }

  /// - Parameters:
  ///   - ownLoss: in place of `loss`; nil for none.
  ///   - augmentation: of the training images.
  ///   - averaging: of test images.
  ///   - validation: images held back from training. Normalisation is measured on the training
  ///     images alone.
  ///   - testPart: how the test images were chosen, for the model file.
  ///   - keeping: what the run will hold and save, for the memory check.
  ///   - ranks: that train together.
  /// - Throws: errors of the architecture, the data, the memory or the weights file, before the
  ///   batch's memory is allocated.
  package init(
    _ architecture: Network, on dataset: Dataset, loss: LossFunction = .crossEntropy,
    ownLoss: (any Loss)? = nil,
    from start: Start = .drawn(Initialization()), normalization method: Normalization.Method,
    augmentation: Augmentation = .none, averaging: TestTimeAugmentation = .none,
    validation: ImageSet? = nil, testPart: TestPart? = nil, configuration: TrainingConfiguration,
    keeping: MemoryNeed.Keeping = [], kernels: any KernelSet,
    ranks: any MessagePassing = SingleProcess()
  ) throws {
    let plan = try NetworkPlan(
      architecture, input: dataset.training.featureShape, loss: ownLoss == nil ? loss : nil,
      ownLoss: ownLoss, kernels: kernels, precision: configuration.precision)
    try dataset.training.validateClasses(for: plan)
    try dataset.training.validate(for: plan)
    try dataset.test.validate(for: plan)
    try validation?.validate(for: plan)
    try Self.checkStatistics(of: plan, configuration, images: dataset.training.count)
    try configuration.classWeights?.validate(classes: plan.classes)
    let cut = BatchWork(plan, configuration, images: dataset.training.count, cores: 1).cut
    guard ranks.size <= cut.groups else {
      throw RankError.tooMany(ranks: ranks.size, batchSize: cut.batchSize, groups: cut.groups)
    }
    try AvailableMemory.now.shared(by: ranks.localSize).check(
      MemoryNeed(
        training: plan, configuration, images: dataset.training.count,
        evaluated: [dataset.test.count] + (validation.map { [$0.count] } ?? []), keeping: keeping,
        cores: AvailableCores.count, ranks: ranks.size),
      for: "training with batches of \(configuration.batchSize)")
    let parameters = ParameterMemory(plan)
    let normalization = Normalization(method, for: dataset.training, kernels: kernels)
    func initialize(_ initialization: Initialization) {
      plan.initialize(parameters, initialization, seed: configuration.seed)
      plan.whiten(parameters, dataset.training, normalization)
    }
    var partialLoad: PartialLoad?
    switch start {
    case .drawn(let initialization):
      initialize(initialization)
    case .restored: break
    case .file(let path):
      try unsafe WeightTensors(tensors: SafetensorsFile(contentsOf: path).tensors)
        .load(into: parameters, of: plan, path: path)
    case .tensors(let weights, let initialization):
      initialize(initialization)
      partialLoad = try weights.loadFitting(into: parameters, of: plan, path: "initial weights")
    case .partOfFile(let path, let initialization):
      initialize(initialization)
      partialLoad = try unsafe WeightTensors(tensors: SafetensorsFile(contentsOf: path).tensors)
        .loadFitting(into: parameters, of: plan, path: path)
    }
    self.partialLoad = partialLoad

    func store(_ images: ImageSet) -> SampleStore {
      SampleStore(images, normalization: normalization, map: plan.input.values, kernels: kernels)
    }
    self.plan = plan
    self.parameters = parameters
    self.normalization = normalization
    (classNames, fit) = (dataset.classNames, dataset.training.fit)
    self.testPart = testPart
    edgeBrightness =
      dataset.training.shape.channels == 1 && normalization.pixelType == .bytes
      ? Int(dataset.training.edgeBrightness.rounded()) : nil
    let trainer = Trainer(
      plan: plan, parameters: parameters,
      store: try SampleStore(
        dataset.training, normalization: normalization, augmentation: augmentation,
        seed: configuration.seed, map: plan.input.values, kernels: kernels),
      configuration: configuration, ranks: ranks)
    func evaluator(
      _ images: ImageSet, averaging: TestTimeAugmentation = .none
    ) -> Evaluator {
      Evaluator(
        plan, trainer.judgedParameters, store: store(images), threads: configuration.threads,
        averaging: averaging, ranks: ranks)
    }
    self.trainer = trainer
    testEvaluator = evaluator(dataset.test, averaging: averaging)
    validationEvaluator = validation.map { evaluator($0) }
  }

  /// Checks that every batch of an epoch has values enough for the statistics that layers measure.
  private static func checkStatistics(
    of plan: NetworkPlan, _ configuration: TrainingConfiguration, images: Int
  ) throws(TrainingDataError) {
    let batch = min(configuration.batchSize, images)
    let last = configuration.dropsLast ? 0 : images % batch
    let batches = [batch] + (last > 0 ? [last] : [])
    for images in batches { try plan.checkStatistics(ofBatch: images) }
  }

  /// Evaluates the network on the test images.
  package func evaluate() -> Evaluation { testEvaluator.evaluate() }

  /// Evaluates the network on the validation images, if there are any.
  package func validate() -> Evaluation? { validationEvaluator?.evaluate() }

  /// A copy of the current weights, or of their average, if there is one.
  package var weights: WeightTensors { WeightTensors(plan, trainer.judgedParameters) }

  /// A model file of the current network, with the average of the weights, if there is one.
  package var model: ModelFile {
    ModelFile(
      plan, trainer.judgedParameters, normalization: normalization, classNames: classNames,
      fit: fit, edgeBrightness: edgeBrightness, testPart: testPart)
  }

  /// Replaces the weights that the network is judged and saved by, for example by those of an earlier
  /// epoch.
  package func load(_ weights: WeightTensors) {
    weights.write(to: trainer.judgedParameters, of: plan)
  }
}

extension NetworkPlan {
  /// Checks that a batch of so many images has values enough for the statistics that layers measure.
  package func checkStatistics(ofBatch images: Int) throws(TrainingDataError) {
    if let (layer, values) = layerWithFewestValues(inBatchOf: images), values < 2 {
      throw .statistics(layer: FaultyLayer(layer), images: images, found: values)
    }
  }
}
