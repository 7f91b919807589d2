import ConvoyAugmentation
import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoyTraining

/// A trainer on a set of images, set up as the command does it.
struct TestRun {
  let trainer: Trainer
  let store: SampleStore
  let normalization: Normalization
  private let ranks: any MessagePassing

  init(
    _ layers: [any Layer], on images: ImageSet, configuration: TrainingConfiguration,
    loss: LossFunction = .crossEntropy, augmentation: Augmentation = .none,
    kernels: any KernelSet = KernelDispatch.best,
    cores: Int = AvailableCores.count, ranks: any MessagePassing = SingleProcess()
  ) throws {
    self.ranks = ranks
    let plan = try NetworkPlan(
      Network(layers), input: images.featureShape, loss: loss, kernels: kernels,
      precision: configuration.precision)
    try images.validate(for: plan)
    let parameters = ParameterMemory(plan)
    plan.initialize(parameters, Initialization(), seed: configuration.seed)
    normalization = Normalization(.standard, for: images, kernels: kernels)
    store = try SampleStore(
      images, normalization: normalization, augmentation: augmentation, seed: configuration.seed,
      map: plan.input.values, kernels: kernels)
    trainer = Trainer(
      plan: plan, parameters: parameters, store: store, configuration: configuration,
      cores: cores, ranks: ranks)
  }

  func evaluator(threads: Int) -> Evaluator {
    Evaluator(
      trainer.plan, trainer.parameters, store: store, threads: threads, ranks: ranks)
  }

  var weights: WeightTensors { WeightTensors(trainer.plan, trainer.parameters) }
}
