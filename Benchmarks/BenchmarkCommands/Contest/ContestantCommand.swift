import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFileAccess
import ConvoyKernelInterface
import ConvoyNetworkOptions
import ConvoyNeuralNetwork
import ConvoyTerminal
import ConvoyTraining
import Foundation
import Optimizers

/// `benchmarks contestant`: runs Convoy as a contestant, with the protocol of
/// `Benchmarks/peers/peer.py`.
struct ContestantCommand {
  static let description = CommandDescription(
    name: "contestant",
    overview: "Run a network as standard input says: what peers and cost start for Convoy.",
    options: [NetworkOptions.instructionSet, NetworkOptions.precision])

  private let kernels: any KernelSet
  private let precision: Precision
  private static let largestFile = 1 << 32

  init(_ options: ParsedOptions) throws {
    kernels = try NetworkOptions.kernels(options)
    precision = try NetworkOptions.precision(options)
  }

  func run(_ console: Console) throws {
    guard let line = readLine() else { return }
    let job = try JSONDecoder().decode(ContestantJob.self, from: Data(line.utf8))
    let images = try images(of: job)
    let network = try MeasuredNetwork(
      try Network(json: Data(job.architecture.utf8), source: "standard input"), images: images,
      batch: job.batch, isTrained: job.mode == .train, threads: job.threads,
      optimizer: try Adam(learningRate: job.learningRate), kernels: kernels, precision: precision)
    try answer(
      ContestantAnswer.Readiness(version: "\(kernels.instructionSet.rawValue)"), console)

    let predictor =
      job.mode == .forward && job.batch == 1 ? network.makePredictor() : nil
    var epoch = 0
    while let line = readLine() {
      guard let steps = Int(line), steps > 0 else {
        return try answer(ContestantAnswer.Round(error: "expected steps, found '\(line)'"), console)
      }
      let round =
        switch (job.mode, predictor) {
        case (.train, _): try train(network, steps: steps, batch: job.batch, epoch: &epoch)
        case (.forward, let predictor?): predict(predictor, images, count: steps)
        case (.forward, nil): forward(network, samples: steps * job.batch, images: images.count)
        }
      try answer(round, console)
    }
  }

  private func images(of job: ContestantJob) throws -> ImageSet {
    let pixels = Array(try FileContents.read(job.images, limit: Self.largestFile))
    let labels = Array(try FileContents.read(job.labels, limit: Self.largestFile))
    guard job.input.count == 3, job.input.allSatisfy({ (1...65_536).contains($0) }),
      pixels.count == job.input.reduce(job.count, *), labels.count == job.count, job.count > 0
    else {
      throw ContestantError.failed(
        "expected \(job.count) images of \(job.input), found \(pixels.count) bytes in "
          + "\(job.images) and \(labels.count) labels in \(job.labels)")
    }
    return ImageSet(
      shape: ImageShape(channels: job.input[0], height: job.input[1], width: job.input[2]),
      pixels: pixels, labels: labels.map { UInt16($0) }, imagesFile: job.images,
      labelsFile: job.labels)
  }

  private func train(
    _ network: MeasuredNetwork, steps: Int, batch: Int, epoch: inout Int
  ) throws -> ContestantAnswer.Round {
    var loss = 0.0
    let seconds = try ContinuousClock().measure {
      var left = steps
      while left > 0 {
        epoch += 1
        let metrics = try network.trainer.runEpoch(epoch, stepLimit: left)
        left -= metrics.stepLosses.count
        loss = Double(metrics.stepLosses.last ?? 0)
      }
    }
    return ContestantAnswer.Round(
      seconds: seconds / .seconds(1), samples: steps * batch, loss: loss,
      peakMemory: PeakMemory.current)
  }

  /// Evaluates all images repeatedly, until at least `samples` are done.
  private func forward(
    _ network: MeasuredNetwork, samples: Int, images: Int
  ) -> ContestantAnswer.Round {
    let times = (samples + images - 1) / images
    let seconds = ContinuousClock().measure {
      for _ in 0..<times { _ = network.evaluator.evaluate() }
    }
    return ContestantAnswer.Round(
      seconds: seconds / .seconds(1), samples: times * images, peakMemory: PeakMemory.current)
  }

  /// Answers images one at a time on this thread, as a program does that imports a model.
  private func predict(
    _ predictor: Predictor, _ images: ImageSet, count: Int
  ) -> ContestantAnswer.Round {
    let images = (0..<images.count).map { images.bytes(of: $0) }
    var scores = [Float](repeating: 0, count: Workload.classes)
    let seconds = ContinuousClock().measure {
      for number in 0..<count {
        let pixels = images[number % images.count]
        var span = scores.mutableSpan
        predictor.predict(pixels.span, into: &span)
      }
    }
    return ContestantAnswer.Round(
      seconds: seconds / .seconds(1), samples: count, peakMemory: PeakMemory.current)
  }

  private func answer(_ answer: some Encodable, _ console: Console) throws {
    try console.print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
  }
}
