import FileAccess
import Foundation
import Training

/// The log of a run: an object a line, JSON.
struct RunLog {
  /// A step of training.
  struct Step: Encodable {
    let step: Int
    let loss: Float
  }

  /// An epoch of training and the evaluation after it: by the validation images where there are any.
  struct Epoch: Encodable {
    let epoch: Int
    let trainingLoss: Double
    let trainingAccuracy: Double
    let validationLoss: Double?
    let validationAccuracy: Double?
    let testLoss: Double?
    let testAccuracy: Double?
    let seconds: Double
    let samplesPerSecond: Double

    init(
      epoch: Int, _ metrics: EpochMetrics, _ evaluation: Evaluation,
      on kind: TrainReport.EvaluationKind
    ) {
      let isTest = kind == .test
      self.epoch = epoch
      trainingLoss = metrics.loss
      trainingAccuracy = metrics.accuracy
      validationLoss = isTest ? nil : evaluation.loss
      validationAccuracy = isTest ? nil : evaluation.accuracy
      testLoss = isTest ? evaluation.loss : nil
      testAccuracy = isTest ? evaluation.accuracy : nil
      seconds = metrics.seconds
      samplesPerSecond = metrics.samplesPerSecond
    }
  }

  /// The test at the end of a run that held images back.
  struct Test: Encodable {
    /// The epoch whose weights were tested, where they are not the last one's.
    let keptEpoch: Int?
    let testLoss: Double
    let testAccuracy: Double
  }

  private let file: GrowingFile
  private let encoder: JSONEncoder

  /// Begins an empty log.
  ///
  /// - Throws: `FileError` if the file cannot be written.
  init(path: String) throws { self.init(try GrowingFile(creating: path)) }

  /// Goes on with the log of a run that is taken up again, after so many of its bytes.
  init(continuing path: String, after length: Int) throws {
    self.init(try GrowingFile(continuing: path, after: length))
  }

  private init(_ file: GrowingFile) {
    self.file = file
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  }

  /// Waits until what was added is on the storage device.
  ///
  /// - Returns: the bytes so far, which outlast a loss of power.
  func synchronize() throws -> Int { try file.synchronize() }

  func add(_ object: some Encodable) throws {
    try file.append(encoder.encode(object) + Data("\n".utf8))
  }
}
