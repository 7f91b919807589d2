import ConvoyCommandLineOptions
import ConvoyFigures
import ConvoyFileAccess
import ConvoyKernelInterface
import ConvoyNetworkOptions
import ConvoyTerminal
import ConvoyTraining
import Foundation

/// `convoy find-rate`: a learning-rate range test.
struct FindRateCommand: Command {
  static let description = CommandDescription(
    name: "find-rate",
    overview: "Train with a growing learning rate, and suggest one.",
    discussion:
      "The rate grows by the same factor each step, until the loss explodes (Smith, 2017). "
      + "A good one is in the middle of the loss's longest fall (valley, as fastai has it); where it falls "
      + "fastest (steepest slope) may be near the explosion.",
    example: "convoy find-rate --optimizer momentum --batch 128",
    options: [
      .value("from", "rate", help: "The first learning rate.", default: "1e-6"),
      .value("to", "rate", help: "The last learning rate.", default: "10"),
      .value("sweep", "steps", help: "Steps of the sweep.", default: "300"),
      .value("svg", "file", help: "Write the curve as SVG."),
    ] + TrainCommand.description.options.filter { trained.contains($0.name) }, mainOption: "data")

  /// The options of train that make a difference.
  private static let trained: Set<String> = [
    "data", "test-fraction", "image-size", "color", "fit", "skip-unreadable", "cache", "augment",
    "normalization", "shuffle", "drop-last", "model", "initialization", "distribution",
    "initial-weights", "partial", "freeze", "dropout", "batch", "seed", "optimizer", "momentum",
    "beta1",
    "beta2", "epsilon", "vector-rate", "l2", "weight-decay", "bias-rate-factor", "clip-norm",
    "loss", "label-smoothing", "class-weights", "mixup", "cutmix", "precision", "threads",
    "instruction-set",
  ]

  private let rates: ClosedRange<Double>
  private let steps: Int
  private let svg: String?
  private let train: TrainCommand

  init(_ options: ParsedOptions) throws {
    let first = try options.number("from", above: 0, atMost: 1_000) ?? 1e-6
    let last = try options.number("to", above: 0, atMost: 1_000) ?? 10
    guard first < last else {
      throw UsageError.invalidCombination("--to: expected a rate above \(first), found \(last)")
    }
    rates = first...last
    steps = try options.integer("sweep", in: 20...5_000) ?? 300
    svg = options.string("svg")
    let inputs = ["initial-weights", "model", "cache"].map(options.string)
    try OutputPath.check(
      "svg", svg, isNoneOf: (inputs + [LossOptions.weightsFile(options)]).compactMap(\.self),
      norIn: NetworkOptions.data(options))
    let arguments = options.texts.filter { Self.trained.contains($0.key) }.map { name, text in
      text.isEmpty ? "--\(name)" : "--\(name)=\(text)"
    }
    guard case .options(let parsed) = try TrainCommand.description.parse(arguments) else {
      preconditionFailure("Help is not among these options.")
    }
    train = try TrainCommand(parsed, typed: options)
  }

  func run(_ console: Console) throws {
    if let svg { try AtomicFile.checkWritable(svg) }
    let sweep = try train.sweep(rates, steps: steps, console)
    if let load = sweep.partialLoad, let path = train.initialWeights {
      try console.print(TrainReport.partialLoad(load, of: path).onOneLine)
    }
    let plot = RatePlot(sweep)
    try console.output(
      plot.text(width: console.outputColumns() ?? TerminalWidth.fallback, rows: 12))
    if let svg { try AtomicFile.write(Data(plot.svg.utf8), to: svg) }
    guard let rate = sweep.suggestion else {
      try console.print("no suggestion: the loss did not fall; try other --from and --to")
      return
    }
    try console.print(
      plot.marks.map { "\($0.sign) \($0.name) at \(RatePlot.rate($0.point.rate))" }
        .joined(separator: "   "))
    try console.print("try --learning-rate \(RatePlot.rate(rate))")
  }
}

/// The smoothed loss of a sweep over the logarithm of the rate.
struct RatePlot {
  /// A suggested rate.
  struct Mark {
    let sign: Character
    let name: String
    let point: RateSweep.Point
  }

  private let points: [RateSweep.Point]
  let marks: [Mark]
  private let rates: ClosedRange<Double>
  private let losses: ClosedRange<Double>

  init(_ sweep: RateSweep) {
    points = sweep.points
    marks = [("◆", "steepest slope", sweep.steepest), ("▲", "valley", sweep.valley)].compactMap {
      sign, name, rate in
      sweep.points.first { $0.rate == rate }.map { Mark(sign: sign, name: name, point: $0) }
    }
    let logs = points.map { log10($0.rate) }
    rates = (logs.min() ?? 0)...(logs.max() ?? 0)
    let smoothed = points.map(\.smoothed)
    let least = smoothed.min() ?? 0
    // What the explosion reaches is cut, so that the fall can be seen.
    let most = min(smoothed.max() ?? 0, max(smoothed.first ?? 0, least) * 1.5)
    losses = least...max(least, most)
  }

  /// Of a plot of characters.
  private static let (fewestColumns, mostColumns) = (12, 120)

  /// Of the suggestions, each at least 4.5:1 on white.
  private static let colors = ["#a33c00", "#006d4e"]

  /// A rate to two digits.
  static func rate(_ rate: Double) -> String { String(format: "%.2g", rate) }

  /// From 0 at the left to 1, and from 0 at the bottom to 1; nil above the top.
  private func place(_ point: RateSweep.Point) -> (x: Double, y: Double)? {
    guard point.smoothed <= losses.upperBound else { return nil }
    func share(_ value: Double, _ range: ClosedRange<Double>) -> Double {
      range.upperBound > range.lowerBound
        ? (value - range.lowerBound) / (range.upperBound - range.lowerBound) : 0
    }
    return (share(log10(point.rate), rates), share(point.smoothed, losses))
  }

  /// A plot of characters, with the rates below and the losses at the left.
  ///
  /// - Parameters:
  ///   - width: of the terminal, which lines do not exceed unless it is very narrow.
  ///   - rows: of the plot.
  func text(width: Int, rows: Int) -> String {
    let labels = [0: Figures.loss(losses.upperBound), rows - 1: Figures.loss(losses.lowerBound)]
    let labelWidth = labels.values.map(\.count).max() ?? 0
    let columns = min(max(width - labelWidth - 2, Self.fewestColumns), Self.mostColumns)
    var cells = Array(repeating: Array(repeating: Character(" "), count: columns), count: rows)
    for point in points {
      guard let (x, y) = place(point) else { continue }
      let row = rows - 1 - Int((y * Double(rows - 1)).rounded())
      cells[row][Int((x * Double(columns - 1)).rounded())] = "•"
    }
    for mark in marks {
      guard let (x, y) = place(mark.point) else { continue }
      let row = rows - 1 - Int((y * Double(rows - 1)).rounded())
      let column = Int((x * Double(columns - 1)).rounded())
      // Two marks of one cell stand side by side.
      let isFree = !marks.contains { $0.sign == cells[row][column] }
      cells[row][isFree ? column : max(0, column - 1)] = mark.sign
    }
    func line(_ label: String, _ text: String) -> String {
      let line = String(repeating: " ", count: labelWidth - label.count) + label + " │" + text
      return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }
    let first = Self.rate(pow(10, rates.lowerBound))
    let last = Self.rate(pow(10, rates.upperBound))
    let gap = String(repeating: " ", count: max(1, columns - first.count - last.count))
    return cells.enumerated().map { line(labels[$0] ?? "", String($1)) }.joined()
      + String(repeating: " ", count: labelWidth) + " └" + String(repeating: "─", count: columns)
      + "\n"
      + String(repeating: " ", count: labelWidth + 2) + first + gap + last + "\n"
  }

  /// The same as a file of its own.
  var svg: String {
    let (width, height, left, top) = (640.0, 320.0, 64.0, 16.0)
    func number(_ value: Double) -> String { String(format: "%.1f", value) }
    func x(_ share: Double) -> Double { left + share * (width - left - 16) }
    func y(_ share: Double) -> Double { top + (1 - share) * (height - top - 48) }
    let line = points.compactMap(place).map { "\(number(x($0.x))),\(number(y($0.y)))" }
      .joined(separator: " ")
    let span = rates.upperBound - rates.lowerBound
    let decades =
      span > 0
      ? (Int(
        rates.lowerBound.rounded(.up))...max(
          Int(rates.lowerBound.rounded(.up)), Int(rates.upperBound.rounded(.down)))).map {
          Double($0)
        }
        .filter { rates.contains($0) } : []
    let ticks = decades.map { decade in
      let place = number(x((decade - rates.lowerBound) / span))
      return """
        <line x1="\(place)" x2="\(place)" y1="\(number(y(1)))" y2="\(number(y(0)))" stroke="#ddd"/>
        <text x="\(place)" y="\(number(y(0) + 18))" text-anchor="middle">\(Self.rate(pow(10, decade)))</text>
        """
    }
    let suggestions = marks.enumerated().compactMap { place, mark -> String? in
      guard let share = self.place(mark.point) else { return nil }
      let (across, down) = (number(x(share.x)), number(y(share.y)))
      // Named one above the other, on the side that has room.
      let isLeft = share.x > 0.5
      return """
        <line x1="\(across)" x2="\(across)" y1="\(number(y(1)))" y2="\(number(y(0)))" stroke="\(Self.colors[place])" stroke-dasharray="4 3"/>
        <circle cx="\(across)" cy="\(down)" r="5" fill="\(Self.colors[place])"/>
        <text x="\(number(x(share.x) + (isLeft ? -8 : 8)))" y="\(number(y(0) - 10 - 16 * Double(place)))" text-anchor="\(isLeft ? "end" : "start")" paint-order="stroke" stroke="#fff" stroke-width="4" fill="\(Self.colors[place])">\(mark.name) \(Self.rate(mark.point.rate))</text>
        """
    }
    let labels = [(0.0, losses.lowerBound), (1.0, losses.upperBound)].map { share, loss in
      "<text x=\"\(number(left - 8))\" y=\"\(number(y(share) + 4))\" text-anchor=\"end\">\(Figures.loss(loss))</text>"
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" font-family="sans-serif" font-size="12" fill="#333">
      <title>Loss over the learning rate</title>
      <rect width="100%" height="100%" fill="#fff"/>
      \((ticks + labels).joined(separator: "\n"))
      <text x="\(number(x(0.5)))" y="\(number(height - 8))" text-anchor="middle">learning rate</text>
      <polyline points="\(line)" fill="none" stroke="#1f5f9e" stroke-width="2"/>
      \(suggestions.joined(separator: "\n"))
      </svg>

      """
  }
}
