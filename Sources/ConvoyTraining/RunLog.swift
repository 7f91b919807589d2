import ConvoyFileAccess
import Foundation

/// The log of a run: one JSON object per line.
package final class RunLog {
  /// A step of training.
  struct Step: Encodable {
    let step: Int
    let loss: Float
  }

  /// An epoch of training and the evaluation after it, on the validation images if there are any.
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
      _ epoch: JudgedEpoch
    ) {
      let (metrics, evaluation, isTest) = (epoch.metrics, epoch.evaluation, epoch.images == .test)
      self.epoch = epoch.number
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
    /// The epoch whose weights were tested; nil for the last one.
    let keptEpoch: Int?
    let testLoss: Double
    let testAccuracy: Double
  }

  private let file: GrowingFile
  private let encoder: JSONEncoder
  /// Of all bytes so far.
  private var checksum = Checksum()

  /// Continues a log after the part that a checkpoint remembers; begins an empty one by default.
  ///
  /// - Parameter file: the one at `path`, if it is there.
  /// - Throws: `RunLogError` if the file does not begin with that part; then it is left as it is.
  package init(_ file: GrowingFile?, at path: String, after part: LoggedPart = LoggedPart()) throws
  {
    self.file = try file ?? GrowingFile(opening: path)
    if part.length > 0 { checksum = try Self.checksum(of: part, at: path) }
    try self.file.continueWriting(after: part.length)
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  }

  /// Whether a file begins like a log that starts with a run's first epoch.
  static func begins(_ path: String) -> Bool {
    let beginnings = [#"{"epoch":1,"#, #"{"loss":"#].map { Array($0.utf8) }
    return beginnings.contains { expected in
      guard let reader = try? FileReader(path, limit: .max), reader.byteCount >= expected.count
      else { return false }
      var found = [UInt8](repeating: 0, count: expected.count)
      try? unsafe found.withUnsafeMutableBytes { try unsafe reader.read(into: $0) }
      return found == expected
    }
  }

  /// Checks that a file begins with a part of a log.
  private static func checksum(of part: LoggedPart, at path: String) throws -> Checksum {
    let reader = try FileReader(path, limit: .max)
    guard reader.byteCount >= part.length else {
      throw RunLogError.short(path: path, expected: part.length, found: reader.byteCount)
    }
    var checksum = Checksum()
    var buffer = [UInt8](repeating: 0, count: min(part.length, 1 << 20))
    var rest = part.length
    while rest > 0 {
      try unsafe buffer.withUnsafeMutableBytes { bytes in
        let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(rest))
        try unsafe reader.read(into: piece)
        unsafe checksum.add(UnsafeRawBufferPointer(piece))
        rest -= piece.count
      }
    }
    guard checksum.text == part.checksum else {
      throw RunLogError.other(path: path, expected: part, found: checksum.text)
    }
    return checksum
  }

  /// Waits until all lines are on the storage device.
  ///
  /// - Returns: the log so far, which now survives a power failure.
  func synchronize() throws -> LoggedPart {
    LoggedPart(length: try file.synchronize(), checksum: checksum.text)
  }

  /// Adds an epoch, and its steps before it if they are wanted.
  ///
  /// - Parameter last: the epoch's last step, counted since training began.
  func add(_ epoch: JudgedEpoch, endingAt last: Int, withSteps logsSteps: Bool) throws {
    let losses = logsSteps ? epoch.metrics.stepLosses : []
    let steps = losses.enumerated().map { index, loss in
      Step(step: last - losses.count + index + 1, loss: loss)
    }
    try add(steps + [Epoch(epoch)])
  }

  /// Adds one line per object. If writing fails, the log is unchanged.
  package func add(_ objects: [any Encodable]) throws {
    var lines = Data()
    for object in objects { lines += try encoder.encode(object) + Data("\n".utf8) }
    try file.append(lines)
    unsafe lines.withUnsafeBytes { unsafe checksum.add($0) }
  }
}

/// Why a file is not the log of the resumed run.
package enum RunLogError: Error, Equatable, CustomStringConvertible {
  /// The file is shorter than the checkpoint records.
  case short(path: String, expected: Int, found: Int)
  /// The file begins with different bytes.
  case other(path: String, expected: LoggedPart, found: String)
  /// The file is not empty, but the run has logged nothing.
  case foreign(path: String)

  package var description: String {
    switch self {
    case .short(let path, let expected, let found):
      "\(path): expected the log of the run, \(expected) bytes at least, found \(found); "
        + Self.advice
    case .other(let path, let expected, let found):
      "\(path): expected the log of the run, checksum \(expected.checksum) of its first "
        + "\(expected.length) bytes, found \(found); \(Self.advice)"
    case .foreign(let path):
      "\(path): expected the log of the run, which is empty so far, found other contents; "
        + Self.advice
    }
  }

  private static let advice = "without the file, or with --log elsewhere, a new log begins"
}

/// The beginning of a log, as recorded in a checkpoint. A resumed run must find it unchanged.
package struct LoggedPart: Sendable, Equatable, Codable {
  /// In bytes.
  package var length: Int
  /// The CRC-32 of these bytes, as `Checksum` writes it.
  package var checksum: String

  /// An empty one by default.
  package init(length: Int = 0, checksum: String = Checksum().text) {
    self.length = length
    self.checksum = checksum
  }

  /// Whether the fields are valid: a length and eight hexadecimal digits.
  var isValid: Bool {
    let digits = checksum.utf8
    return length >= 0 && digits.count == 8
      && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
