import ConvoyCommandLineOptions
import ConvoyTerminal
import ConvoyTraining

/// `convoy compare`: the results of several runs, with runs that differ in their seed alone as one.
struct CompareCommand: Command {
  static let description = CommandDescription(
    name: "compare",
    overview: "Print the results of runs side by side, from their logs.",
    discussion:
      "Runs with equal options but for the seed are one row: means, with standard deviations. "
      + "The options that differ between rows name them. Trained are epochs; judged is the accuracy "
      + "on the validation images or, at the end, the test images. convoy report draws the curves.",
    example: "convoy compare adam-0.jsonl adam-1.jsonl muon-0.jsonl muon-1.jsonl",
    arguments: [.words("log", isRepeated: true, help: "Logs that train wrote with --log.")])

  private let paths: [String]

  init(_ options: ParsedOptions) throws { paths = options.arguments("log") }

  func run(_ console: Console) throws {
    var groups: [(options: [String: String], runs: [ComparedRun])] = []
    var seen: Set<String> = []
    for path in paths where seen.insert(path).inserted {
      let history = try RunHistory(contentsOf: path)
      // A log without its options is compared with no other.
      var options = history.run?.options ?? ["log": path]
      if history.run != nil { for name in Self.ignored { options[name] = nil } }
      let run = try ComparedRun(history, path: path)
      if let place = groups.firstIndex(where: { $0.options == options }) {
        groups[place].runs.append(run)
      } else {
        groups.append((options, [run]))
      }
    }
    try console.output(Self.table(groups).text)
  }

  /// Options that change no result, and the seed.
  private static let ignored: Set<String> = [
    "seed", "log", "log-steps", "output", "report", "checkpoint", "checkpoint-every", "threads",
    "instruction-set", "cache",
  ]

  private static let ofOptimizers: Set<String> = [
    "beta1", "beta2", "epsilon", "l2", "momentum", "vector-rate", "weight-decay",
  ]

  private static func table(
    _ groups: [(options: [String: String], runs: [ComparedRun])]
  ) -> TextTable {
    let names = Set(groups.flatMap(\.options.keys)).filter { name in
      let values = groups.map { $0.options[name] }
      // A number of one optimizer says nothing beside one that does not have it.
      return Set(values).count > 1 && !(ofOptimizers.contains(name) && values.contains(nil))
    }.sorted()
    var table = TextTable(
      columns: names.map { .left($0) } + [
        .right("runs"), .right("trained"), .right("train"), .right("judged"), .right("loss"),
        .right("time"),
      ])
    for group in groups {
      func values(_ value: (ComparedRun) -> Double) -> Spread { Spread(group.runs.map(value)) }
      let (trained, judged) = (values(\.trainingAccuracy), values(\.accuracy))
      let epochs = Set(group.runs.map(\.epochs)).sorted()
      table.add(
        names.map { (group.options[$0].map { $0.isEmpty ? "on" : $0 } ?? "–").onOneLine } + [
          Figures.grouped(group.runs.count),
          epochs.count > 1
            ? "\(epochs[0])–\(epochs[epochs.count - 1])" : Figures.grouped(epochs[0]),
          Figures.percent(trained.mean),
          Figures.percent(judged.mean, within: judged.deviation),
          Figures.loss(values(\.loss).mean), Figures.seconds(values(\.seconds).mean),
        ])
    }
    return table
  }
}

/// The result of a run: of its last epoch, or of the test after it.
private struct ComparedRun {
  let epochs: Int
  let trainingAccuracy: Double
  let accuracy: Double
  let loss: Double
  /// Of training, over all epochs.
  let seconds: Double

  /// - Throws: `NoEpochs` for a run without a whole epoch.
  init(_ history: RunHistory, path: String) throws {
    guard let last = history.epochs.last else { throw NoEpochs(path: path) }
    epochs = last.number
    trainingAccuracy = last.trainingAccuracy
    accuracy = history.test?.accuracy ?? last.accuracy
    loss = history.test?.loss ?? last.loss
    seconds = history.epochs.reduce(0) { $0 + $1.seconds }
  }

  private struct NoEpochs: Error, CustomStringConvertible {
    let path: String
    var description: String { "\(path): expected a log with an epoch, found none" }
  }
}
