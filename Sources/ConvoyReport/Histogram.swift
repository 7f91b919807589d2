import Foundation

/// How many of some numbers lie in each of equal intervals.
package struct Histogram: Sendable {
  package let title: String
  package let counts: [Int]
  package let low: Double
  package let high: Double
  package let mean: Double
  package let deviation: Double

  /// - Parameter bins: between the least and the largest number.
  package init(title: String, of values: [Float], bins: Int = 41) {
    self.title = title
    let finite = values.filter(\.isFinite).map(Double.init)
    low = finite.min() ?? 0
    high = finite.max() ?? 0
    let count = Double(max(1, finite.count))
    let mean = finite.reduce(0, +) / count
    self.mean = mean
    deviation = (finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    var counts = [Int](repeating: 0, count: bins)
    for value in finite {
      let share = high > low ? (value - low) / (high - low) : 0.5
      counts[min(bins - 1, Int(share * Double(bins)))] += 1
    }
    self.counts = counts
  }

  /// - Parameter heading: in place of the title, which the one before has.
  func html(heading: String? = nil) -> String {
    let (width, height) = (200.0, 72.0)
    let bar = width / Double(counts.count)
    let most = Double(max(1, counts.max() ?? 1))
    let bars = counts.enumerated().map { index, count -> String in
      guard count > 0 else { return "" }
      let top = height * (1 - Double(count) / most)
      return "M\((Double(index) * bar).svg) \(height.svg)V\(min(top, height - 0.5).svg)"
        + "h\((bar * 0.9).svg)V\(height.svg)Z"
    }
    func text(_ value: Double) -> String {
      (value < 0 ? "−" : "") + String(format: "%.3g", abs(value))
    }
    let zero =
      low < 0 && high > 0
      ? "<path class=\"zero\" d=\"M\((width * -low / (high - low)).svg) 0V\(height.svg)\"/>" : ""
    return "<figure class=\"histogram\">\n<h3>\((heading ?? title).escaped)</h3>\n"
      + "<svg viewBox=\"0 0 \(Int(width)) \(Int(height))\" role=\"img\" "
      + "aria-label=\"\(title.escaped)\(heading.map { ", " + $0.escaped } ?? ""): from \(text(low)) to \(text(high))\">"
      + "<path class=\"bars\" d=\"\(bars.joined())\"/>\(zero)</svg>\n"
      + "<div class=\"ends\"><span>\(text(low))</span><span>\(text(high))</span></div>\n"
      + "<figcaption>mean \(text(mean)), deviation \(text(deviation))</figcaption>\n</figure>\n"
  }
}
