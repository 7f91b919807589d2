import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFigures
import ConvoyFileAccess
import ConvoyKernelInterface
import ConvoyNetworkOptions
import ConvoyRunReports
import ConvoyTerminal
import ConvoyTraining
import Foundation

/// `convoy report`: a page with the curves of runs, and what a trained network does with its test
/// images.
struct ReportCommand: Command {
  static let description = CommandDescription(
    name: "report",
    overview: "Write an HTML page about training runs and a trained network.",
    discussion:
      "Logs, between commas, give curves; the network, with its data, gives its mistakes, "
      + "filters, feature maps and weights. The page is one file without scripts.",
    example: "convoy report --log run.jsonl --weights model.st --output report.html",
    options: [
      .value("log", "files", help: "Logs that train wrote with --log, between commas."),
      .value("weights", "file", help: "A model file that train wrote with --output."),
      data, DataOptions.testFraction,
      .value(
        "seed", "number", help: "The seed of the run, for the test fraction.",
        default: "the model's"),
      DataOptions.skipUnreadable,
      .value(
        "output", "file", help: "The HTML file to write.", isRequired: true,
        aliases: ["-o"]),
      NetworkOptions.threads, NetworkOptions.instructionSet,
    ], mainOption: "log")

  private static let data = OptionDescription.value(
    "data", "path",
    help:
      "The data set of the network's run: a directory with files of MNIST, CIFAR, NumPy or CSV, one such "
      + "file, a folder of pictures with a folder per class, or a file that prepare made of it.",
    default: "the log's, or \(NetworkOptions.defaultData)")

  private let logs: [String]
  private let weights: String?
  private let output: String
  /// Nil for the log's.
  private let data: String?
  private let testFraction: Double?
  private let seed: UInt64?
  private let skipsUnreadable: Bool
  private let threads: Int
  private let kernels: any KernelSet

  init(_ options: ParsedOptions) throws {
    logs = try options.list("log") ?? []
    weights = options.string("weights")
    output = try options.requiredString("output")
    guard !logs.isEmpty || weights != nil else {
      throw UsageError.invalidCombination("expected --log or --weights, found neither")
    }
    data = options.string("data")
    testFraction = try options.number("test-fraction", above: 0, atMost: 0.9)
    seed = try options.unsignedInteger("seed")
    skipsUnreadable = options.flag("skip-unreadable")
    threads = try NetworkOptions.threads(options)
    kernels = try NetworkOptions.kernels(options)
    try OutputPath.check(
      "output", output, isNoneOf: logs + [weights].compactMap(\.self), norIn: data)
  }

  func run(_ console: Console) throws {
    try AtomicFile.checkWritable(output)
    var report = try RunReport(logs: logs)
    if let weights {
      let network = try TrainedNetwork(contentsOf: weights, kernels: kernels)
      report.describe(network, path: weights)
      let data = try data ?? data(of: report, network, path: weights)
      try OutputPath.check("output", output, isNoneOf: [], norIn: data)
      let (images, judged) = try images(
        in: data, for: network.input,
        skipsUnreadable: skipsUnreadable || report.skipsUnreadable(network, path: weights), console)
      try report.check(images, path: data, for: network, model: weights)
      try report.add(network, path: weights, on: images, judged, threads: threads)
    }
    try report.write(to: output)
    try console.print("report written to \(output.onOneLine)")
  }

  /// Where the log says that the images are. A log may be of another folder or machine, or of a program
  /// whose data has no path; then it may be MNIST.
  private func data(
    of report: RunReport, _ network: TrainedNetwork, path: String
  ) throws -> String {
    let files = FileManager.default
    let named = try report.data(of: network, path: path)
    if let named, files.fileExists(atPath: named) { return named }
    if let named, !files.fileExists(atPath: NetworkOptions.defaultData) {
      throw UsageError.invalidCombination(
        "--data: expected the place of the log's data, found nothing at \(named)")
    }
    return NetworkOptions.defaultData
  }

  private func images(
    in data: String, for input: TrainedInput, skipsUnreadable: Bool, _ console: Console
  ) throws -> (ImageSet, JudgedEpoch.Images) {
    do throws(DatasetError) {
      let (images, origin) = try Dataset.loadTest(
        from: data, for: input, testFraction: testFraction, seed: seed,
        skipsUnreadable: skipsUnreadable, observer: PictureProgress(console: console))
      DataOptions.caution(
        on: images, origin, testFraction: testFraction, seed: seed, for: input, console)
      return (images, origin == .validation ? .validation : .test)
    } catch {
      throw DataOptions.advised(error)
    }
  }
}
