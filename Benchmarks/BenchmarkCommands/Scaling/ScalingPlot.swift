/// A plot of speed-up over threads, as a self-contained SVG.
struct ScalingPlot {
  private let results: [ScalingResult]
  private let conditions: Conditions
  private let most: Double

  private static let size = (width: 640.0, height: 440.0)
  private static let frame = (left: 60.0, top: 30.0, width: 420.0, height: 330.0)
  /// Colours that remain distinguishable with colour blindness (Okabe and Ito, 2008).
  private static let colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]

  init(_ results: [ScalingResult], conditions: Conditions) {
    self.results = results
    self.conditions = conditions
    most = Double(results.flatMap(\.rows).map(\.threads).max() ?? 1)
  }

  var svg: String {
    var picture = SVG(width: Self.size.width, height: Self.size.height)
    axes(&picture)
    for (index, result) in results.enumerated() {
      draw(result, color: Self.colors[index % Self.colors.count], index, &picture)
    }
    let foot = conditions.description.split(separator: "\n")
    for (index, line) in foot.enumerated() {
      picture.text(
        String(line), x: 10, y: Self.size.height - 12 - 13 * Double(foot.count - 1 - index),
        size: 9)
    }
    return picture.text
  }

  private func x(_ threads: Double) -> Double {
    Self.frame.left + Self.frame.width * threads / most
  }

  private func y(_ speedUp: Double) -> Double {
    Self.frame.top + Self.frame.height * (1 - speedUp / most)
  }

  private func axes(_ picture: inout SVG) {
    let frame = Self.frame
    picture.line([(x(0), y(most)), (x(0), y(0)), (x(most), y(0))], color: "#000000")
    // The ideal: a speed-up equal to the number of threads, up to the cores.
    let cores = min(most, Double(conditions.cores))
    picture.line(
      [(x(0), y(0)), (x(cores), y(cores)), (x(most), y(cores))], color: "#999999", dashed: true)
    picture.text("threads", x: frame.left + frame.width / 2, y: y(0) + 36, anchor: "middle")
    picture.text("speed-up (dashed: one core per thread)", x: frame.left, y: frame.top - 12)
    for threads in Set(results.flatMap(\.rows).map(\.threads)).sorted() {
      let place = Double(threads)
      picture.line([(x(place), y(0)), (x(place), y(0) + 5)], color: "#000000")
      picture.text("\(threads)", x: x(place), y: y(0) + 18, anchor: "middle")
      picture.line([(x(0) - 5, y(place)), (x(0), y(place))], color: "#000000")
      picture.text("\(threads)", x: x(0) - 8, y: y(place) + 4, anchor: "end")
    }
  }

  private func draw(_ result: ScalingResult, color: String, _ index: Int, _ picture: inout SVG) {
    picture.line(
      result.rows.map { (x(Double($0.threads)), y($0.speedUp.median)) }, color: color)
    for row in result.rows {
      let place = x(Double(row.threads))
      picture.line([(place, y(row.speedUp.least)), (place, y(row.speedUp.most))], color: color)
      picture.circle(x: place, y: y(row.speedUp.median), radius: 4, color: color)
    }
    let legend = (
      x: Self.frame.left + Self.frame.width + 20, y: Self.frame.top + 34 * Double(index)
    )
    picture.circle(x: legend.x, y: legend.y - 4, radius: 4, color: color)
    picture.text(
      "\(result.workload.name), batch \(result.workload.batch)", x: legend.x + 10, y: legend.y)
    if let best = result.rows.map(\.rate.median).max() {
      picture.text(
        "up to \(Text.number(best)) samples/s", x: legend.x + 10, y: legend.y + 14, size: 10)
    }
  }
}
