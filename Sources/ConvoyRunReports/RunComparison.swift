import ConvoyFigures
import ConvoyFileAccess
import ConvoyReport
import ConvoyTraining

/// The results of runs side by side, from their logs. Runs with equal options but for the seed are one
/// row.
package struct RunComparison: Sendable, Equatable {
  /// In the order of their first logs.
  package private(set) var rows: [Row] = []
  /// What there is to know of logs, a line each.
  package private(set) var notes: [String] = []

  package struct Row: Sendable, Equatable {
    /// By name; without the seed, and those that change no result.
    package let options: [String: String]
    /// Those with an epoch.
    package fileprivate(set) var runs: [ComparedRun] = []
    package fileprivate(set) var unfinished: [UnfinishedRun] = []

    /// The mean of the runs' values, and how far they lie apart.
    ///
    /// - Precondition: there is a run with an epoch.
    package func spread(_ value: (ComparedRun) -> Double) -> Spread { Spread(runs.map(value)) }
  }

  /// How much higher the judged accuracy of a row is than that of the first, over the seeds that both have
  /// one run of, judged on the same part of the data; nil without two such seeds.
  package func difference(_ row: Row) -> PairedDifference? {
    guard let first = rows.first, row.options != first.options else { return nil }
    func bySeed(_ row: Row) -> [String: [ComparedRun]] {
      Dictionary(grouping: row.runs.filter { $0.seed != nil }) { $0.seed ?? "" }
    }
    let others = bySeed(first)
    return PairedDifference(
      bySeed(row).sorted { $0.key < $1.key }.compactMap { seed, runs in
        guard runs.count == 1, let others = others[seed], others.count == 1,
          runs[0].images == others[0].images
        else { return nil }
        return runs[0].accuracy - others[0].accuracy
      })
  }

  /// A run without a whole epoch.
  package struct UnfinishedRun: Sendable, Equatable {
    /// Of its log.
    package let path: String
    /// Why there is none.
    package let state: String
  }

  /// - Parameter paths: of logs. One that is named twice counts once, and so do logs of the same run:
  ///   those with the same options, seed, data, version and losses.
  /// - Throws: `FileError`, `RunHistoryError`, or `EmptyLog`.
  package init(logs paths: [String]) throws {
    var seen: [CanonicalPath] = []
    var logs: [Log] = []
    for path in paths where !seen.contains(CanonicalPath(path)) {
      seen.append(CanonicalPath(path))
      let log = try Log(path, ignoring: Self.ignored)
      guard let place = logs.firstIndex(where: { log.isSameRun(as: $0) }) else {
        logs.append(log)
        continue
      }
      let (new, old) = (log.history, logs[place].history)
      let isLonger =
        (new.epochs.last?.number ?? 0, new.steps.count)
        > (old.epochs.last?.number ?? 0, old.steps.count)
      let (kept, left) = isLonger ? (log, logs[place]) : (logs[place], log)
      logs[place] = kept
      let seed = kept.history.run?.options["seed"].map { ", seed \($0)" } ?? ""
      notes.append("\(left.path): the same run as \(kept.path)\(seed); counted once")
    }
    // A run that was resumed has the same data by its absolute path.
    var named: [(data: RunHistory.Run.Data, name: String?)] = []
    for place in logs.indices {
      guard let data = logs[place].history.run?.data else { continue }
      guard let known = named.first(where: { $0.data == data }) else {
        named.append((data, logs[place].options["data"]))
        continue
      }
      logs[place].options["data"] = known.name
    }
    nameFilesAlike(&logs)
    for log in logs { add(log) }
  }

  /// Files have the names that the first log gives them: a run that was resumed tells their absolute
  /// paths.
  private func nameFilesAlike(_ logs: inout [Log]) {
    for option in ["model", "initial-weights", "class-weights"] {
      var named: [(path: CanonicalPath, name: String)] = []
      for place in logs.indices {
        guard let name = logs[place].options[option] else { continue }
        let path = CanonicalPath(name)
        if let known = named.first(where: { $0.path == path }) {
          logs[place].options[option] = known.name
        } else {
          named.append((path, name))
        }
      }
    }
  }

  private mutating func add(_ log: Log) {
    let place = rows.firstIndex { $0.options == log.options } ?? rows.count
    if place == rows.count { rows.append(Row(options: log.options)) }
    guard let run = ComparedRun(log.history, path: log.path) else {
      rows[place].unfinished.append(
        UnfinishedRun(path: log.path, state: log.history.stateBeforeEpochs))
      return
    }
    rows[place].runs.append(run)
    if let divergence = log.history.divergence {
      notes.append("\(log.path): \(divergence); shown as of epoch \(run.epochs)")
    }
  }

  /// A log that is read.
  private struct Log {
    let path: String
    let history: RunHistory
    /// Those that tell rows apart.
    var options: [String: String]

    init(_ path: String, ignoring ignored: Set<String>) throws {
      history = try RunHistory(contentsOf: path)
      guard !history.isEmpty else { throw EmptyLog(path: path) }
      self.path = path
      // A log without its options is compared with no other.
      options = history.run?.options.filter { !ignored.contains($0.key) } ?? ["log": path]
    }

    func isSameRun(as other: Log) -> Bool {
      guard let run = history.run, let otherRun = other.history.run, run.data != nil,
        options == other.options, run.options["seed"] == otherRun.options["seed"],
        run.data == otherRun.data, run.version == otherRun.version, run.shape == otherRun.shape,
        run.classes == otherRun.classes, run.parameters == otherRun.parameters
      else { return false }
      // A network, weights or a rule may have changed under their name; the losses tell.
      let losses = Dictionary(other.history.epochs.map { ($0.number, $0.trainingLoss) }) { $1 }
      return history.epochs.allSatisfy {
        losses[$0.number, default: $0.trainingLoss] == $0.trainingLoss
      }
    }
  }

  /// Options that change no result, and the seed.
  static let ignored: Set<String> = [
    "seed", "log", "tensorboard", "log-steps", "output", "report", "checkpoint", "checkpoint-every",
    "threads",
    "instruction-set", "cache",
  ]

  private static let ofOptimizers: Set<String> = [
    "beta1", "beta2", "epsilon", "l2", "momentum", "vector-rate", "weight-decay",
  ]

  /// What people choose comes before what follows from it.
  private static func rank(_ option: String) -> Int {
    let first = ["data", "model", "optimizer", "learning-rate"]
    return first.firstIndex(of: option) ?? first.count
  }

  /// The options that are not the same in all rows: the network and the rule first, then by name.
  package var differingOptions: [String] {
    Set(rows.flatMap(\.options.keys)).filter { name in
      let values = rows.map { $0.options[name] }
      // A number of one optimizer says nothing beside one that does not have it.
      return Self.ofOptimizers.contains(name)
        ? Set(values.compactMap(\.self)).count > 1 : Set(values).count > 1
    }.sorted { (Self.rank($0), $0) < (Self.rank($1), $1) }
  }

  /// A line for each row, below a header, and the notes.
  package var table: String { table(columns: nil) }

  /// - Parameter columns: of the terminal; if lines would be longer, rows get numbers, and their options follow,
  ///   each on its line.
  package func table(columns: Int?) -> String {
    let names = differingOptions
    let explained = rows.contains { difference($0) != nil } ? [Self.meaningOfDifference] : []
    let notes = (explained + notes).map { $0.onOneLine + "\n" }.joined()
    let whole = results(
      titles: names, cells: rows.map { row in names.map { Self.text(row.options[$0]) } })
    guard let columns, whole.width > columns, !names.isEmpty else { return whole.text + notes }
    var text = results(titles: ["row"], cells: rows.indices.map { ["\($0 + 1)"] }).text
    for (number, row) in rows.enumerated() {
      var options = TextTable(columns: [.right("row"), .left("option"), .left("")])
      for (place, name) in names.enumerated() {
        options.add([place == 0 ? "\(number + 1)" : "", name, Self.text(row.options[name])])
      }
      let lines = options.text.split(separator: "\n").dropFirst(number == 0 ? 0 : 1)
      text += "\n" + lines.joined(separator: "\n") + "\n"
    }
    return text + notes
  }

  private static let meaningOfDifference =
    "to the first: the mean difference over the seeds in common, in points, and its 95% interval"

  private static func text(_ option: String?) -> String {
    (option.map { $0.isEmpty ? "on" : $0 } ?? "–").onOneLine
  }

  /// - Parameter cells: for each row, below the titles, before its results.
  private func results(titles: [String], cells: [[String]]) -> TextTable {
    // Accuracies on other images stand beside each other with a name.
    let isMixed = Set(rows.flatMap(\.runs).map(\.images)).count > 1
    let differences = rows.map(difference)
    let hasDifferences = differences.contains { $0 != nil }
    var table = TextTable(
      columns: titles.map { .left($0) } + [
        .right("runs"), .right("trained"), .right("train"), .right("judged"), .right("loss"),
        .right("time"),
      ] + (hasDifferences ? [.right("to the first")] : [])
        + (isMixed ? [.left("judged on")] : []))
    for (place, (row, cells)) in zip(rows, cells).enumerated() {
      if !row.runs.isEmpty {
        let images = Set(row.runs.map(\.images.rawValue)).sorted().joined(separator: ", ")
        let difference = differences[place].map {
          Figures.points($0.mean, within: $0.margin)
        }
        table.add(
          cells + Self.results(row) + (hasDifferences ? [difference ?? ""] : [])
            + (isMixed ? [images] : []))
      }
      let unfinished = Dictionary(grouping: row.unfinished, by: \.state)
      for (state, runs) in unfinished.sorted(by: { $0.key < $1.key }) {
        table.add(
          cells + [Figures.grouped(runs.count), state, "–", "–", "–", "–"]
            + (hasDifferences ? [""] : []) + (isMixed ? ["–"] : []))
      }
    }
    return table
  }

  private static func results(_ row: Row) -> [String] {
    let (trained, judged) = (row.spread(\.trainingAccuracy), row.spread(\.accuracy))
    let epochs = Set(row.runs.map(\.epochs)).sorted()
    return [
      Figures.grouped(row.runs.count),
      epochs.count > 1
        ? "\(epochs[0])–\(epochs[epochs.count - 1])" : Figures.grouped(epochs[0]),
      Figures.percent(trained.mean),
      Figures.percent(judged.mean, within: judged.deviation),
      Figures.loss(row.spread(\.loss).mean), Figures.seconds(row.spread(\.seconds).mean),
    ]
  }

  /// The judged accuracy by epoch as an SVG file: a curve for each row, the mean of its runs.
  ///
  /// - Throws: `RunComparisonError.noAccuracy` if no accuracy is a number.
  package func svg() throws(RunComparisonError) -> String {
    let names = differingOptions
    let chart = Chart(
      title: "Judged accuracy", xLabel: "epoch", style: .percent,
      curves: rows.filter { !$0.runs.isEmpty }.enumerated().map { number, row in
        let options = names.compactMap { name in
          row.options[name].map { $0.isEmpty ? name : "\(name) \($0)" }
        }
        let name = options.isEmpty ? row.runs[0].path : options.joined(separator: ", ")
        let count = row.runs.count
        let epochs = Dictionary(grouping: row.runs.flatMap(\.accuracies), by: \.epoch)
        return Curve(
          name: name + (count > 1 ? " (mean of \(count) runs)" : ""), series: number,
          hasMarks: true,
          points: epochs.sorted { $0.key < $1.key }.map { epoch, values in
            Curve.Point(Double(epoch), Spread(values.map(\.accuracy)).mean)
          })
      })
    guard let text = chart.svgFile() else {
      let row = rows.first
      throw .noAccuracy(path: row?.runs.first?.path ?? row?.unfinished.first?.path ?? "")
    }
    return text
  }
}

/// The result of a run: that of its test, or else of the epoch that was kept or the last.
package struct ComparedRun: Sendable, Equatable {
  /// Of its log.
  package let path: String
  /// As its options have it.
  let seed: String?
  /// What the accuracy and the loss are of.
  let images: JudgedEpoch.Images
  /// On the images that epochs are judged on.
  let accuracies: [EpochAccuracy]
  /// The number of the last one.
  package let epochs: Int
  package let trainingAccuracy: Double
  package let accuracy: Double
  package let loss: Double
  /// Of training, over all epochs.
  package let seconds: Double

  struct EpochAccuracy: Sendable, Equatable {
    let epoch: Int
    let accuracy: Double
  }

  /// Nil without an epoch.
  init?(_ history: RunHistory, path: String) {
    guard let last = history.epochs.last, let score = history.finalScore else { return nil }
    self.path = path
    seed = history.run?.options["seed"]
    accuracies = history.epochs.map { EpochAccuracy(epoch: $0.number, accuracy: $0.accuracy) }
    epochs = last.number
    trainingAccuracy = last.trainingAccuracy
    (images, accuracy, loss) = (score.images, score.accuracy, score.loss)
    seconds = history.epochs.reduce(0) { $0 + $1.seconds }
  }
}

/// A mean, and the standard deviation of a sample.
package struct Spread: Sendable, Equatable {
  package let mean: Double
  /// Divided by n − 1; nil for a single value.
  package let deviation: Double?

  package init(_ values: [Double]) {
    precondition(!values.isEmpty, "a mean has a value")
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
  }
}

/// Why logs cannot be compared.
package enum RunComparisonError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A run without an epoch, where one is needed.
  case noEpochs(path: String, state: String)
  case noAccuracy(path: String)

  package var description: String {
    switch self {
    case .noEpochs(let path, let state): "\(path): expected a log with an epoch, found \(state)"
    case .noAccuracy(let path): "\(path): expected an accuracy that is a number, found none"
    }
  }
}
