import ConvoyCommandLineOptions
import ConvoyFileAccess
import ConvoyRunReports
import ConvoyTerminal
import Foundation

/// `convoy compare`: the results of several runs, with runs that differ in their seed alone as one.
struct CompareCommand: Command {
  static let description = CommandDescription(
    name: "compare",
    overview: "Print the results of runs side by side, from their logs.",
    discussion:
      "Runs with equal options but for the seed are one row: means, with standard deviations. "
      + "Logs of the same run count once. The options that differ between rows name them; where they do "
      + "not fit the terminal, they stand below. 'trained' is the number of epochs; 'judged' is "
      + "the accuracy on the validation images or, at the end, the test images. Where rows share two seeds "
      + "or more, the difference to the first row is shown, pair by pair, with its 95% confidence interval: "
      + "one that holds 0 is no evidence that the rows differ. convoy report draws the curves.",
    example: "convoy compare adam-0.jsonl adam-1.jsonl muon-0.jsonl muon-1.jsonl",
    arguments: [.words("log", isRepeated: true, help: "Logs that train wrote with --log.")],
    options: [
      .value("svg", "file", help: "Draw the judged accuracy of each row, epoch by epoch, as SVG.")
    ])

  private let paths: [String]
  private let svg: String?

  init(_ options: ParsedOptions) throws {
    paths = options.arguments("log")
    svg = options.string("svg")
    try OutputPath.check("svg", svg, isNoneOf: paths, norIn: nil)
  }

  func run(_ console: Console) throws {
    if let svg { try AtomicFile.checkWritable(svg) }
    for path in paths { try checkIsOfOneSeed(path) }
    let comparison = try RunComparison(logs: paths)
    try console.output(comparison.table(columns: console.outputColumns()))
    guard let svg else { return }
    try AtomicFile.write(Data(comparison.svg().utf8), to: svg)
  }

  /// Refuses the name that was given to `train --seeds`, which names a log for each seed after it.
  private func checkIsOfOneSeed(_ path: String) throws(UsageError) {
    let files = FileManager.default
    guard !files.fileExists(atPath: path) else { return }
    let logs = (0..<SeedOptions.mostSeeds).map { SeedOptions.path(path, ofSeed: $0) }
      .filter(files.fileExists)
    guard let first = logs.first, let last = logs.last else { return }
    throw .invalidCombination(
      "<log>: expected the log of each seed, such as \(first)"
        + (logs.count > 1 ? " to \(last)" : "") + ", found \(path), which is not there")
  }
}
