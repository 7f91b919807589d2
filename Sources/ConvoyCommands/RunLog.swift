import FileAccess
import Foundation

/// The log of a run: an object a line, JSON.
struct RunLog {
  /// A step of training.
  struct Step: Encodable {
    let step: Int
    let loss: Float
  }

  /// An epoch of training and the evaluation after it.
  struct Epoch: Encodable {
    let epoch: Int
    let trainingLoss: Double
    let trainingAccuracy: Double
    let testLoss: Double
    let testAccuracy: Double
    let seconds: Double
    let samplesPerSecond: Double
  }

  private let file: GrowingFile
  private let encoder: JSONEncoder

  /// Begins an empty log.
  ///
  /// - Throws: `FileError` if the file cannot be written.
  init(path: String) throws {
    file = try GrowingFile(creating: path)
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  }

  func add(_ object: some Encodable) throws {
    try file.append(encoder.encode(object) + Data("\n".utf8))
  }
}
