import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFigures
import ConvoyFileAccess
import ConvoyKernelInterface
import ConvoyNetworkOptions
import ConvoyProcessLimits
import ConvoyTerminal
import ConvoyTraining
import Foundation

/// `convoy reproduce`: repeats published experiments and checks their results.
struct ReproduceCommand: Command {
  /// What there is to reproduce.
  enum Subject: String, CaseIterable {
    case article, improvements, fast99, sprint, mini, tiny, fashion, airbench94, resnet20

    var content: Content {
      switch self {
      case .article: .article
      case .improvements: .improvements
      case .fast99: .record(.fast99)
      case .sprint: .record(.sprint)
      case .mini: .record(.mini)
      case .tiny: .record(.tiny)
      case .fashion: .record(.fashion)
      case .airbench94: .record(.airbench94)
      case .resnet20: .record(.resnet20)
      }
    }
  }

  /// The table that a subject prints.
  enum Content {
    case article, improvements
    case record(AccuracyRecord)
  }

  static let description = CommandDescription(
    name: "reproduce",
    overview: "Train published recipes and Convoy's records, and check what they promise.",
    discussion: """
      article: the table of "Building a Convolutional Neural Network From Scratch", with its network, \
      cross-entropy and plain descent, one sample at a time. Fails if a test accuracy is below the \
      article's.

      improvements: what that article proposes and did not do, one thing at a time and together, \
      with three seeds each.

      fast99: the recipe of train_mnist_fast, one epoch, with five seeds. Fails if the mean test \
      accuracy is below \(percent(.fast99)).

      Records fail if the mean test accuracy is less. With ten seeds each:
      sprint: MNIST, \(percent(.sprint)) in the least time, with the preset sprint.
      mini: MNIST, \(percent(.mini)) with less than 10,000 parameters, the preset mnist-tiny.
      tiny: MNIST, \(percent(.tiny)) with less than 100,000 parameters, the preset digits.
      With five seeds:
      fashion: Fashion-MNIST, \(percent(.fashion)) with less than 1,000,000 parameters, the preset fashion. \
      Without --data, the images of Debian's package dataset-fashion-mnist; with it, they are yours to check.
      With two seeds each, on the images of CIFAR-10 that --data gives, its binary files or pictures in \
      folders train and test:
      airbench94: \(percent(.airbench94)) by the recipe of that name, ten epochs.
      resnet20: \(percent(.resnet20)) with the preset resnet20, 30 epochs.
      """,
    example: "convoy reproduce mini --log mini.jsonl",
    arguments: [.choice("subject", of: Subject.self, help: "What to reproduce.")],
    options: [
      NetworkOptions.data, NetworkOptions.threads, NetworkOptions.instructionSet,
      .value("seed", "number", help: "The first seed, where there are several.", default: "0"),
      .value("log", "file", help: "Write an object for each row here, as JSON lines."),
    ])

  private static func percent(_ record: AccuracyRecord) -> String {
    Figures.percent(record.promise)
  }

  private let subject: Subject
  let data: String
  private let threads: Int
  private let kernels: any KernelSet
  private let seed: UInt64
  private let log: String?

  init(_ options: ParsedOptions) throws(UsageError) {
    subject = try options.argument("subject", of: Subject.self)
    // A record has data of its own, or none.
    if case .record(let record) = subject.content, !options.isGiven("data") {
      guard !record.needsData else { throw .missingOption("--data <path>") }
      data = record.experiment.settings.data
    } else {
      data = NetworkOptions.data(options)
    }
    threads = try NetworkOptions.threads(options)
    kernels = try NetworkOptions.kernels(options)
    seed = try options.unsignedInteger("seed") ?? 0
    log = options.string("log")
    try OutputPath.check("log", log, isNoneOf: [], norIn: data)
  }

  func run(_ console: Console) throws {
    let logFile = try log.flatMap(GrowingFile.ifPresent)
    let dataset = try Self.load(data)
    let readingSeconds = ProcessAge.seconds
    // Checked before the log is overwritten, which may be the only record of an earlier run.
    for experiment in experiments { try ExperimentRunner.check(experiment, on: dataset) }
    let runner = ExperimentRunner(
      dataset: dataset, threads: threads, kernels: kernels, console: console,
      log: try log.map { try RunLog(logFile, at: $0) })
    switch subject.content {
    case .article: try ArticleTable.run(runner, seed: seed)
    case .improvements: try ImprovementsTable.run(runner, seeds: seeds(3))
    case .record(var record):
      // Printed and logged: what was trained.
      record.experiment.settings.data = data
      try record.run(runner, seeds: seeds(record.seeds), readingSeconds: readingSeconds)
    }
  }

  private static func load(_ data: String) throws -> Dataset {
    do {
      return try Dataset.load(from: data)
    } catch DatasetError.missingDirectory(let directory) {
      // Other advice names options that this command does not have.
      throw DataOptions.advised(.missingDirectory(directory: directory))
    }
  }

  private var experiments: [Experiment] {
    switch subject.content {
    case .article: ArticleTable.rows.map(\.experiment)
    case .improvements: [ImprovementsTable.baseline] + ImprovementsTable.improvements
    case .record(let record): [record.experiment]
    }
  }

  /// `count` consecutive seeds from the first one; the largest number is followed by 0.
  private func seeds(_ count: Int) -> [UInt64] { (0..<UInt64(count)).map { seed &+ $0 } }
}

/// A measured accuracy is below the promised one.
struct MissedPromise: Error, CustomStringConvertible {
  let description: String
}
