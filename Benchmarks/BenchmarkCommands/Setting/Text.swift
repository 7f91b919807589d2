import ConvoyFigures
import Foundation

/// How figures are written in tables.
enum Text {
  /// With `digits` significant digits, and commas between thousands: 0.0853, 1.23, 45.6, 12,300.
  static func number(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    let magnitude = Int(floor(log10(abs(value)))) + 1
    let decimals = max(0, digits - magnitude)
    let step = pow(10, Double(max(0, magnitude - digits)))
    let text = String(format: "%.\(decimals)f", (value / step).rounded(.toNearestOrEven) * step)
    return decimals == 0 ? Figures.grouped(text) : String(format: "%.\(decimals)f", value)
  }

  static func range(_ spread: Spread, digits: Int = 3) -> String {
    "\(number(spread.least, digits: digits)) – \(number(spread.most, digits: digits))"
  }

  static func percent(_ share: Double) -> String { String(format: "%.0f%%", 100 * share) }

  static func mebibytes(_ bytes: Double) -> String {
    String(format: "%.0f MiB", bytes / 1_048_576)
  }
}
