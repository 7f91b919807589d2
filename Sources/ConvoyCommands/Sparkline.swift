/// A curve of a line's height.
enum Sparkline {
  private static let heights = Array("▁▂▃▄▅▆▇█")

  /// The means of as many stretches of the values as there are columns, from the smallest to the
  /// largest; nothing where one is not a number, as in a run that diverges.
  static func text(_ values: [Float], columns: Int) -> String {
    let count = min(columns, values.count)
    let means = (0..<count).map { column in
      let stretch = values[column * values.count / count..<(column + 1) * values.count / count]
      return stretch.reduce(0, +) / Float(stretch.count)
    }
    guard means.allSatisfy(\.isFinite), let least = means.min(), let most = means.max(),
      (most - least).isFinite
    else { return "" }
    let step = most > least ? Float(heights.count - 1) / (most - least) : 0
    let curve = means.map { heights[Int((($0 - least) * step).rounded())] }
    return String(curve)
  }
}
