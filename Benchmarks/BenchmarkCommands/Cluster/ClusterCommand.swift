import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFigures
import ConvoyKernelInterface
import ConvoyNetworkOptions
import ConvoyProcessLimits
import ConvoyTerminal
import ConvoyTraining
import Optimizers

/// `benchmarks cluster`: computes how training would speed up on many machines.
struct ClusterCommand {
  static let description = CommandDescription(
    name: "cluster",
    overview: "Compute how training would get faster on machines with many cores.",
    discussion:
      "The work of one core is measured, cut as for all of them; what they wait for each other "
      + "and for messages is computed. Efficiency is the rate divided by that of one core and by the "
      + "number of cores. Machines pay as long as twice as many give half as much again. For "
      + "this machine's own cores, the computed speed-up is printed beside the measured one.",
    options: [
      .value("machines", "counts", help: "Separated by commas.", default: "1,2,4,8,16,32,64"),
      .value("cores", "count", help: "Of each machine.", default: "64"),
      .value(
        "round-trip", "nanoseconds", help: "Of a cache line between two cores.", default: "331"),
      .value("latency", "microseconds", help: "Of a message between machines.", default: "20"),
      .value("bandwidth", "gigabits", help: "Between machines, per second.", default: "25"),
    ] + Workload.descriptions(models: models) + [
      NetworkOptions.data, NetworkOptions.instructionSet,
    ]
      + MeasuringOptions.descriptions(seconds: 1, warmUp: 1))

  private static let models = ["medium", "vgg", "resnet20", "resnet9"]

  private let machines: [Int]
  private let cores: Int
  private let model: ClusterModel
  private let workloads: [Workload]
  private let data: String
  private let kernels: any KernelSet
  private let measuring: MeasuringOptions

  init(_ options: ParsedOptions) throws {
    machines = Set(
      try options.integers("machines", in: 1...64) ?? [1, 2, 4, 8, 16, 32, 64]
    ).sorted()
    cores = try options.integer("cores", in: 1...1_024) ?? 64
    model = ClusterModel(
      roundTrip: 1e-9 * (try options.number("round-trip", above: 0, atMost: 1e6) ?? 331),
      latency: 1e-6 * (try options.number("latency", above: 0, atMost: 1e6) ?? 20),
      bandwidth: 1e9 / 8 * (try options.number("bandwidth", above: 0, atMost: 1e5) ?? 25))
    workloads = try Workload.all(
      options, mode: .train, models: Self.models)
    data = NetworkOptions.data(options)
    kernels = try NetworkOptions.kernels(options)
    measuring = try MeasuringOptions(options, seconds: 1, warmUp: 1)
  }

  /// What is computed and measured of a workload.
  private struct Result: Encodable {
    let workload: Workload
    let rows: [Row]
    /// With a thread for each core of this machine.
    let own: Own?

    struct Row: Encodable {
      let machines: Int
      /// Samples per second.
      let rate: Double
      let efficiency: Double

      /// In cores' worth, of a core measured beside it.
      var speedUp: Double { efficiency * Double(machines) }
    }

    struct Own: Encodable {
      let threads: Int
      let computed: Double
      let measured: Spread
    }

    /// The most machines that pay.
    var paying: Int {
      var paying = rows.first?.machines ?? 1
      for (before, row) in zip(rows, rows.dropFirst()) {
        let gain = row.speedUp / before.speedUp - 1
        guard gain >= 0.5 * Double(row.machines - before.machines) / Double(before.machines) else {
          break
        }
        paying = row.machines
      }
      return paying
    }
  }

  func run(_ console: Console) throws {
    let conditions = Conditions(kernels)
    let results = try workloads.map { workload in
      let result = try result(workload)
      let row = cells(result).filter { !$0.isEmpty }.joined(separator: "  ")
      console.error("\(row)\n")
      return result
    }
    try Report(conditions: conditions, results: results).print(
      console, asJSON: measuring.printsJSON, table: table(results))
  }

  private func result(_ workload: Workload) throws -> Result {
    let images = try BenchmarkImages.load(for: workload, data: data)
    let groups = try MeasuredNetwork(
      workload.architecture, images: images, batch: workload.batch, threads: 1, optimizer: Adam(),
      kernels: kernels
    ).trainer.groupsABatch
    let rows = try machines.filter { $0 <= groups }.map { machines in
      let (one, all) = try seconds(workload, images, machines: machines, cores: cores)
      return Result.Row(
        machines: machines, rate: Double(workload.batch) / all,
        efficiency: one / all / Double(machines * cores))
    }
    let threads = AvailableCores.count
    let own = try threads > 1 ? own(workload, images, threads) : nil
    return Result(workload: workload, rows: rows, own: own)
  }

  /// Seconds of a step on one core, and on all cores of all machines.
  private func seconds(
    _ workload: Workload, _ images: ImageSet, machines: Int, cores: Int
  ) throws -> (one: Double, all: Double) {
    let steps = try MeasuredStep.measure(
      [(1, 1), (machines, cores)].map { machines, cores in
        try MeasuredStep(
          workload, images: images, machines: machines, cores: cores,
          seconds: measuring.seconds, kernels: kernels)
      }, seconds: measuring.seconds)
    return (model.seconds(steps[0], cores: 1), model.seconds(steps[1], cores: cores))
  }

  /// The speed-up with all cores of this machine, computed and measured.
  private func own(
    _ workload: Workload, _ images: ImageSet, _ threads: Int
  ) throws -> Result.Own {
    let (one, all) = try seconds(workload, images, machines: 1, cores: threads)
    let contestants = try [1, threads].map {
      try ScalingContestant(workload, images: images, threads: $0, kernels: kernels)
    }
    for contestant in contestants { try contestant.warmUp(measuring) }
    let speedUps = try (0..<measuring.rounds).map { _ in
      let rates = try contestants.map { try $0.rate() }
      return rates[1] / rates[0]
    }
    return Result.Own(threads: threads, computed: one / all, measured: Spread(speedUps))
  }

  private func table(_ results: [Result]) -> String {
    var table = TextTable(
      columns: [.left("network"), .right("batch")]
        + machines.map { .right("\($0)") }
        + [.right("pays to"), .right("here computed"), .right("measured")])
    for result in results { table.add(cells(result)) }
    return "efficiency on machines of \(cores == 1 ? "one core" : "\(cores) cores"), computed; "
      + "– where a batch has fewer groups than machines\n\n" + table.text
  }

  /// A row of the table, which is also shown as soon as it is known.
  private func cells(_ result: Result) -> [String] {
    let efficiencies = machines.map { machines in
      result.rows.first { $0.machines == machines }.map { Text.percent($0.efficiency) } ?? "–"
    }
    let own = result.own.map {
      [
        Text.number($0.computed),
        "\(Text.number($0.measured.median)) (\(Text.range($0.measured)))",
      ]
    }
    return [result.workload.name, "\(result.workload.batch)"] + efficiencies
      + ["\(result.paying)"] + (own ?? ["", ""])
  }
}
