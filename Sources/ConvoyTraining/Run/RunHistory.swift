import ConvoyFileAccess
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoyStrictJSON

/// The log of a run, read back; see `RunLog`.
package struct RunHistory: Sendable, Equatable {
  /// Nil in logs of versions that wrote no header.
  package private(set) var run: Run?
  /// Of a log with steps, in their order.
  package private(set) var steps: [Step] = []
  package private(set) var epochs: [Epoch] = []
  package private(set) var test: Test?
  /// Whose weights the model has, of a run that chose among epochs.
  package private(set) var keptEpoch: Int?
  /// The step after which a number was not finite any more.
  package private(set) var faultyStep: Int?

  package struct Run: Sendable, Equatable {
    package let version: String
    /// By name.
    package let options: [String: String]
    /// Nil where the data is not identified.
    package let data: Data?
    package let shape: [Int]
    package let classes: Int
    package let parameters: Int
    package let threads: Int
    package let instructionSet: String

    /// What identifies the images.
    package struct Data: Sendable, Equatable {
      package let training: DatasetDigest.Part
      package let validation: DatasetDigest.Part?
      package let test: DatasetDigest.Part

      /// What there is to judge a model of the run on later: validation images that were held back are
      /// among those for training.
      package var judged: DatasetDigest.Part {
        test.images > 0 ? test : validation ?? training
      }
    }
  }

  package struct Step: Sendable, Equatable {
    package let number: Int
    package let loss: Double
    package let learningRate: Double?
    package let gradientNorm: Double?
    /// Since the run began.
    package let seconds: Double?
  }

  package struct Epoch: Sendable, Equatable {
    package let number: Int
    /// Since training began.
    package let steps: Int?
    package let trainingLoss: Double
    package let trainingAccuracy: Double
    /// On the validation images if there are any, otherwise on the test images.
    package let loss: Double
    package let accuracy: Double
    package let isValidation: Bool
    package let learningRate: Double?
    package let seconds: Double
    package let samplesPerSecond: Double
    /// Since the run began.
    package let runSeconds: Double?
    package let peakMemory: Double?
  }

  package struct Test: Sendable, Equatable {
    package let loss: Double
    package let accuracy: Double
  }

  /// Longer lines are refused before they are held in memory.
  static let longestLine = 1 << 20
  static let largestFile = 1 << 32

  /// Reads a log, perhaps of a run that is still going: a last line without an end is left out.
  ///
  /// - Throws: `FileError`, or `RunHistoryError` with the number of a line that is no log's.
  package init(contentsOf path: String) throws {
    let reader = try FileReader(path, limit: Self.largestFile)
    var rest = reader.byteCount
    var number = 1
    var line: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: min(max(rest, 1), 1 << 16))
    while rest > 0 {
      let count = min(rest, buffer.count)
      try unsafe buffer.withUnsafeMutableBytes { bytes in
        try unsafe reader.read(
          into: UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(count)))
      }
      rest -= count
      for byte in buffer.prefix(count) {
        guard byte == UInt8(ascii: "\n") else {
          guard line.count < Self.longestLine else {
            throw RunHistoryError(
              path: path, line: number, expected: "at most \(Self.longestLine) bytes",
              found: "more")
          }
          line.append(byte)
          continue
        }
        if !line.isEmpty { try add(line, LogFields(path: path, line: number)) }
        line.removeAll(keepingCapacity: true)
        number += 1
      }
    }
  }

  /// The history of a run that ended here, without its steps.
  ///
  /// - Parameter options: by name.
  package init(
    _ run: TrainingRun, options: [String: String], instructionSet: InstructionSet,
    epochs: [Epoch], _ result: RunResult
  ) {
    let plan = run.setup.plan
    self.run = Run(
      version: ConvoyVersion.number, options: options, data: nil,
      shape: [plan.inputShape.channels, plan.inputShape.height, plan.inputShape.width],
      classes: plan.classes, parameters: plan.parameterCount,
      threads: run.setup.trainer.threads, instructionSet: instructionSet.rawValue)
    self.epochs = epochs
    keptEpoch = result.keptEpoch?.epoch
    test = result.test.map { Test(loss: $0.loss, accuracy: $0.accuracy) }
  }

  private mutating func add(_ line: [UInt8], _ fields: LogFields) throws(RunHistoryError) {
    let json: JSONValue
    do throws(JSONError) { json = try JSONParser.parse(line) } catch {
      throw fields.error(expected: "a line of JSON, as train --log writes it", found: "\(error)")
    }
    guard case .object(let members) = json else {
      throw fields.error(expected: "an object", found: json.found)
    }
    var fields = fields
    for member in members { fields.values[member.name] = member.value }
    if fields.has("run") {
      run = try Run(fields)
    } else if fields.has("trainingLoss") {
      let epoch = try Epoch(fields)
      try fields.check("epoch", epoch.number, isAfter: epochs.last?.number)
      epochs.append(epoch)
    } else if fields.has("nonFinite") {
      faultyStep = try fields.count("step")
    } else if fields.has("step") {
      let step = try Step(fields)
      try fields.check("step", step.number, isAfter: steps.last?.number)
      steps.append(step)
    } else if fields.has("testLoss") {
      test = try Test(fields)
      keptEpoch = try fields.optionalCount("keptEpoch")
    } else if fields.has("keptEpoch") {
      keptEpoch = try fields.count("keptEpoch")
    } else {
      throw fields.error(
        expected: "a run, a step, an epoch, a fault or a test of convoy train",
        found: members.isEmpty
          ? "an empty object" : "an object with \(quoted(members[0].name))")
    }
  }
}

/// How good the model of a run is at last.
package struct FinalScore: Sendable, Equatable {
  package let images: JudgedEpoch.Images
  package let accuracy: Double
  package let loss: Double
}

extension RunHistory {
  /// That of the test or, without one, of the epoch that was kept or the last; nil without an epoch.
  package var finalScore: FinalScore? {
    if let test { return FinalScore(images: .test, accuracy: test.accuracy, loss: test.loss) }
    return (epochs.last { $0.number == keptEpoch } ?? epochs.last).map {
      FinalScore(
        images: $0.isValidation ? .validation : .test, accuracy: $0.accuracy, loss: $0.loss)
    }
  }
}

extension RunHistory.Epoch {
  /// An epoch of a run that goes on.
  package init(_ epoch: JudgedEpoch, of run: TrainingRun) {
    number = epoch.number
    steps = epoch.lastStep
    trainingLoss = epoch.metrics.loss
    trainingAccuracy = epoch.metrics.accuracy
    loss = epoch.evaluation.loss
    accuracy = epoch.evaluation.accuracy
    isValidation = epoch.images == .validation
    learningRate = run.setup.trainer.learningRate(atStep: epoch.lastStep)
    seconds = epoch.metrics.seconds
    samplesPerSecond = epoch.metrics.samplesPerSecond
    runSeconds = nil
    peakMemory = Double(PeakMemory.bytes)
  }
}

/// Why a file is not a log.
package struct RunHistoryError: Error, Sendable, Equatable, CustomStringConvertible {
  package let path: String
  /// From 1.
  package let line: Int
  package let expected: String
  package let found: String

  package var description: String { "\(path): line \(line): expected \(expected), found \(found)" }
}
