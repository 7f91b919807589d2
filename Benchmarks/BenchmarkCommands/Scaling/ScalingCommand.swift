import ConvoyCommandLineOptions
import ConvoyFileAccess
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyNetworkOptions
import ConvoyProcessLimits
import ConvoyTerminal
import Foundation

/// `benchmarks scaling`: measures how training speeds up with more threads.
struct ScalingCommand {
  static let description = CommandDescription(
    name: "scaling",
    overview: "Measure how training gets faster with more threads.",
    discussion: "Each round measures all numbers of threads, one after another. A step's parts are "
      + "shares of the time of all threads: computing the samples, reducing their gradients and "
      + "updating parameters, and waiting for others or for a core.",
    options: [
      .value(
        "threads", "counts", help: "Separated by commas.", default: "1, 2, 4, … up to the cores"),
      .value(
        "ranks", "counts",
        help:
          "Numbers of processes, separated by commas, under mpirun -n with the most of them; each "
          + "with the threads of --threads, of which there is one number then."),
      .value("plot", "file", help: "Write a plot here, as SVG."),
    ] + Workload.descriptions(models: models) + [
      NetworkOptions.data, NetworkOptions.instructionSet,
    ]
      + MeasuringOptions.descriptions(seconds: 1, warmUp: 2))

  private static let models = ["small"]

  private let threads: [Int]
  /// Nil for threads alone.
  private let ranks: [Int]?
  private let cores = AvailableCores.count
  private let workloads: [Workload]
  private let data: String
  private let kernels: any KernelSet
  private let plot: String?
  private let measuring: MeasuringOptions

  init(_ options: ParsedOptions) throws {
    let given = try options.integers("threads", in: 1...4_096) ?? Self.doublings(to: cores)
    threads = Set(given).sorted()
    ranks = try options.integers("ranks", in: 1...4_096).map { Set($0).sorted() }
    workloads = try Workload.all(options, mode: .train, models: Self.models)
    data = NetworkOptions.data(options)
    kernels = try NetworkOptions.kernels(options)
    plot = options.string("plot")
    if ranks != nil, plot != nil || threads.count > 1 && options.isGiven("threads") {
      throw UsageError.invalidCombination(
        "--ranks: expected one number of --threads beside it and no --plot, found "
          + (plot == nil ? "\(threads.count) numbers" : "--plot"))
    }
    measuring = try MeasuringOptions(options, seconds: 1, warmUp: 2)
  }

  private static func doublings(to cores: Int) -> [Int] {
    sequence(first: 1) { 2 * $0 < cores ? 2 * $0 : nil } + [cores]
  }

  func run(_ console: Console) throws {
    if let ranks { return try measure(ranks, console) }
    try plot.map(AtomicFile.checkWritable)
    let conditions = Conditions(kernels)
    var results: [ScalingResult] = []
    for workload in workloads {
      console.error("\(workload.name) \(workload.batch)\n")
      results.append(try measure(workload))
    }
    if let plot {
      let picture = ScalingPlot(results, conditions: conditions).svg
      try AtomicFile.write(Data(picture.utf8), to: plot)
    }
    let table =
      "training, \(measuring.rounds) rounds\n\n" + ScalingResult.table(results)
      + ScalingResult.notes(results, cores: cores)
    try Report(conditions: conditions, results: results).print(
      console, asJSON: measuring.printsJSON, table: table)
  }

  private func measure(_ ranks: [Int], _ console: Console) throws {
    guard let launcher = Launcher(), let most = ranks.last, launcher.size == most else {
      throw UsageError.invalidCombination(
        "--ranks: expected to be started by mpirun -n \(ranks.last ?? 1), found "
          + "\(Launcher().map { "\($0.size) processes" } ?? "a process by itself")")
    }
    let process = try MPIProcess(launcher) { nil }
    let results: [RankScaling]
    do {
      results = try workloads.map {
        try RankScaling(
          $0, data: data, counts: ranks, by: process, threads: threads[0], measuring: measuring,
          kernels: kernels)
      }
    } catch {
      console.error("Error: \(error)\n")
      process.abort()
    }
    if process.rank == 0 {
      try Report(conditions: Conditions(kernels), results: results).print(
        console, asJSON: measuring.printsJSON,
        table: "training, \(measuring.rounds) rounds, \(process.library)\n\n"
          + RankScaling.table(results))
    }
    process.leave()
  }

  private func measure(_ workload: Workload) throws -> ScalingResult {
    let images = try BenchmarkImages.load(for: workload, data: data)
    let contestants = try threads.map {
      try ScalingContestant(workload, images: images, threads: $0, kernels: kernels)
    }
    for contestant in contestants { try contestant.warmUp(measuring) }
    var rates = Array(repeating: [Double](), count: contestants.count)
    var splits = Array(repeating: [StepSplit](), count: contestants.count)
    for _ in 0..<measuring.rounds {
      for (index, contestant) in contestants.enumerated() {
        rates[index].append(try contestant.rate())
        splits[index].append(try contestant.split())
      }
    }
    return ScalingResult(
      workload, cores: cores,
      measured: threads.indices.map {
        (threads: threads[$0], rate: Spread(rates[$0]), split: StepSplit(splits[$0]))
      })
  }
}
