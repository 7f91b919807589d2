import ConvoyCommandLineOptions
import ConvoyFileAccess
import ConvoyReport
import ConvoyTerminal
import ConvoyTraining
import Foundation

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
    arguments: [.words("log", isRepeated: true, help: "Logs that train wrote with --log.")],
    options: [
      .value("svg", "file", help: "Draw the judged accuracy of each row, epoch by epoch, as SVG.")
    ])

  private let paths: [String]
  private let svg: String?

  init(_ options: ParsedOptions) throws {
    paths = options.arguments("log")
    svg = options.string("svg")
    try OutputPath.check("svg", svg, isNoneOf: paths, norIn: nil)
  }

  private typealias Group = (options: [String: String], runs: [ComparedRun])

  func run(_ console: Console) throws {
    if let svg { try AtomicFile.checkWritable(svg) }
    var groups: [Group] = []
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
    guard let svg else { return }
    guard let text = Self.chart(groups).svgFile() else {
      throw NoAccuracy(path: paths[0])
    }
    try AtomicFile.write(Data(text.utf8), to: svg)
  }

  /// A curve for each row: the mean of its runs.
  private static func chart(_ groups: [Group]) -> Chart {
    let names = differing(groups)
    return Chart(
      title: "Judged accuracy", xLabel: "epoch", style: .percent,
      curves: groups.enumerated().map { number, group in
        let options = names.compactMap { name in
          group.options[name].map { $0.isEmpty ? name : "\(name) \($0)" }
        }
        let name = options.isEmpty ? group.runs[0].path : options.joined(separator: ", ")
        let count = group.runs.count
        let epochs = Dictionary(grouping: group.runs.flatMap(\.accuracies), by: \.epoch)
        return Curve(
          name: name + (count > 1 ? " (mean of \(count) runs)" : ""), series: number,
          hasMarks: true,
          points: epochs.sorted { $0.key < $1.key }.map { epoch, values in
            Curve.Point(Double(epoch), Spread(values.map(\.accuracy)).mean)
          })
      })
  }

  private struct NoAccuracy: Error, CustomStringConvertible {
    let path: String
    var description: String { "\(path): expected an accuracy that is a number, found none" }
  }

  /// Options that change no result, and the seed.
  private static let ignored: Set<String> = [
    "seed", "log", "tensorboard", "log-steps", "output", "report", "checkpoint", "checkpoint-every",
    "threads",
    "instruction-set", "cache",
  ]

  private static let ofOptimizers: Set<String> = [
    "beta1", "beta2", "epsilon", "l2", "momentum", "vector-rate", "weight-decay",
  ]

  /// The options that are not the same in all rows.
  private static func differing(_ groups: [Group]) -> [String] {
    Set(groups.flatMap(\.options.keys)).filter { name in
      let values = groups.map { $0.options[name] }
      // A number of one optimizer says nothing beside one that does not have it.
      return Set(values).count > 1 && !(ofOptimizers.contains(name) && values.contains(nil))
    }.sorted()
  }

  private static func table(_ groups: [Group]) -> TextTable {
    let names = differing(groups)
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
  let path: String
  /// Of each epoch, on the images that it is judged on.
  let accuracies: [(epoch: Int, accuracy: Double)]
  let epochs: Int
  let trainingAccuracy: Double
  let accuracy: Double
  let loss: Double
  /// Of training, over all epochs.
  let seconds: Double

  /// - Throws: `NoEpochs` for a run without a whole epoch.
  init(_ history: RunHistory, path: String) throws {
    guard let last = history.epochs.last else { throw NoEpochs(path: path) }
    self.path = path
    accuracies = history.epochs.map { ($0.number, $0.accuracy) }
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
