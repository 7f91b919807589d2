import ConvoyCommandLineOptions
import ConvoyTerminal

/// `benchmarks cost`: how time and memory grow.
struct CostCommand {
  static let description = CommandDescription(
    name: "cost",
    overview: "Measure how time and memory grow with batch, image, channels and depth.",
    discussion:
      "A network of 16-channel convolutions, two deep, on 3×28×28 samples by 64, of which "
      + "one size changes at a time. Memory is the most that a contestant's process had, its "
      + "program, libraries and images included.",
    options: [
      .value(
        "study", "names",
        help: "Which sizes grow: "
          + "\(CostStudy.allCases.map(\.rawValue).joined(separator: ", ")); separated by commas.",
        default: "all"),
      .value(
        "values", "numbers", help: "What the size of the one study grows to."),
    ] + PeersOptions.descriptions
      + MeasuringOptions.descriptions(seconds: 0.5, warmUp: 1))

  private let cases: [(study: CostStudy, value: Int)]
  private let options: PeersOptions
  private let measuring: MeasuringOptions

  init(_ options: ParsedOptions) throws {
    var studies = CostStudy.allCases
    if let names = try options.list("study") {
      studies = try names.map { name throws(UsageError) in
        guard let study = CostStudy(rawValue: name) else {
          throw .notAmong(
            CostStudy.allCases.map(\.rawValue), option: "--study", found: name)
        }
        return study
      }
    }
    let values = try options.integers("values", in: 1...4_096)
    if values != nil, studies.count > 1 {
      throw UsageError.invalidCombination("--values: expected one --study beside it")
    }
    cases = studies.flatMap { study in (values ?? study.values).map { (study, $0) } }
    self.options = try PeersOptions(options)
    measuring = try MeasuringOptions(options, seconds: 0.5, warmUp: 1)
  }

  func run(_ console: Console) throws {
    let conditions = Conditions(options.kernels)
    let results = try cases.map { study, value in
      console.error("\(study.rawValue) \(value)\n")
      let workload = study.workload(value)
      return CostResult(
        study: study.rawValue, value: value, workload: workload, rows: try measure(workload))
    }
    try Report(conditions: conditions, results: results).print(
      console, asJSON: measuring.printsJSON,
      table: "training, \(options.threads) threads, \(measuring.rounds) rounds\n\n"
        + CostResult.table(results))
  }

  /// Measures each contestant in its first variant, the plainest.
  private func measure(_ workload: Workload) throws -> [CostResult.Row] {
    let files = try ContestFiles(workload, data: options.data)
    let job = try files.job(threads: options.threads)
    var names: Set<String> = []
    return try options.entries(.train).filter { names.insert($0.name).inserted }.map { entry in
      do throws(ContestantError) {
        let contestant = try Contestant(
          entry.name, variant: entry.variant, command: entry.command, job: job)
        try contestant.warmUp(measuring)
        var seconds: [Double] = []
        for _ in 0..<measuring.rounds {
          seconds.append(Double(workload.batch) / (try contestant.rate(after: options.pause)))
        }
        return CostResult.Row(
          name: entry.name, seconds: Spread(seconds), peakMemory: contestant.peakMemory,
          problem: nil)
      } catch {
        if entry.name == "convoy" { throw error }
        return CostResult.Row(
          name: entry.name, seconds: nil, peakMemory: nil, problem: "\(error)")
      }
    }
  }
}
