import ConvoyFigures
import Foundation

/// How a network classified labelled images.
package struct Classification: Sendable {
  /// By label.
  package let scores: [Score]
  /// Images by true label, then by predicted label; nil for more classes than a reader could see.
  package let confusion: [[Int]]?
  /// Pictures of some pairs of classes that were confused.
  package let pairs: [Pair]
  /// Pictures of pairs of classes, each shown with the pair's cell of the matrix.
  package let cells: [Pair]

  /// More classes would make a matrix that nobody can read.
  package static let mostMatrixClasses = 1_000
  /// The matrix of more classes is a picture.
  package static let mostTableClasses = 20

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

    var anchor: String { Self.anchor(label, predicted) }

    static func anchor(_ label: Int, _ predicted: Int) -> String {
      "confused-\(label)-\(predicted)"
    }
  }

  package init(scores: [Score], confusion: [[Int]]?, pairs: [Pair], cells: [Pair] = []) {
    precondition(
      confusion.map { rows in
        rows.count == scores.count && rows.allSatisfy { $0.count == scores.count }
      } ?? true, "A row and a column of the matrix for each class.")
    self.scores = scores
    self.confusion = confusion
    self.pairs = pairs
    self.cells = cells
  }
}

extension Classification {
  private static let mostScores = 200

  func html() -> String {
    let matrix = confusion.map { scores.count > Self.mostTableClasses ? heatMap($0) : table($0) }
    return (matrix ?? "") + scoreTable + confusedPairs
  }

  /// What a cell of the matrix tells.
  func title(_ label: Int, _ predicted: Int, _ count: Int) -> String {
    let score = scores[label]
    let share = score.images > 0 ? Double(count) / Double(score.images) : 0
    return
      "\(score.name.escaped) seen as \(scores[predicted].name.escaped): \(Figures.grouped(count)) of "
      + "\(Figures.grouped(score.images)), \(Self.percent(share))"
  }

  /// A row for each class. A cell shows its pictures while the pointer or the focus is on it.
  private func table(_ confusion: [[Int]]) -> String {
    let wrong = confusion.enumerated().flatMap { label, row in
      row.enumerated().filter { $0.offset != label }.map(\.element)
    }
    let mostWrong = Double(max(1, wrong.max() ?? 1))
    let anchors = Set(pairs.map(\.anchor))
    let pictures = Dictionary(cells.map { ($0.anchor, $0.images) }) { first, _ in first }
    let areTall = scores.contains { $0.name.count > Self.longestLevelName }
    var text =
      "<div class=\"frame\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      + "aria-label=\"Confusion matrix\"><table class=\"matrix\">\n<caption>Rows are true "
      + "classes, columns predicted ones.</caption>\n<thead><tr><th></th>"
      + scores.map { score in
        areTall
          ? "<th scope=\"col\" class=\"tall\"><span>\(score.name.escaped)</span></th>"
          : "<th scope=\"col\" class=\"number\">\(score.name.escaped)</th>"
      }.joined() + "<th scope=\"col\" class=\"number\">recall</th></tr></thead>\n<tbody>\n"
    for (label, (score, row)) in zip(scores, confusion).enumerated() {
      let name = score.name.escaped
      text += "<tr><th scope=\"row\" title=\"\(name)\">\(name)</th>"
      for (predicted, count) in row.enumerated() {
        let isRight = predicted == label
        let share = Double(count) / Double(max(1, score.images))
        let depth = isRight ? share : Double(count) / mostWrong
        let title = title(label, predicted, count)
        let anchor = Pair.anchor(label, predicted)
        let number = count == 0 ? "·" : Figures.grouped(count)
        let isLink = anchors.contains(anchor)
        let shown = isLink ? "<a href=\"#\(anchor)\">\(number)</a>" : number
        let images = pictures[anchor] ?? []
        let peek =
          images.isEmpty
          ? ""
          : "<div class=\"peek\(2 * predicted >= scores.count ? " left" : "")\"><p>\(title)</p>\n"
            + images.html + "</div>"
        text +=
          "<td class=\"number \(count == 0 ? "none" : isRight ? "right" : "wrong")\" "
          + "style=\"--depth:\(String(format: "%.2f", depth))\""
          + (images.isEmpty ? " title=\"\(title)\"" : isLink ? "" : " tabindex=\"0\"")
          + ">\(shown)\(peek)</td>"
      }
      text += "<td class=\"number\">\(Self.percent(score.recall))</td></tr>\n"
    }
    return text + "</tbody>\n</table></div></div>\n"
  }

  /// With a longer name, those of columns run upwards.
  private static let longestLevelName = 5

  private var scoreTable: String {
    let shown = scores.sorted { ($0.f1 ?? 2) < ($1.f1 ?? 2) }
    let rows = shown.prefix(Self.mostScores).map { score in
      [
        score.name, Self.percent(score.precision), Self.percent(score.recall),
        Self.percent(score.f1), Figures.grouped(score.images),
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

  static func percent(_ share: Double?) -> String {
    share.map(Figures.percent) ?? "–"
  }
}
