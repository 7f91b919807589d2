import ConvoyFigures
import ConvoyFileAccess
import ConvoyReport
import ConvoyTraining
import Foundation

/// A report of runs, from their logs.
package struct RunReport: Sendable {
  private(set) var report: Report
  let runs: [Run]

  /// In one line, above the page.
  package var title: String {
    get { report.title }
    set { report.title = newValue }
  }

  struct Run: Sendable {
    let name: String
    /// Of its log.
    let path: String
    let history: RunHistory
    /// Of an epoch, to place steps between epochs; nil if no epoch has ended.
    let stepsAnEpoch: Double?

    init(name: String, path: String, history: RunHistory) {
      self.name = name
      self.path = path
      self.history = history
      stepsAnEpoch = history.epochs.first.flatMap { epoch in
        epoch.steps.map { Double($0) / Double(max(1, epoch.number)) }
      }
    }

    var placesStepsInEpochs: Bool { history.steps.isEmpty || stepsAnEpoch ?? 0 > 0 }
  }

  /// - Parameter logs: read from their files.
  /// - Throws: `FileError`, `RunHistoryError` with the number of a line that is no log's, or
  ///   `EmptyLog`.
  package init(logs: [String]) throws {
    self.init(
      try logs.map { path in
        let history = try RunHistory(contentsOf: path)
        guard !history.isEmpty else { throw EmptyLog(path: path) }
        return (path: path, history: history)
      })
  }

  /// - Parameter logs: with the path of each.
  package init(_ logs: [(path: String, history: RunHistory)]) {
    let names = logs.map { URL(filePath: $0.path).deletingPathExtension().lastPathComponent }
    let areDifferent = Set(names).count == names.count
    runs = zip(logs, names).map { log, name in
      Run(name: areDifferent ? name : log.path, path: log.path, history: log.history)
    }
    report = Report(
      title: "Convoy report", subtitle: "", version: ConvoyVersion.number)
    if runs.count == 1, let run = runs.first?.history.run { describe(run) }
    report.charts = charts
    report.settings = runs.compactMap(Self.settings)
    if runs.count == 1, let run = runs.first {
      report.results = Self.results(run.history)
      report.tables = run.history.epochs.isEmpty ? [] : [Self.epochTable(run.history)]
    } else if runs.count > 1 {
      report.title = "\(runs.count) training runs"
      report.subtitle = runs.map(\.name).joined(separator: ", ")
      report.tables = [runTable] + [differences].compactMap(\.self)
    }
  }

  /// The page: one file without scripts.
  package func write(to path: String) throws(FileError) {
    try AtomicFile.write(Data(report.html().utf8), to: path)
  }

  /// Lets an extension add what a trained network gives.
  mutating func edit(_ change: (inout Report) throws -> Void) rethrows { try change(&report) }

  private mutating func describe(_ run: RunHistory.Run) {
    let data = run.options["data"].map { URL(filePath: $0).lastPathComponent } ?? ""
    let model = run.options["model"].map { URL(filePath: $0).lastPathComponent } ?? ""
    report.title = "\(model) on \(data)"
    report.subtitle =
      "A network of \(Figures.grouped(run.parameters)) parameters for "
      + "\(Figures.grouped(run.classes)) classes of images of "
      + run.shape.map(String.init).joined(separator: "×")
      + ", trained on \(run.threads) thread\(run.threads == 1 ? "" : "s") (\(run.instructionSet))."
    report.facts = Self.mainOptions.compactMap { name, option in
      run.options[option].map { text in
        let isWhole = option == "learning-rate" && text.hasSuffix(".0")
        return Report.Fact(name, isWhole ? String(text.dropLast(2)) : text)
      }
    }
  }

  /// The options that a reader asks for first, with what they are called.
  private static let mainOptions = [
    ("network", "model"), ("data", "data"), ("optimizer", "optimizer"), ("batch", "batch"),
    ("learning rate", "learning-rate"), ("schedule", "schedule"), ("epochs", "epochs"),
    ("steps", "steps"), ("seed", "seed"),
  ]

  private static func results(_ history: RunHistory) -> [Report.Fact] {
    var facts = history.divergence.map { [Report.Fact("result", $0)] } ?? []
    guard let last = history.epochs.last else {
      return facts.isEmpty ? [Report.Fact("result", history.stateBeforeEpochs)] : facts
    }
    if let score = history.finalScore {
      facts += [
        Report.Fact("\(score.images.rawValue) accuracy", Figures.percent(score.accuracy)),
        Report.Fact("\(score.images.rawValue) loss", Figures.loss(score.loss)),
      ]
    }
    facts += [
      Report.Fact("training accuracy", Figures.percent(last.trainingAccuracy)),
      Report.Fact("epochs", epochs(history)),
      Report.Fact("training time", time(history.epochs.reduce(0) { $0 + $1.seconds })),
    ]
    if let memory = history.epochs.compactMap(\.peakMemory).max(), memory > 0 {
      facts.append(Report.Fact("peak memory", "\(Figures.grouped(memory / 1e6, decimals: 0)) MB"))
    }
    return facts
  }

  /// How many there were and, of a run that ended before, how many there were to be.
  private static func epochs(_ history: RunHistory) -> String {
    let last = Figures.grouped(history.epochs.last?.number ?? 0)
    guard history.run?.options["steps"] == nil, let text = history.run?.options["epochs"],
      let all = Int(text), all > history.epochs.last?.number ?? 0
    else { return last }
    return "\(last) of \(Figures.grouped(all))"
  }

  private static func time(_ seconds: Double) -> String {
    guard seconds >= 60, seconds < 1e9 else { return Figures.seconds(seconds) }
    let whole = Int(seconds.rounded())
    return whole < 3600
      ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
  }

  private static func epochTable(_ history: RunHistory) -> Report.Table {
    let images = history.epochs.contains(where: \.isValidation) ? "validation" : "test"
    return Report.Table(
      summary: "Epochs as a table",
      columns: [
        "epoch", "training loss", "training accuracy", "\(images) loss", "\(images) accuracy",
        "seconds", "samples/s",
      ],
      rows: history.epochs.map { epoch in
        [
          "\(epoch.number)", Figures.loss(epoch.trainingLoss),
          Figures.percent(epoch.trainingAccuracy), Figures.loss(epoch.loss),
          Figures.percent(epoch.accuracy), Figures.grouped(epoch.seconds, decimals: 2),
          Figures.grouped(epoch.samplesPerSecond, decimals: 0),
        ]
      })
  }

  private var runTable: Report.Table {
    Report.Table(
      summary: "Runs",
      columns: [
        "run", "epochs", "training accuracy", "accuracy", "loss", "best accuracy", "training time",
      ],
      rows: runs.map { run in
        guard let last = run.history.epochs.last, let score = run.history.finalScore else {
          return [run.name, run.history.stateBeforeEpochs] + Array(repeating: "–", count: 5)
        }
        let best = run.history.epochs.map(\.accuracy).max() ?? last.accuracy
        return [
          run.name, run.history.divergence ?? Self.epochs(run.history),
          Figures.percent(last.trainingAccuracy),
          Figures.percent(score.accuracy), Figures.loss(score.loss), Figures.percent(best),
          Self.time(run.history.epochs.reduce(0) { $0 + $1.seconds }),
        ]
      }, isOpen: true)
  }

  /// The options that are not the same in all runs, other than the files that they write.
  private var differences: Report.Table? {
    let options = runs.map { $0.history.run?.options ?? [:] }
    let names = Set(options.flatMap(\.keys)).subtracting(["log", "output", "report", "tensorboard"])
      .sorted()
    let rows = names.compactMap { name -> [String]? in
      let values = options.map { $0[name].map { $0.isEmpty ? "yes" : $0 } ?? "–" }
      return Set(values).count > 1 ? ["--\(name)"] + values : nil
    }
    guard !rows.isEmpty else { return nil }
    return Report.Table(
      summary: "Options that differ", columns: ["option"] + runs.map(\.name), rows: rows,
      isOpen: true)
  }

  private static func settings(_ run: Run) -> Report.Settings? {
    guard let header = run.history.run else { return nil }
    return Report.Settings(
      name: "Options of \(run.name), Convoy \(header.version)",
      facts: header.options.sorted { $0.key < $1.key }.map {
        Report.Fact("--\($0.key)", $0.value.isEmpty ? "yes" : $0.value)
      })
  }
}

/// A log without a whole line.
package struct EmptyLog: Error, Sendable, Equatable, CustomStringConvertible {
  let path: String

  package var description: String { "\(path): expected the log of a run, found no whole line" }
}
