import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyNetworkOptions
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoyRunReports
import ConvoyTerminal
import ConvoyTraining
import Synchronization

/// `convoy evaluate`: the accuracy and loss of a model file on a test set.
struct EvaluateCommand: Command {
  static let description = CommandDescription(
    name: "evaluate",
    overview: "Print the test accuracy and loss of a trained model.",
    example: "convoy evaluate --weights model.st --data photos --per-class --confusion",
    options: [
      .value(
        "weights", "file", help: "A model file that train wrote with --output.", isRequired: true),
      NetworkOptions.data, DataOptions.testFraction,
      .value(
        "seed", "number", help: "The seed of the run, for the test fraction.",
        default: "the model's"),
      DataOptions.skipUnreadable, NetworkOptions.threads,
      NetworkOptions.instructionSet,
    ] + TestTimeOptions.descriptions + EvaluationDetails.descriptions, mainOption: "weights")

  private let weights: String
  private let data: String
  private let isDataGiven: Bool
  private let testFraction: Double?
  private let seed: UInt64?
  private let skipsUnreadable: Bool
  private let testTime: TestTimeOptions
  private let details: EvaluationDetails
  private let threads: Int
  private let kernels: any KernelSet

  init(_ options: ParsedOptions) throws {
    weights = try options.requiredString("weights")
    data = NetworkOptions.data(options)
    isDataGiven = options.isGiven("data")
    testFraction = try options.number("test-fraction", above: 0, atMost: 0.9)
    seed = try options.unsignedInteger("seed")
    skipsUnreadable = options.flag("skip-unreadable")
    testTime = try TestTimeOptions(options)
    details = try EvaluationDetails(options)
    threads = try NetworkOptions.threads(options)
    kernels = try NetworkOptions.kernels(options)
  }

  func run(_ console: Console) throws {
    let network = try TrainedNetwork(contentsOf: weights, kernels: kernels)
    try details.check(classes: network.plan.classes)
    let mnist = FeatureShape(channels: 1, height: 28, width: 28)
    guard isDataGiven || network.plan.inputShape == mnist else {
      throw UsageError.invalidCombination(
        "--data: expected a folder or file of images, which the model takes as "
          + "\(network.plan.inputShape), found none")
    }
    let (images, origin) = try images(for: network.input, console)
    DataOptions.caution(
      on: images, origin, testFraction: testFraction, seed: seed, for: network.input, console)
    let evaluator: Evaluator
    do {
      evaluator = try DataOptions.augmenting {
        try network.evaluator(
          on: images, threads: threads, averaging: testTime.augmentation,
          variations: testTime.variations)
      }
    } catch let error as TrainingDataError where !isDataGiven {
      throw UsageError.invalidCombination("--data: \(error)")
    }
    let outputs = details.needOutputs ? try evaluator.makeOutputs() : nil
    let evaluation = Self.evaluate(evaluator, images: images.count, keeping: outputs, console)
    if let fault = evaluation.fault {
      throw OverflowingModel(path: weights, layer: fault)
    }
    let results = outputs.map { ClassificationResults($0, labels: images.labels) }
    if let results { try details.writeFile(results, of: network) }
    if let results, details.isJSON {
      try console.print(try details.json(evaluation, results, of: network, on: images))
      return
    }
    try console.print(
      TrainReport.summary(
        of: evaluation, on: origin == .validation ? .validation : .test, count: images.count)
        + Self.note(origin))
    if let results { try details.print(results, of: network, on: images, console) }
  }
}

extension EvaluateCommand {
  /// Evaluates with a progress bar.
  private static func evaluate(
    _ evaluator: Evaluator, images: Int, keeping outputs: NetworkOutputs?, _ console: Console
  ) -> Evaluation {
    let done = Atomic(0)
    let bar = ProgressBar(console, label: "images", total: images) { done.load(ordering: .relaxed) }
    defer { bar.finish() }
    return evaluator.evaluate(keeping: outputs) { done.add($0, ordering: .relaxed) }
  }

  private static func note(_ origin: TestOrigin) -> String {
    switch origin {
    case .part: ""
    case .partOfTheRun: " (the test fraction of the run)"
    case .validation: " (the data has no test part)"
    case .all: " (all: the data has no test part)"
    case .changed: " (all of the data)"
    }
  }

  /// The test images, as the model takes them.
  private func images(
    for input: TrainedInput, _ console: Console
  ) throws -> (images: ImageSet, origin: TestOrigin) {
    do throws(DatasetError) {
      return try Dataset.loadTest(
        from: data, for: input, testFraction: testFraction, seed: seed,
        skipsUnreadable: skipsUnreadable,
        observer: PictureProgress(console: console))
    } catch {
      throw DataOptions.advised(error)
    }
  }
}
