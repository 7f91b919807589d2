import Foundation

/// How figures are printed, the same in every command.
package enum Figures {
  package static func percent(_ share: Double) -> String { String(format: "%.2f%%", 100 * share) }

  /// A mean and its standard deviation, where there is one.
  package static func percent(_ share: Double, within deviation: Double?) -> String {
    percent(share) + (deviation.map { " ± \(percent($0))" } ?? "")
  }

  /// A difference of shares in hundredths, with its sign, and how far it may be off.
  package static func points(_ difference: Double, within margin: Double) -> String {
    String(format: "%+.2f ± %.2f", 100 * difference, 100 * margin)
  }

  package static func seconds(_ seconds: Double) -> String { String(format: "%.2f s", seconds) }

  /// Without the sign that a NaN may have; with an exponent where there would be many digits.
  package static func loss(_ loss: Double) -> String {
    if loss.isNaN { return "nan" }
    return String(format: abs(loss) < 1e6 || loss.isInfinite ? "%.4f" : "%.4e", loss)
  }

  /// Whole samples per second.
  package static func rate(_ samplesPerSecond: Double) -> String {
    wholeRate(samplesPerSecond) + " samples/s"
  }

  /// The same under a title that has the unit.
  package static func wholeRate(_ samplesPerSecond: Double) -> String {
    // Formatted as text, because a time near zero gives a rate beyond any integer.
    grouped(String(format: "%.0f", samplesPerSecond.rounded()))
  }

  /// A count with a comma between thousands.
  package static func grouped(_ count: Int) -> String { grouped(String(count)) }

  /// A number with decimals, and commas between the thousands before them.
  package static func grouped(_ value: Double, decimals: Int) -> String {
    let parts = String(format: "%.\(decimals)f", value).split(separator: ".")
    return ([grouped(String(parts[0]))] + parts.dropFirst().map(String.init))
      .joined(separator: ".")
  }

  /// The digits of a whole number with a comma between thousands.
  package static func grouped(_ number: String) -> String {
    let digits = Array(number.drop { $0 == "-" })
    var text = number.hasPrefix("-") ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }
}
