import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoyTraining
import Optimizers

/// A network with a trainer and an evaluator, set up as by `convoy train`.
struct MeasuredNetwork {
  let trainer: Trainer
  let evaluator: Evaluator
  private let plan: NetworkPlan
  private let parameters: ParameterMemory
  private let shape: ImageShape
  private let normalization: Normalization

  /// - Parameter isTrained: whether it runs steps of training, which may need larger batches than forward
  ///   passes.
  init(
    _ architecture: Network, images: ImageSet, batch: Int, isTrained: Bool = true, threads: Int,
    optimizer: Adam,
    kernels: any KernelSet, layerKernels: ((_ layer: Int) -> any KernelSet)? = nil,
    convolutions: ConvolutionAlgorithm = .fastest, precision: Precision = .fp32,
    cores: Int = AvailableCores.count, ranks: any MessagePassing = SingleProcess()
  ) throws {
    let plan = try NetworkPlan(
      architecture, input: images.featureShape, loss: .crossEntropy, kernels: kernels,
      layerKernels: layerKernels, convolutions: convolutions, precision: precision)
    try images.validate(for: plan)
    if isTrained { try plan.checkStatistics(ofBatch: batch) }
    let configuration = TrainingConfiguration(
      batchSize: batch, threads: threads, optimizer: optimizer)
    let parameters = ParameterMemory(plan)
    plan.initialize(parameters, Initialization(), seed: configuration.seed)
    let normalization = Normalization(.standard, for: images, kernels: kernels)
    let store = SampleStore(
      images, normalization: normalization, map: plan.input.values, kernels: kernels)
    trainer = Trainer(
      plan: plan, parameters: parameters, store: store, configuration: configuration, cores: cores,
      ranks: ranks)
    evaluator = Evaluator(plan, parameters, store: store, threads: threads)
    (self.plan, self.parameters) = (plan, parameters)
    (shape, self.normalization) = (images.shape, normalization)
  }

  /// On demand: what it folds would count in training's memory.
  func makePredictor() -> Predictor {
    Predictor(plan, parameters, shape: shape, normalization: normalization)
  }
}
