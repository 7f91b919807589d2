/// The median and the range of several measurements.
struct Spread: Codable, Sendable, Equatable {
  let median: Double
  let least: Double
  let most: Double
  /// In the order in which they were made.
  let values: [Double]

  /// - Parameter values: at least one.
  init(_ values: [Double]) {
    precondition(!values.isEmpty, "there is no middle of nothing")
    self.values = values
    let sorted = values.sorted()
    least = sorted[0]
    most = sorted[sorted.count - 1]
    let middle = sorted.count / 2
    median =
      sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// Divides measurement by measurement, because those of one round were made one after the other.
  static func / (a: Spread, b: Spread) -> Spread {
    Spread(zip(a.values, b.values).map { $0 / $1 })
  }
}
