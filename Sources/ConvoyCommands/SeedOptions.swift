import ConvoyCommandLineOptions
import ConvoyFigures
import ConvoyRunReports
import ConvoyTerminal
import ConvoyTraining

/// `--seeds`: several runs that differ in their seed.
enum SeedOptions {
  static let option = OptionDescription.value(
    "seeds", "first:last",
    help: "Train once for each seed from the first to the last, such as 0:4, and print the results "
      + "with their mean and standard deviation. --log run.jsonl is then run-0.jsonl and so on, a log for "
      + "each seed; no other file is written.")

  private static let mostSeeds: UInt64 = 1_000

  /// A number alone is taken for how many.
  private static func suggestion(for text: String) -> String? {
    UInt64(text).flatMap { (1...mostSeeds).contains($0) ? "0:\($0 - 1)" : nil }
  }

  /// The seeds in their order; nil for a single run.
  static func seeds(_ options: ParsedOptions) throws(UsageError) -> [UInt64]? {
    guard let text = options.string("seeds") else { return nil }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { UInt64($0) }
    guard parts.count == 2, let first = parts[0], let last = parts[1], first <= last,
      last - first < mostSeeds
    else {
      throw .invalidValue(
        option: "--seeds", expected: "the first and the last of at most 1,000 seeds, such as 0:4",
        found: text, suggestion: suggestion(for: text))
    }
    for name in ["seed", "output", "report", "tensorboard", "checkpoint", "resume"]
    where options.isGiven(name) {
      throw .invalidCombination("--seeds: expected no --\(name) beside it, found one")
    }
    return Array(first...last)
  }
}

extension SeedOptions {
  /// The log of one of several runs: `run.jsonl` becomes `run-3.jsonl`.
  static func log(_ path: String, ofSeed seed: UInt64) -> String {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    // A dot at the beginning hides a file, and ends no name.
    guard let dot = name.dropFirst().lastIndex(of: ".") else { return "\(path)-\(seed)" }
    return "\(path[..<dot])-\(seed)\(path[dot...])"
  }
}

/// The results of runs with different seeds, a row each, and their mean.
struct SeedTable {
  /// The result of a run.
  struct Row {
    let seed: UInt64
    let epoch: Int
    let trainingLoss: Double
    let trainingAccuracy: Double
    /// What the accuracy and the loss are of.
    let images: JudgedEpoch.Images
    let accuracy: Double
    let loss: Double
    let seconds: Double

    init(seed: UInt64, _ last: JudgedEpoch?, _ score: FinalScore?) {
      self.seed = seed
      epoch = last?.number ?? 0
      trainingLoss = last?.metrics.loss ?? 0
      trainingAccuracy = last?.metrics.accuracy ?? 0
      images = score?.images ?? .test
      accuracy = score?.accuracy ?? 0
      loss = score?.loss ?? 0
      seconds = last?.metrics.seconds ?? 0
    }
  }

  private let console: Console
  private var rows: [Row] = []
  /// On the same images for all.
  private var images: JudgedEpoch.Images { rows.first?.images ?? .test }
  private var table: TextTable {
    TextTable(
      columns: [
        .right("seed", width: 6), .right("epoch"), .right("loss", width: 6),
        .right("train", width: 7),
      ] + TrainReport.columns(judgedOn: images))
  }

  init(_ console: Console) { self.console = console }

  mutating func add(_ row: Row) throws {
    rows.append(row)
    if rows.count == 1 { try console.print(table.header) }
    try console.print(
      table.line([
        "\(row.seed)", "\(row.epoch)", Figures.loss(row.trainingLoss),
        Figures.percent(row.trainingAccuracy), Figures.percent(row.accuracy),
        Figures.loss(row.loss),
      ]))
  }

  /// Prints the means.
  func finish() throws {
    func spread(_ value: (Row) -> Double) -> Spread { Spread(rows.map(value)) }
    try console.print(
      table.line([
        "mean", "", Figures.loss(spread(\.trainingLoss).mean),
        Figures.percent(spread(\.trainingAccuracy).mean),
        Figures.percent(spread(\.accuracy).mean), Figures.loss(spread(\.loss).mean),
      ]))
    let accuracy = spread(\.accuracy)
    try console.print(
      "\(images.rawValue) accuracy \(Figures.percent(accuracy.mean, within: accuracy.deviation)) over "
        + "\(rows.count) seed\(rows.count == 1 ? "" : "s")")
  }
}
