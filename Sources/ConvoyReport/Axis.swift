import ConvoyFigures
import Foundation

/// The scale of an axis: its range, and round numbers in it.
struct Axis {
  let range: ClosedRange<Double>
  let isLogarithmic: Bool
  let ticks: [Double]

  /// Beyond it, values are drawn at the edge: sums and differences stay finite.
  private static let largest = 1e150
  /// Below it, they are zero.
  private static let smallest = 1e-150

  /// An axis that holds all values and whose ends are ticks or near them.
  ///
  /// - Parameters:
  ///   - mayBeLogarithmic: whether positive values that span a factor of 20 get a logarithmic scale.
  ///   - includesZero: whether zero is on the axis in any case.
  /// - Returns: nil if no value is finite.
  init?(of values: [Double], mayBeLogarithmic: Bool = false, includesZero: Bool = false) {
    let finite = (values + (includesZero && !values.isEmpty ? [0] : [])).filter(\.isFinite).map {
      abs($0) < Self.smallest ? 0 : min(max($0, -Self.largest), Self.largest)
    }
    guard let low = finite.min(), let high = finite.max() else { return nil }
    isLogarithmic = mayBeLogarithmic && low > 0 && high / low > 20
    if isLogarithmic {
      (range, ticks) = Self.decades(from: low, to: high)
    } else {
      (range, ticks) = Self.steps(from: low, to: high)
    }
  }

  /// An axis of things that are counted, with just these ends, which differ.
  init(counting range: ClosedRange<Double>) {
    self.range = range
    isLogarithmic = false
    let step = max(1, Self.roundStep(of: range.upperBound - range.lowerBound))
    ticks = Self.multiples(of: step, in: range)
  }

  /// Where a value lies, from 0 to 1.
  func position(_ value: Double) -> Double {
    func scaled(_ value: Double) -> Double { isLogarithmic ? log10(value) : value }
    let inside = min(max(value, range.lowerBound), range.upperBound)
    let (low, high) = (scaled(range.lowerBound), scaled(range.upperBound))
    return (scaled(inside) - low) / (high - low)
  }

  private static func steps(
    from low: Double, to high: Double
  ) -> (ClosedRange<Double>, [Double]) {
    // A constant gets some room, relative to its size.
    let least = max(abs(low), abs(high)) * 1e-6
    let room = high - low > least ? 0 : max(least, abs(high) * 0.05, 1e-150)
    let (low, high) = (low - room, high + room)
    let step = roundStep(of: high - low)
    let range = (low / step).rounded(.down) * step...(high / step).rounded(.up) * step
    return (range, multiples(of: step, in: range))
  }

  private static func decades(
    from low: Double, to high: Double
  ) -> (ClosedRange<Double>, [Double]) {
    let exponents = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
    let factors: [Double] = exponents.count <= 4 ? [1, 2, 5] : [1]
    let every = max(1, exponents.count / 6)
    let all = exponents.flatMap { exponent in
      (exponent - exponents.lowerBound).isMultiple(of: every)
        ? factors.map { $0 * pow(10, Double(exponent)) } : []
    }
    // The nearest round numbers around the data.
    let first = all.last { $0 <= low } ?? low
    let last = all.first { $0 >= high } ?? high
    return (first...last, all.filter { (first...last).contains($0) })
  }

  /// 1, 2 or 5 times a power of ten: about a fifth of the span.
  private static func roundStep(of span: Double) -> Double {
    guard span > 0 else { return 1 }
    let power = pow(10, log10(span / 5).rounded(.down))
    let least = span / 5 * 0.999
    let factor = [1.0, 2, 5, 10].first { $0 * power >= least } ?? 10
    return factor * power
  }

  private static func multiples(of step: Double, in range: ClosedRange<Double>) -> [Double] {
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    guard last >= first, last - first < 100 else { return [] }
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }
}

/// How the numbers of an axis are written.
package enum NumberStyle: Sendable {
  case plain
  /// A share, as per cent.
  case percent

  func text(_ value: Double) -> String {
    switch self {
    case .percent: Self.short(value * 100) + "%"
    case .plain: Self.short(value)
    }
  }

  /// At most four digits, or whole with commas between thousands; a power of ten for the largest and the
  /// smallest.
  private static func short(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
    let size = abs(value)
    let text =
      switch size {
      case 1e7..., 1e-300..<1e-4: scientific(size)
      case 999.95...: Figures.grouped(Int(size.rounded()))
      default: String(format: "%.4g", size)
      }
    return value < 0 ? "−" + text : text
  }

  /// `1e−5`, `2.5e14`.
  private static func scientific(_ size: Double) -> String {
    let exponent = Int((log10(size) + 4.3e-7).rounded(.down))
    let factor = String(format: "%.3g", size / pow(10, Double(exponent)))
    return "\(factor)e\(exponent < 0 ? "−" : "")\(abs(exponent))"
  }
}
