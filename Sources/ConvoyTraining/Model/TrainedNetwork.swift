import ConvoyAugmentation
import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyProcessLimits

/// A network from a model file, ready to judge images.
package struct TrainedNetwork: Sendable {
  package let model: ModelFile
  package let plan: NetworkPlan
  let path: String
  let parameters: ParameterMemory
  let kernels: any KernelSet

  /// - Throws: `SafetensorsError`, `NetworkError` or `ModelFileError`, which name the file, and
  ///   `MemoryError`.
  package init(contentsOf path: String, kernels: any KernelSet) throws {
    try self.init(ModelFile(contentsOf: path), path: path, kernels: kernels)
  }

  /// - Parameters:
  ///   - path: the model's, for errors.
  ///   - ownLoss: the loss that it was trained with, if that is one of the caller's own; nil if it is
  ///     not to be judged.
  package init(
    _ model: ModelFile, path: String, ownLoss: (any Loss)? = nil, kernels: any KernelSet
  ) throws {
    if let ownLoss, model.ownLoss != ownLoss.name {
      throw TrainingDataError.otherLoss(
        file: path, expected: model.ownLoss, found: ownLoss.name)
    }
    let plan = try NetworkPlan(
      model.architecture, input: model.inputShape, loss: model.loss, ownLoss: ownLoss,
      kernels: kernels)
    if let names = model.classNames, names.count != plan.classes {
      throw ModelFileError.metadata(
        path: path, key: "classes", expected: "\(plan.classes) names, one for each output",
        found: "\(names.count)")
    }
    self.model = model
    self.plan = plan
    self.path = path
    self.kernels = kernels
    try AvailableMemory.now.check(
      MemoryNeed(
        evaluating: plan, images: Predictor.mostImages, threads: 1, cores: AvailableCores.count),
      for: path)
    parameters = ParameterMemory(plan)
    try model.weights.load(into: parameters, of: plan, path: path)
  }

  /// What it takes and tells apart.
  package var input: TrainedInput {
    let shape = model.inputShape
    return TrainedInput(
      shape: ImageShape(channels: shape.channels, height: shape.height, width: shape.width),
      fit: model.fit, classes: plan.classes, classNames: model.classNames,
      testPart: model.testPart)
  }

  /// What a class is called: its name, or its number.
  package func className(_ label: Int) -> String { model.classNames?[label] ?? "\(label)" }

  /// An evaluator of the network on images.
  ///
  /// - Parameters:
  ///   - judging: false if only `outputs` will be asked for; then images need no labels.
  ///   - averaging: over views of each image.
  ///   - variations: what views are drawn from.
  /// - Throws: `TrainingDataError` if the images do not fit, `MemoryError`, and `AugmentationError` if
  ///   the variations do not fit the images.
  package func evaluator(
    on images: ImageSet, judging: Bool = true, threads: Int,
    averaging: TestTimeAugmentation = .none, variations: Augmentation = .none
  ) throws -> Evaluator {
    guard !judging || plan.loss != nil || plan.ownLoss != nil else {
      throw TrainingDataError.otherLoss(file: path, expected: model.ownLoss, found: nil)
    }
    try images.validate(for: plan, model.normalization)
    try AvailableMemory.now.check(
      MemoryNeed(
        evaluating: plan, images: images.count, threads: threads, cores: AvailableCores.count),
      for: path)
    let store = try SampleStore(
      images, normalization: model.normalization, augmentation: variations, seed: 0,
      map: plan.input.values, kernels: kernels)
    return Evaluator(plan, parameters, store: store, threads: threads, averaging: averaging)
  }
}
