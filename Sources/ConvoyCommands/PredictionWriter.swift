import ConvoyFigures
import ConvoyFileAccess
import ConvoyNeuralNetwork
import ConvoyTerminal
import ConvoyTraining
import Foundation

/// Writes predictions, one image at a time.
struct PredictionWriter {
  enum Format {
    /// A line per image.
    case text
    /// A JSON object per image.
    case json
    /// A table in a file, perhaps with a column for each class.
    case csv(String, probabilities: Bool)
  }

  private let format: Format
  private let network: TrainedNetwork
  private let top: Int
  private let console: Console
  private var table: Data
  private var count = 0

  init(_ format: Format, of network: TrainedNetwork, top: Int, _ console: Console) throws {
    self.format = format
    self.network = network
    self.top = top
    self.console = console
    var columns = ["ImageId", "Label"]
    if case .csv(let path, let probabilities) = format {
      try AtomicFile.checkWritable(path)
      if probabilities { columns += (0..<network.plan.classes).map(network.className) }
    }
    table = Data((columns.map(Self.field).joined(separator: ",") + "\n").utf8)
  }

  mutating func write(_ name: ImageName, _ scores: [Double], _ meaning: ScoreMeaning) throws {
    let classes = Ranking.top(top, of: scores)
    count += 1
    switch format {
    case .text:
      let answers = classes.map { label, score in
        "\(network.className(label)) \(Self.score(score, meaning))"
      }
      try console.print("\(name): \(answers.joined(separator: ", "))".onOneLine)
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let answers = classes.map { label, score in
        JSONPrediction.Answer(
          class: label, label: network.model.classNames?[label],
          probability: meaning.areProbabilities ? score : nil,
          score: meaning.areProbabilities ? nil : score)
      }
      let line = try encoder.encode(JSONPrediction(name, answers))
      try console.print(String(decoding: line, as: UTF8.self))
    case .csv(_, let probabilities):
      let label = network.className(classes[0].label)
      let numbers = probabilities ? scores.map { "\($0)" } : []
      let fields = [id(of: name), label].map(Self.field) + numbers
      table.append(contentsOf: (fields.joined(separator: ",") + "\n").utf8)
    }
  }

  /// Writes the table, if there is one.
  func finish() throws {
    guard case .csv(let path, _) = format else { return }
    try AtomicFile.write(table, to: path)
    try console.print(
      "\(Figures.grouped(count)) prediction\(count == 1 ? "" : "s") written to \(path.onOneLine)")
  }

  static func score(_ score: Double, _ meaning: ScoreMeaning) -> String {
    meaning.areProbabilities ? Figures.percent(score) : String(format: "%.4f", score)
  }

  /// An image without a file of its own is numbered.
  private func id(of name: ImageName) -> String {
    switch name {
    case .file(let path): path
    case .number: "\(count)"
    }
  }

  /// A text as a field of comma-separated values (RFC 4180).
  static func field(_ text: String) -> String {
    let needsQuotes = text.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
    return needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
  }
}

/// A prediction as a JSON object: the first answer, and all that were asked for.
private struct JSONPrediction: Encodable {
  let file: String
  /// In the file, from 0.
  let image: Int?
  let `class`: Int
  let label: String?
  let probability: Double?
  let score: Double?
  let top: [Answer]?

  struct Answer: Encodable {
    let `class`: Int
    let label: String?
    let probability: Double?
    let score: Double?
  }

  init(_ name: ImageName, _ answers: [Answer]) {
    switch name {
    case .file(let path): (file, image) = (path, nil)
    case .number(let number, let path): (file, image) = (path, number)
    }
    `class` = answers[0].class
    label = answers[0].label
    probability = answers[0].probability
    score = answers[0].score
    top = answers.count > 1 ? answers : nil
  }
}
