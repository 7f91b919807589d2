import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyNetworkOptions
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoyTerminal
import ConvoyTraining

/// `convoy evaluate`: the accuracy and loss of a model file on a test set.
struct EvaluateCommand {
  static let description = CommandDescription(
    name: "evaluate",
    overview: "Print the test accuracy and loss of a trained model.",
    options: [
      .value(
        "weights", "file", help: "A model file that train wrote with --output.", isRequired: true),
      NetworkOptions.data, DataOptions.testFraction,
      .value("seed", "number", help: "The seed of the run, for the test fraction.", default: "0"),
      DataOptions.skipUnreadable, NetworkOptions.threads,
      NetworkOptions.instructionSet,
    ] + TestTimeOptions.descriptions)

  private let weights: String
  private let data: String
  private let testFraction: Double?
  private let seed: UInt64
  private let skipsUnreadable: Bool
  private let testTime: TestTimeOptions
  private let threads: Int
  private let kernels: any KernelSet

  init(_ options: ParsedOptions) throws {
    weights = try options.requiredString("weights")
    data = NetworkOptions.data(options)
    testFraction = try options.number("test-fraction", above: 0, atMost: 0.9)
    seed = try options.unsignedInteger("seed") ?? 0
    skipsUnreadable = options.flag("skip-unreadable")
    testTime = try TestTimeOptions(options)
    threads = try NetworkOptions.threads(options)
    kernels = try NetworkOptions.kernels(options)
  }

  func run(_ console: Console) throws {
    let model = try ModelFile(contentsOf: weights)
    let plan = try NetworkPlan(
      model.architecture, input: model.inputShape, loss: model.loss, kernels: kernels)
    if let names = model.classNames, names.count != plan.classes {
      throw ModelFileError.metadata(
        path: weights, key: "classes", expected: "\(plan.classes) names, one for each output",
        found: "\(names.count)")
    }
    let (images, areAll) = try images(for: model, classes: plan.classes, console)
    try images.validate(for: plan)
    try AvailableMemory.now.check(
      MemoryNeed(
        evaluating: plan, images: images.count, threads: threads, cores: AvailableCores.count),
      for: weights)
    let parameters = ParameterMemory(plan)
    try model.weights.load(into: parameters, of: plan, path: weights)
    let evaluation = Evaluator(
      plan, parameters, store: try store(of: images, for: model, plan), threads: threads,
      averaging: testTime.augmentation
    ).evaluate()
    if let fault = evaluation.fault {
      throw OverflowingModel(path: weights, layer: fault)
    }
    try console.print(
      TrainReport.test(evaluation, images: images.count)
        + (areAll ? " (all: the data has no test part)" : ""))
  }
}

extension EvaluateCommand {
  private func store(
    of images: ImageSet, for model: ModelFile, _ plan: NetworkPlan
  ) throws(UsageError) -> SampleStore {
    do {
      return try SampleStore(
        images, normalization: model.normalization, augmentation: testTime.variations, seed: 0,
        map: plan.input.values, kernels: kernels)
    } catch {
      throw .invalidCombination("--augment: \(error)")
    }
  }

  /// The test images, as the model takes them.
  private func images(
    for model: ModelFile, classes: Int, _ console: Console
  ) throws -> (images: ImageSet, areAll: Bool) {
    let shape = model.inputShape
    do throws(DatasetError) {
      return try Dataset.loadTest(
        from: data,
        for: TrainedInput(
          shape: ImageShape(channels: shape.channels, height: shape.height, width: shape.width),
          fit: model.fit, classes: classes, classNames: model.classNames),
        testFraction: testFraction, seed: seed, skipsUnreadable: skipsUnreadable,
        observer: PictureProgress(console: console))
    } catch {
      throw DataOptions.advised(error)
    }
  }
}

/// A model whose loss on some image is not finite.
private struct OverflowingModel: Error, CustomStringConvertible {
  let path: String
  let layer: FaultyLayer

  var description: String {
    "\(path): layer \(layer.place) (\(layer.summary)): expected a finite loss, found NaN or infinity"
  }
}
