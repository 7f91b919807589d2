import ConvoyCommandLineOptions
import ConvoyTerminal

/// `benchmarks peers`: Convoy beside other frameworks.
struct PeersCommand {
  static let description = CommandDescription(
    name: "peers",
    overview: "Measure networks in Convoy and in other frameworks, in turn.",
    discussion: "Every contestant trains the same network on the same images with Adam, "
      + "cross-entropy, and the same batches and threads, in a process of its own that sleeps "
      + "between its rounds. Each round measures all of them, one after another.",
    options: Workload.descriptions() + [
      .flag("forward", help: "Evaluate instead of training.")
    ] + PeersOptions.descriptions + MeasuringOptions.descriptions(seconds: 1, warmUp: 2))

  private let workloads: [Workload]
  private let options: PeersOptions
  private let measuring: MeasuringOptions

  init(_ options: ParsedOptions) throws {
    workloads = try Workload.all(options, mode: options.flag("forward") ? .forward : .train)
    self.options = try PeersOptions(options)
    measuring = try MeasuringOptions(options, seconds: 1, warmUp: 2)
  }

  func run(_ console: Console) throws {
    let conditions = Conditions(options.kernels)
    var results: [PeersResult] = []
    for workload in workloads {
      results.append(try measure(workload, console))
    }
    let mode = workloads.first?.mode == .forward ? "forward only" : "training"
    try Report(conditions: conditions, results: results).print(
      console, asJSON: measuring.printsJSON,
      table: "\(mode), \(options.threads) threads, \(measuring.rounds) rounds\n\n"
        + PeersResult.table(results) + PeersResult.notes(results))
  }

  private func measure(_ workload: Workload, _ console: Console) throws -> PeersResult {
    let files = try ContestFiles(workload, data: options.data)
    let job = try files.job(threads: options.threads)
    let entries = options.entries(workload.mode)
    var problems: [Int: ContestantError] = [:]
    var ready: [(place: Int, contestant: Contestant)] = []
    for (place, entry) in entries.enumerated() {
      console.error("\(workload.name) \(workload.batch): \(entry.name) \(entry.variant)\n")
      do throws(ContestantError) {
        let contestant = try Contestant(
          entry.name, variant: entry.variant, command: entry.command, job: job)
        try contestant.warmUp(measuring)
        ready.append((place, contestant))
      } catch {
        // Without Convoy there is nothing to compare with.
        if place == 0 { throw error }
        problems[place] = error
      }
    }
    files.remove()
    var rates = Array(repeating: [Double](), count: entries.count)
    for _ in 0..<measuring.rounds {
      for (place, contestant) in ready where problems[place] == nil {
        do throws(ContestantError) {
          rates[place].append(try contestant.rate(after: options.pause))
        } catch {
          if place == 0 { throw error }
          problems[place] = error
        }
      }
    }
    let convoy = Spread(rates[0])
    return PeersResult(
      workload, threads: options.threads,
      entries.enumerated().map { place, entry in
        guard problems[place] == nil,
          let contestant = ready.first(where: { $0.place == place })?.contestant
        else {
          return PeersResult.Row(
            name: entry.name, variant: entry.variant, version: nil, rate: nil, convoyFaster: nil,
            loss: nil, problem: problems[place].map { "\($0)" })
        }
        let rate = Spread(rates[place])
        return PeersResult.Row(
          name: entry.name, variant: entry.variant,
          version: place == 0 ? nil : contestant.version, rate: rate,
          convoyFaster: place == 0 ? nil : convoy / rate, loss: contestant.loss,
          problem: nil)
      })
  }
}
