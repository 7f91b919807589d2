import ConvoyFigures
import ConvoyRunReports
import ConvoyTerminal
import ConvoyTraining

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
