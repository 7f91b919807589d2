import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFigures
import ConvoyKernelInterface
import ConvoyNetworkOptions
import ConvoyNeuralNetwork
import ConvoyTerminal
import ConvoyTraining
import Optimizers

/// `benchmarks choices`: measures whether convolutions are made by the algorithm that takes least time.
struct ChoicesCommand {
  static let description = CommandDescription(
    name: "choices",
    overview: "Measure whether convolutions are made by the fastest algorithm.",
    discussion:
      "Trains chains of four 3×3 or 5×5 convolutions on one core: directly, by Winograd's algorithm, by "
      + "it with direct weight gradients, and as chosen from sizes alone. Lists the shapes where "
      + "the choice takes more time than the fastest by more than --share. Shapes above 100 million "
      + "multiply-adds are left out.",
    options: [
      .value("share", "percent", help: "Excess time from which a choice is listed.", default: "10"),
      .value(
        "kernel-sizes", "sizes", help: "Separated by commas.", default: Self.text(kernelSizes)),
      .value("channels", "counts", help: "Separated by commas.", default: Self.text(channels)),
      .value("maps", "sizes", help: "Separated by commas.", default: Self.text(maps)),
      NetworkOptions.instructionSet,
    ] + MeasuringOptions.descriptions(seconds: 0.1, warmUp: 0.1))

  private static let kernelSizes = [3, 5]
  private static let channels = [8, 16, 24, 32, 48, 64, 128, 256]
  private static let maps = [4, 6, 7, 8, 12, 14, 16, 28, 32]

  private static func text(_ numbers: [Int]) -> String {
    numbers.map(String.init).joined(separator: ",")
  }

  private let share: Double
  private let shapes: [Shape]
  private let kernels: any KernelSet
  private let measuring: MeasuringOptions

  private struct Shape: Encodable {
    let kernelSize: Int
    let channels: Int
    /// Rows and columns of the map.
    let size: Int

    /// Of one convolution.
    var multiplyAdds: Int { kernelSize * kernelSize * channels * channels * size * size }

    var network: Network {
      let convolution = Convolution(filters: channels, kernelSize: kernelSize, padding: .same)
      return Network(
        [Convolution(filters: channels, kernelSize: 1)]
          + (0..<4).flatMap { _ -> [any Layer] in [convolution, ReLU()] }
          + [GlobalAveragePooling(), Dense(Workload.classes)])
    }
  }

  private struct Result: Encodable {
    let shape: Shape
    /// Microseconds per sample, by algorithm.
    let times: [String: Double]

    func time(_ algorithm: ConvolutionAlgorithm) -> Double {
      times[algorithm.rawValue] ?? .infinity
    }
    var best: Double { times.values.min() ?? 0 }
    /// Of the best time, how much more the choice takes.
    var excess: Double { time(.fastest) / best - 1 }
  }

  /// Larger convolutions take long to measure; what is chosen for them is no longer in doubt.
  private static let mostMultiplyAdds = 100_000_000
  private static let batch = 128

  init(_ options: ParsedOptions) throws {
    share = (try options.number("share", above: 0, atMost: 1_000) ?? 10) / 100
    let sizes = try options.integers("kernel-sizes", in: 1...32) ?? Self.kernelSizes
    let channels =
      try options.integers("channels", in: 1...1_024) ?? Self.channels
    let maps = try options.integers("maps", in: 1...256) ?? Self.maps
    shapes = sizes.flatMap { size in
      channels.flatMap { channels in
        maps.map { Shape(kernelSize: size, channels: channels, size: $0) }
      }
    }
    .filter { $0.multiplyAdds <= Self.mostMultiplyAdds }
    kernels = try NetworkOptions.kernels(options)
    measuring = try MeasuringOptions(options, seconds: 0.1, warmUp: 0.1)
  }

  func run(_ console: Console) throws {
    let results = try shapes.map(result)
    try Report(conditions: Conditions(kernels), results: results).print(
      console, asJSON: measuring.printsJSON, table: table(results))
  }

  /// The medians of rounds in turn.
  private func result(_ shape: Shape) throws -> Result {
    let images = BenchmarkImages.noise(
      FeatureShape(channels: 3, height: shape.size, width: shape.size), count: Self.batch)
    let trainings = try ConvolutionAlgorithm.allCases.map { algorithm in
      try MeasuredNetwork(
        shape.network, images: images, batch: Self.batch, threads: 1, optimizer: Adam(),
        kernels: kernels, convolutions: algorithm
      ).trainer
    }
    var epoch = 0
    func seconds(_ number: Int, steps: Int) throws -> Double {
      let seconds = try ContinuousClock().measure {
        var left = steps
        while left > 0 {
          epoch += 1
          left -= try trainings[number].runEpoch(epoch, stepLimit: left).stepLosses.count
        }
      }
      return seconds / .seconds(1)
    }
    let steps = try trainings.indices.map { number in
      try StepCount.warmingUp(for: measuring.warmUp, seconds: measuring.seconds) {
        try seconds(number, steps: $0)
      }
    }
    var rounds = [[Double]](repeating: [], count: trainings.count)
    for _ in 0..<measuring.rounds {
      for number in trainings.indices {
        let taken = try seconds(number, steps: steps[number])
        rounds[number].append(1e6 * taken / Double(steps[number] * Self.batch))
      }
    }
    let times = zip(ConvolutionAlgorithm.allCases, rounds).map {
      ($0.rawValue, Spread($1).median)
    }
    return Result(shape: shape, times: Dictionary(uniqueKeysWithValues: times))
  }

  private func table(_ results: [Result]) -> String {
    var table = TextTable(columns: [
      .left("convolution"), .right("map"), .right("direct"), .right("Winograd"),
      .right("direct weights"), .right("chosen"), .right("over the best"),
    ])
    let missed = results.filter { $0.excess > share }
    for result in missed {
      let shape = result.shape
      table.add(
        [
          "\(shape.kernelSize)×\(shape.kernelSize), \(shape.channels) channels",
          "\(shape.size)×\(shape.size)",
        ]
          + [.direct, .winograd, .winogradExceptWeightGradient, .fastest].map {
            Text.number(result.time($0))
          } + [Text.percent(result.excess)])
    }
    let summary =
      "\(missed.count) of \(results.count) choices take more than \(Text.percent(share)) over the best; "
      + "µs a sample"
    return summary + (missed.isEmpty ? "\n" : "\n\n" + table.text)
  }
}
