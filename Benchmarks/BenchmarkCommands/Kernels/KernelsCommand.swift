import ConvoyCPUFeatures
import ConvoyCommandLineOptions
import ConvoyKernelInterface
import ConvoyNetworkOptions
import ConvoyTerminal
import ConvoyTestSupport
import ConvoyTraining
import Optimizers

/// `benchmarks kernels`: every kernel at the shapes that the networks call it for.
struct KernelsCommand {
  static let description = CommandDescription(
    name: "kernels",
    overview: "Measure every kernel at the shapes of the networks, on one core.",
    discussion: "A training step of each network tells which kernels it calls, for which shapes, "
      + "and how often. Each is compared with the reference before it is timed, and its share of "
      + "the peak is of multiply-adds measured beside it. A second table sums them up for each pass of "
      + "each convolution, whatever algorithm makes it. Channels are counted as they are stored.",
    options: Workload.descriptions() + [NetworkOptions.data, NetworkOptions.instructionSet]
      + MeasuringOptions.descriptions(seconds: 0.01, warmUp: 0.01))

  private let workloads: [Workload]
  private let data: String
  private let kernels: any KernelSet
  private let measuring: MeasuringOptions

  init(_ options: ParsedOptions) throws {
    workloads = try Workload.all(options, mode: .train)
    data = NetworkOptions.data(options)
    kernels = try NetworkOptions.kernels(options)
    measuring = try MeasuringOptions(options, seconds: 0.01, warmUp: 0.01)
  }

  func run(_ console: Console) throws {
    let conditions = Conditions(kernels)
    let peaks = Spread((0..<max(9, measuring.rounds)).map { _ in peak.measure() })
    var results: [KernelsResult] = []
    for workload in workloads {
      console.error("\(workload.name)\n")
      results.append(try measure(workload, peak: peaks.median))
    }
    try Report(conditions: conditions, results: results).print(
      console, asJSON: measuring.printsJSON,
      table: "1 thread, \(measuring.rounds) rounds; peak "
        + "\(Text.number(1e-9 * peaks.median)) GFLOP/s "
        + "(\(Text.range(Spread(peaks.values.map { 1e-9 * $0 }))))\n\n"
        + KernelsResult.table(results))
  }

  private var peak: MultiplyAddPeak { MultiplyAddPeak(kernels: kernels) }

  /// Steps before the one that is recorded: which gradients are zero depends on the weights.
  private static let stepsBefore = 10

  private func measure(_ workload: Workload, peak: Double) throws -> KernelsResult {
    let trace = KernelTrace()
    let images = try BenchmarkImages.load(for: workload, data: data)
    let network = try MeasuredNetwork(
      workload.architecture, images: images, batch: workload.batch, threads: 1, optimizer: Adam(),
      kernels: KernelRecorder(kernels, trace: trace)
    ) { KernelRecorder(kernels, trace: trace, layer: $0) }
    _ = try network.trainer.runEpoch(1, stepLimit: Self.stepsBefore)
    trace.forget()
    _ = try network.trainer.runEpoch(2, stepLimit: 1)
    let rows = try trace.calls.map(measure)
    return KernelsResult(
      workload: workload, rows: rows,
      convolutions: try ConvolutionsResult(workload, trace: trace, measured: rows, peak: peak))
  }

  private func measure(_ counted: KernelTrace.Counted) throws -> KernelsResult.Row {
    let call = counted.call
    let listed = Double(counted.listed) / Double(counted.count)
    let listedShare = call.windows.map { listed / Double($0) }
    let trial = call.trial(
      TrialConditions(seed: 1, isAligned: true, listedShare: listedShare ?? 0))
    let operations = call.operations(listed: listed)
    let outcome = trial.outcome(on: kernels)
    guard outcome.isFaultless else {
      throw KernelFault(kernel: call.name, shape: call.shape, outcome: "\(outcome)")
    }
    // As workers do: a gradient that is scaled in place again and again ends as a denormal.
    let controlWord = convoy_flush_denormals()
    defer { convoy_restore_denormals(controlWord) }
    func seconds(_ calls: Int) -> Double {
      trial.time(on: kernels, calls: calls) { ContinuousClock().measure($0) } / .seconds(1)
    }
    let calls = StepCount.warmingUp(
      for: measuring.warmUp, seconds: measuring.seconds, run: seconds)
    var times: [Double] = []
    var shares: [Double] = []
    for _ in 0..<measuring.rounds {
      let peak = peak.measure()
      let time = seconds(calls) / Double(calls)
      times.append(time)
      if let operations { shares.append(operations / time / peak) }
    }
    let spread = Spread(times)
    return KernelsResult.Row(
      kernel: call.name, shape: call.shape, calls: counted.count, seconds: spread,
      rate: operations.map { $0 / spread.median },
      shareOfPeak: shares.isEmpty ? nil : Spread(shares).median,
      listedShare: listedShare, worstError: outcome.worst.fraction)
  }
}
