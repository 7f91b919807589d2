import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTestSupport
import ConvoyTraining
import Foundation

/// Checkpoints, up to a run that is restored from them and goes on to the end of its epoch.
struct CheckpointReader: FuzzedReader {
  private static let name = "run.ckpt"
  private static let epochs = 3

  /// In the middle of an epoch with the best one kept, between two epochs, and past the last.
  static var seeds: [[UInt8]] {
    get throws {
      let directory = try TemporaryDirectory()
      let path = directory.path(of: name)
      return try [(1, 2), (2, 0), (4, 0)].map { epoch, steps in
        let run = try run()
        for earlier in 1..<epoch { _ = try run.trainer.runEpoch(earlier) }
        let best = epoch > 1 ? EpochScore(epoch: 1, run.evaluate()) : nil
        let progress = run.trainer.begin(epoch)
        try run.trainer.train(progress, upTo: steps)
        try save(run, progress, best.map { BestEpoch($0, weights: run.weights) }, to: path)
        return [UInt8](try Data(contentsOf: URL(filePath: path)))
      }
    }
  }
  static let words =
    SafetensorsReader.words + [
      "\"checkpoint\":", "\"architecture\":", "\"checksum\"", "\\\"stepNumber\\\":",
      "\\\"epoch\\\":",
      "\\\"sums\\\":{", "\\\"steps\\\":", "\\\"seconds\\\":1e-300",
      "\\\"log\\\":{\\\"length\\\":-1,", "\\\"checksum\\\":\\\"",
      "\\\"best\\\":{\\\"epoch\\\":1,\\\"accuracy\\\":1,\\\"loss\\\":0},", "optimizer.", "best.",
      "average.",
      "optimizer.exp_avg.", "\u{301}", "epoch.losses", "9223372036854775807",
    ]

  private let directory: TemporaryDirectory
  /// Used over and over: whoever restores it leaves nothing of what was before.
  private let run: TrainingSetup

  init() throws {
    directory = try TemporaryDirectory()
    run = try Self.run()
  }

  static func isRefusal(_ error: any Error) -> Bool {
    error is SafetensorsError || error is ModelFileError || error is NetworkError
      || error is NonFiniteError
  }

  /// In most cases with the right checksum, or no reader would look further.
  static func mutant(of file: [UInt8], _ mutator: inout Mutator) throws -> [UInt8] {
    let mutant: [UInt8]
    switch mutator.generator.integer(in: 0...4) {
    case 0: mutant = mutator.mutant(of: file)
    case 1: mutant = SafetensorsReader.withMutatedHeader(file, &mutator)
    default:
      var contents = try SafetensorsFile(decoding: Data(file), path: name)
      let text = Array((contents.metadata["checkpoint"] ?? "").utf8)
      let changed =
        mutator.generator.chance(of: 0.6)
        ? mutator.mutantNumber(of: text) : mutator.mutant(of: text)
      contents.metadata["checkpoint"] = String(decoding: changed, as: UTF8.self)
      mutant = [UInt8](contents.encoded())
    }
    return mutator.generator.chance(of: 0.9) ? sealed(mutant) : mutant
  }

  static func madeWhole(_ file: [UInt8]) -> [UInt8] { sealed(file) }

  func read(_ file: [UInt8]) throws {
    let path = directory.path(of: Self.name)
    try file.write(to: path)
    let checkpoint = try Checkpoint(contentsOf: path)
    try Violation.require(sealed(file) == file, "a wrong checksum was accepted")
    let state = checkpoint.state
    let best = try run.restore(
      checkpoint, path: path, epochs: state.settings.epochs, keepsBest: true)
    try Violation.require(
      WeightTensors(run.plan, run.parameters).tensors.sorted { $0.name < $1.name }
        == checkpoint.weights.tensors.sorted { $0.name < $1.name }, "weights are not the file's")
    let progress = run.trainer.begin(
      state.epoch, sums: state.sums, stepLosses: checkpoint.stepLosses)
    try Self.save(run, progress, best, state: state, to: path)
    try Violation.require(
      Checkpoint(contentsOf: path).state == state, "a state changes when it is written")
    if state.epoch <= state.settings.epochs { try run.trainer.train(progress) }
    try Violation.require(
      (0...1).contains(progress.metrics.accuracy) && progress.metrics.samplesPerSecond >= 0,
      "the metrics \(progress.metrics)")
  }

  private static var dataset: Dataset {
    let shape = ImageShape(channels: 1, height: 3, width: 3)
    let images = ImageSet(
      shape: shape, pixels: (0..<7 * shape.pixelCount).map { UInt8(truncatingIfNeeded: $0 * 37) },
      labels: [0, 1, 2, 0, 1, 2, 0])
    return Dataset(training: images, test: images, classes: 3)
  }

  private static func run() throws -> TrainingSetup {
    var configuration = TrainingConfiguration()
    configuration.batchSize = 2
    configuration.threads = 1
    configuration.averaging = .exponential(decay: 0.5)
    return try TrainingSetup(
      Network([Flatten(), Dense(4), ReLU(), Dense(3)]),
      on: dataset, normalization: .standard,
      configuration: configuration, kernels: KernelDispatch.best)
  }

  private static func save(
    _ run: TrainingSetup, _ progress: EpochProgress, _ best: BestEpoch?,
    state: Checkpoint.State? = nil, to path: String
  ) throws {
    // The time that the steps took would make another file each time.
    var sums = progress.sums
    sums.seconds = Double(sums.steps) / 8
    let state =
      state
      ?? Checkpoint.State(
        settings: TrainingSettings(), fusesMultiplyAdd: true,
        data: DatasetDigest(dataset), epoch: progress.epoch, stepNumber: run.trainer.stepNumber,
        sums: sums, best: best?.score, log: LoggedPart(length: 7, checksum: "0123cdef"))
    try run.save(state, bestWeights: best?.weights, stepLosses: progress.stepLosses, to: path)
  }
}
