import ConvoyFigures
import ConvoyFileAccess
import ConvoyReport
import ConvoyTraining

/// The results of runs side by side, from their logs. Runs with equal options but for the seed are one
/// row.
package struct RunComparison: Sendable, Equatable {
  /// In the order of their first logs.
  package private(set) var rows: [Row] = []

  package struct Row: Sendable, Equatable {
    /// By name; without the seed, and those that change no result.
    package let options: [String: String]
    package fileprivate(set) var runs: [ComparedRun]

    /// The mean of the runs' values, and how far they lie apart.
    package func spread(_ value: (ComparedRun) -> Double) -> Spread { Spread(runs.map(value)) }
  }

  /// - Parameter paths: of logs; one that is named twice counts once.
  /// - Throws: `FileError`, `RunHistoryError`, or `RunComparisonError` for a log without a whole epoch.
  package init(logs paths: [String]) throws {
    var seen: [CanonicalPath] = []
    for path in paths where !seen.contains(CanonicalPath(path)) {
      seen.append(CanonicalPath(path))
      let history = try RunHistory(contentsOf: path)
      // A log without its options is compared with no other.
      var options = history.run?.options ?? ["log": path]
      if history.run != nil { for name in Self.ignored { options[name] = nil } }
      let run = try ComparedRun(history, path: path)
      if let place = rows.firstIndex(where: { $0.options == options }) {
        rows[place].runs.append(run)
      } else {
        rows.append(Row(options: options, runs: [run]))
      }
    }
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

  /// The options that are not the same in all rows, by name, in order.
  package var differingOptions: [String] {
    Set(rows.flatMap(\.options.keys)).filter { name in
      let values = rows.map { $0.options[name] }
      // A number of one optimizer says nothing beside one that does not have it.
      return Self.ofOptimizers.contains(name)
        ? Set(values.compactMap(\.self)).count > 1 : Set(values).count > 1
    }.sorted()
  }

  /// A line for each row, below a header.
  package var table: String {
    let names = differingOptions
    var table = TextTable(
      columns: names.map { .left($0) } + [
        .right("runs"), .right("trained"), .right("train"), .right("judged"), .right("loss"),
        .right("time"),
      ])
    for row in rows {
      let (trained, judged) = (row.spread(\.trainingAccuracy), row.spread(\.accuracy))
      let epochs = Set(row.runs.map(\.epochs)).sorted()
      table.add(
        names.map { (row.options[$0].map { $0.isEmpty ? "on" : $0 } ?? "–").onOneLine } + [
          Figures.grouped(row.runs.count),
          epochs.count > 1
            ? "\(epochs[0])–\(epochs[epochs.count - 1])" : Figures.grouped(epochs[0]),
          Figures.percent(trained.mean),
          Figures.percent(judged.mean, within: judged.deviation),
          Figures.loss(row.spread(\.loss).mean), Figures.seconds(row.spread(\.seconds).mean),
        ])
    }
    return table.text
  }

  /// The judged accuracy by epoch as an SVG file: a curve for each row, the mean of its runs.
  ///
  /// - Throws: `RunComparisonError.noAccuracy` if no accuracy is a number.
  package func svg() throws(RunComparisonError) -> String {
    let names = differingOptions
    let chart = Chart(
      title: "Judged accuracy", xLabel: "epoch", style: .percent,
      curves: rows.enumerated().map { number, row in
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
      throw .noAccuracy(path: rows.first?.runs.first?.path ?? "")
    }
    return text
  }
}

/// The result of a run: of its last epoch, or of the test after it.
package struct ComparedRun: Sendable, Equatable {
  /// Of its log.
  package let path: String
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

  init(_ history: RunHistory, path: String) throws(RunComparisonError) {
    guard let last = history.epochs.last else { throw .noEpochs(path: path) }
    self.path = path
    accuracies = history.epochs.map { EpochAccuracy(epoch: $0.number, accuracy: $0.accuracy) }
    epochs = last.number
    trainingAccuracy = last.trainingAccuracy
    accuracy = history.test?.accuracy ?? last.accuracy
    loss = history.test?.loss ?? last.loss
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
  case noEpochs(path: String)
  case noAccuracy(path: String)

  package var description: String {
    switch self {
    case .noEpochs(let path): "\(path): expected a log with an epoch, found none"
    case .noAccuracy(let path): "\(path): expected an accuracy that is a number, found none"
    }
  }
}
