import ConvoyFigures
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyTraining

/// How training speeds up with more processes, under a launcher of MPI: each round measures all
/// numbers of ranks, one after another; ranks that are not needed wait.
struct RankScaling: Encodable {
  let workload: Workload
  let rows: [Row]

  struct Row: Encodable {
    let ranks: Int
    /// Of each rank.
    let threads: Int
    /// Samples per second.
    let rate: Spread
    /// The rate divided by that of the row with the fewest ranks, round by round.
    let speedUp: Spread
  }

  /// The first ranks of all.
  private struct Subset: MessagePassing {
    let all: any MessagePassing
    let size: Int
    var rank: Int { all.rank }

    func exchange(
      _ sent: UnsafeRawBufferPointer, to receiver: Int,
      _ received: UnsafeMutableRawBufferPointer, from sender: Int
    ) {
      unsafe all.exchange(sent, to: receiver, received, from: sender)
    }
  }

  init(
    _ workload: Workload, data: String, counts: [Int], by all: any MessagePassing, threads: Int,
    measuring: MeasuringOptions, kernels: any KernelSet
  ) throws {
    self.workload = workload
    let images = try BenchmarkImages.load(for: workload, data: data)
    let contestants = try counts.map { count in
      all.rank < count
        ? try ScalingContestant(
          workload, images: images, threads: threads, kernels: kernels,
          ranks: Subset(all: all, size: count)) : nil
    }
    /// The same on all ranks, as the first decides.
    let steps = try contestants.map { contestant in
      _ = try contestant?.rate(steps: 3)
      let rate = try contestant?.rate(steps: 10) ?? 0
      let steps = UInt32(max(1, min(1e6, rate * measuring.seconds / Double(workload.batch))))
      return all.broadcast((0..<4).map { UInt8(truncatingIfNeeded: steps >> (8 * $0)) })
        .enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    }
    var rates = counts.map { _ in [Double]() }
    for _ in 0..<measuring.rounds {
      for (index, contestant) in contestants.enumerated() {
        all.barrier()
        rates[index].append(try contestant?.rate(steps: steps[index]) ?? 1)
      }
    }
    let first = Spread(rates[0])
    rows = counts.indices.map {
      Row(
        ranks: counts[$0], threads: threads, rate: Spread(rates[$0]),
        speedUp: Spread(rates[$0]) / first)
    }
  }

  static func table(_ results: [RankScaling]) -> String {
    var table = TextTable(columns: [
      .left("network"), .right("batch"), .right("ranks"), .right("threads"), .right("samples/s"),
      .right("spread"), .right("speed-up"), .right("spread"),
    ])
    for result in results {
      for (index, row) in result.rows.enumerated() {
        table.add([
          index == 0 ? result.workload.name : "", index == 0 ? "\(result.workload.batch)" : "",
          "\(row.ranks)", "\(row.threads)", Text.number(row.rate.median), Text.range(row.rate),
          Text.number(row.speedUp.median), Text.range(row.speedUp),
        ])
      }
    }
    return table.text
  }
}
