import Foundation

/// How a network classified labelled images.
package struct Classification: Sendable {
  /// By label.
  package let scores: [Score]
  /// Images by true label, then by predicted label; nil for more classes than a reader could see.
  package let confusion: [[Int]]?
  /// Pictures of some pairs of classes that were confused.
  package let pairs: [Pair]

  /// More classes would make a matrix that nobody can read.
  package static let mostMatrixClasses = 30

  /// How well one class is recognised.
  package struct Score: Sendable {
    package let name: String
    /// Images of the class.
    package let images: Int
    package let precision: Double?
    package let recall: Double?
    package let f1: Double?

    package init(name: String, images: Int, precision: Double?, recall: Double?, f1: Double?) {
      self.name = name
      self.images = images
      self.precision = precision
      self.recall = recall
      self.f1 = f1
    }
  }

  package struct Pair: Sendable {
    package let label: Int
    package let predicted: Int
    package let count: Int
    package let images: [Report.Captioned]

    package init(label: Int, predicted: Int, count: Int, images: [Report.Captioned]) {
      self.label = label
      self.predicted = predicted
      self.count = count
      self.images = images
    }

    var anchor: String { "confused-\(label)-\(predicted)" }
  }

  package init(scores: [Score], confusion: [[Int]]?, pairs: [Pair]) {
    precondition(
      confusion.map { rows in
        rows.count == scores.count && rows.allSatisfy { $0.count == scores.count }
      } ?? true, "A row and a column of the matrix for each class.")
    self.scores = scores
    self.confusion = confusion
    self.pairs = pairs
  }
}

extension Classification {
  private static let mostScores = 200

  func html() -> String { (confusion.map(matrix) ?? "") + scoreTable + confusedPairs }

  private func matrix(_ confusion: [[Int]]) -> String {
    let wrong = confusion.enumerated().flatMap { label, row in
      row.enumerated().filter { $0.offset != label }.map(\.element)
    }
    let mostWrong = Double(max(1, wrong.max() ?? 1))
    let anchors = Set(pairs.map(\.anchor))
    var text =
      "<div class=\"scroll\"><table class=\"matrix\">\n<caption>Rows are true classes, columns "
      + "predicted ones.</caption>\n<thead><tr><th></th>"
      + scores.map { "<th scope=\"col\" class=\"number\">\($0.name.escaped)</th>" }.joined()
      + "<th scope=\"col\" class=\"number\">recall</th></tr></thead>\n<tbody>\n"
    for (label, (score, row)) in zip(scores, confusion).enumerated() {
      let name = score.name.escaped
      text += "<tr><th scope=\"row\">\(name)</th>"
      for (predicted, count) in row.enumerated() {
        let isRight = predicted == label
        let share = score.images > 0 ? Double(count) / Double(score.images) : 0
        let depth = isRight ? share : Double(count) / mostWrong
        let title =
          "\(name) seen as \(scores[predicted].name.escaped): \(count.grouped) of "
          + "\(score.images.grouped), "
          + Self.percent(share)
        let anchor = "confused-\(label)-\(predicted)"
        let number = count == 0 ? "·" : count.grouped
        let shown =
          anchors.contains(anchor) ? "<a href=\"#\(anchor)\">\(number)</a>" : number
        text +=
          "<td class=\"number \(count == 0 ? "none" : isRight ? "right" : "wrong")\" "
          + "style=\"--depth:\(String(format: "%.2f", depth))\" title=\"\(title)\">\(shown)</td>"
      }
      text += "<td class=\"number\">\(Self.percent(score.recall))</td></tr>\n"
    }
    return text + "</tbody>\n</table></div>\n"
  }

  private var scoreTable: String {
    let shown = scores.sorted { ($0.f1 ?? 2) < ($1.f1 ?? 2) }
    let rows = shown.prefix(Self.mostScores).map { score in
      [
        score.name, Self.percent(score.precision), Self.percent(score.recall),
        Self.percent(score.f1), score.images.grouped,
      ]
    }
    let left =
      shown.count > Self.mostScores ? "; the worst \(Self.mostScores) of \(shown.count)" : ""
    return Report.Table(
      summary: "Precision and recall by class, worst first\(left)",
      columns: ["class", "precision", "recall", "F1", "images"], rows: Array(rows),
      isOpen: confusion == nil
    ).html
  }

  private var confusedPairs: String {
    guard !pairs.isEmpty else { return "" }
    let items = pairs.map { pair in
      "<details id=\"\(pair.anchor)\" open=\"open\"><summary>"
        + "\(scores[pair.label].name.escaped) seen as \(scores[pair.predicted].name.escaped): "
        + "\(pair.count)"
        + "</summary>\n\(pair.images.html)</details>\n"
    }
    return "<h3>Most confused</h3>\n<div class=\"pairs\">\n\(items.joined())</div>\n"
  }

  private static func percent(_ share: Double?) -> String {
    share.map { String(format: "%.2f%%", $0 * 100) } ?? "–"
  }
}
