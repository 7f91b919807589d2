import Foundation
import Training

/// How figures are printed, the same in every command.
enum Figures {
  static func percent(_ share: Double) -> String { String(format: "%.2f%%", 100 * share) }

  /// A mean and its standard deviation, where there is one.
  static func percent(_ share: Double, within deviation: Double?) -> String {
    percent(share) + (deviation.map { " ± \(percent($0))" } ?? "")
  }

  static func test(_ evaluation: Evaluation, images: Int) -> String {
    "test accuracy \(percent(evaluation.accuracy)), loss \(loss(evaluation.loss)) on \(images) images"
  }

  static func seconds(_ seconds: Double) -> String { String(format: "%.2f s", seconds) }

  /// Without the sign that a NaN may have.
  static func loss(_ loss: Double) -> String {
    loss.isNaN ? "nan" : String(format: "%.4f", loss)
  }

  /// Whole samples per second, with a space between thousands.
  static func rate(_ samplesPerSecond: Double) -> String {
    // As text, since a time next to nothing gives a rate beyond any integer.
    let digits = Array(String(format: "%.0f", samplesPerSecond.rounded()))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += " " }
      text.append(digit)
    }
    return text + " samples/s"
  }
}
