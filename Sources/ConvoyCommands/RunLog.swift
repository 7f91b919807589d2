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

  private let path: String
  private let file: FileHandle
  private let encoder: JSONEncoder

  /// Begins an empty log.
  ///
  /// - Throws: `FileError` if the file cannot be written.
  init(path: String) throws {
    // Creates the file whole or not at all, and refuses what is no file.
    try AtomicFile.write(Data(), to: path)
    guard let file = FileHandle(forWritingAtPath: path) else {
      throw FileError(path: path, operation: .open, reason: "it vanished")
    }
    self.path = path
    self.file = file
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  }

  func add(_ object: some Encodable) throws {
    do {
      try file.write(contentsOf: encoder.encode(object) + Data("\n".utf8))
    } catch {
      throw FileError(path: path, operation: .write, reason: error.localizedDescription)
    }
  }
}
