import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFileAccess
import ConvoyKernelInterface
import ConvoyNetworkOptions
import ConvoyTerminal
import ConvoyTraining
import Foundation

/// `convoy reproduce`: repeats published experiments and checks their results.
struct ReproduceCommand: Command {
  /// What there is to reproduce.
  enum Subject: String, CaseIterable { case article, improvements, fast99 }

  static let description = CommandDescription(
    name: "reproduce",
    overview: "Train what others have published, and print their figures beside these.",
    discussion: """
      article: the table of "Building a Convolutional Neural Network From Scratch", with its network, \
      cross-entropy and plain descent, one sample at a time. Fails if a test accuracy is below the \
      article's.

      improvements: what that article proposes and did not do, one thing at a time and together, \
      with three seeds each.

      fast99: the recipe of train_mnist_fast, one epoch, with five seeds. Fails if the mean test \
      accuracy is below \(Figures.percent(Fast99Table.promise)).
      """,
    arguments: [.choice("subject", of: Subject.self, help: "What to reproduce.")],
    options: [
      NetworkOptions.data, NetworkOptions.threads, NetworkOptions.instructionSet,
      .value("seed", "number", help: "The first seed, where there are several.", default: "0"),
      .value("log", "file", help: "Write an object for each row here, as JSON lines."),
    ])

  private let subject: Subject
  private let data: String
  private let threads: Int
  private let kernels: any KernelSet
  private let seed: UInt64
  private let log: String?

  init(_ options: ParsedOptions) throws(UsageError) {
    subject = try options.argument("subject", of: Subject.self)
    data = NetworkOptions.data(options)
    threads = try NetworkOptions.threads(options)
    kernels = try NetworkOptions.kernels(options)
    seed = try options.unsignedInteger("seed") ?? 0
    log = options.string("log")
    try OutputPath.check("log", log, isNoneOf: [], norIn: data)
  }

  func run(_ console: Console) throws {
    let logFile = try log.flatMap(GrowingFile.ifPresent)
    let dataset = try Dataset.load(from: data)
    // Checked before the log is overwritten, which may be the only record of an earlier run.
    for experiment in experiments { try ExperimentRunner.check(experiment, on: dataset) }
    let runner = ExperimentRunner(
      dataset: dataset, threads: threads, kernels: kernels, console: console,
      log: try log.map { try RunLog(logFile, at: $0) })
    switch subject {
    case .article: try ArticleTable.run(runner, seed: seed)
    case .improvements: try ImprovementsTable.run(runner, seeds: seeds(3))
    case .fast99: try Fast99Table.run(runner, seeds: seeds(5))
    }
  }

  private var experiments: [Experiment] {
    switch subject {
    case .article: ArticleTable.rows.map(\.experiment)
    case .improvements: [ImprovementsTable.baseline] + ImprovementsTable.improvements
    case .fast99: [Fast99Table.experiment]
    }
  }

  /// `count` consecutive seeds from the first one; the largest number is followed by 0.
  private func seeds(_ count: UInt64) -> [UInt64] { (0..<count).map { seed &+ $0 } }
}

/// A measured accuracy is below the promised one.
struct MissedPromise: Error, CustomStringConvertible {
  let description: String
}
