import ConvoyCompression
import ConvoyFileAccess
import ConvoyProcessLimits
import Foundation

/// The log of a run: one JSON object per line.
///
/// Sound to share: while a trainer takes steps, only their observer uses the log, one step after
/// another; between them, only the run does.
package final class RunLog: @unchecked Sendable {
  private let file: GrowingFile
  private let encoder: JSONEncoder
  /// Of all bytes in the file.
  private var checksum = Checksum()
  /// Lines that are not in the file yet: the last steps, or all that a full disk has no room for.
  private var pending: Data
  /// Whether the header of this run is in the file or pending.
  private var hasHeader: Bool
  private var lastWriting = ContinuousClock.now
  /// The length of the part that is continued, until the first line is written.
  private var kept: Int?
  private let start = ContinuousClock.now
  /// Of the run, before it was resumed.
  private let earlierSeconds: Double

  /// Continues a log after the part that a checkpoint remembers; begins an empty one by default.
  ///
  /// - Parameters:
  ///   - file: the one at `path`, if it is there.
  ///   - hasHeader: whether a part that is not empty begins with the header of this run, not of a
  ///     shorter or a longer one.
  /// - Throws: `RunLogError` if the file does not begin with that part. The file is left as it is until
  ///   the first line is written, so that a run that never begins costs no log.
  package init(
    _ file: GrowingFile?, at path: String, after part: LoggedPart = LoggedPart(),
    hasHeader: Bool = true
  ) throws {
    self.file = try file ?? GrowingFile(opening: path)
    if part.length > 0 { checksum = try Self.checksum(of: part, at: path) }
    kept = part.length
    pending = Data(part.pending.utf8)
    self.hasHeader = hasHeader && (part.length > 0 || !part.pending.isEmpty)
    earlierSeconds = part.seconds
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  }

  /// Whether a file begins like a log.
  static func begins(_ path: String) -> Bool {
    let expected = Array(#"{"run":{"#.utf8)
    guard let reader = try? FileReader(path, limit: .max), reader.byteCount >= expected.count
    else { return false }
    var found = [UInt8](repeating: 0, count: expected.count)
    try? unsafe found.withUnsafeMutableBytes { try unsafe reader.read(into: $0) }
    return found == expected
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

  /// Begins a new log with a run's header; one that is continued has it, unless the run has got another
  /// length.
  func begin(_ header: Header) throws {
    guard !hasHeader else { return }
    pending += try lines([header])
    hasHeader = true
    write()
  }

  /// Adds a step. It is in the file after half a second at most, or with the next step.
  func add(_ step: TrainedStep) {
    guard
      let line = try? lines([
        Step(step, seconds: seconds, peakMemory: PeakMemory.bytes)
      ])
    else { return }
    pending += line
    if lastWriting.duration(to: .now) >= Self.longestWait { write() }
  }

  private static let longestWait = Duration.milliseconds(500)

  /// Adds an epoch.
  func add(_ epoch: JudgedEpoch, at point: RunPoint) throws {
    try add([Epoch(epoch, at: point, seconds: seconds, peakMemory: PeakMemory.bytes)])
  }

  /// Adds one line per object. If writing fails, the file is unchanged, and the objects are lost.
  package func add(_ objects: [any Encodable]) throws {
    let added = try lines(objects)
    try write(pending + added)
  }

  /// Writes the steps that are not in the file yet. If that fails, a later line tries again, and
  /// reports it.
  func write() { try? write(pending) }

  /// Waits until all lines are on the storage device. Those that a full disk has no room for are in
  /// the part that is returned.
  ///
  /// - Returns: the log so far, which now survives a power failure.
  func synchronize() throws -> LoggedPart {
    write()
    try open()
    return LoggedPart(
      length: try file.synchronize(), checksum: checksum.text, seconds: seconds,
      pending: String(decoding: pending, as: UTF8.self))
  }

  /// Since the run began, to the millisecond.
  private var seconds: Double {
    let elapsed = earlierSeconds + start.duration(to: .now) / .seconds(1)
    return (elapsed * 1000).rounded() / 1000
  }

  private func lines(_ objects: [any Encodable]) throws -> Data {
    var lines = Data()
    for object in objects { lines += try encoder.encode(object) + Data("\n".utf8) }
    return lines
  }

  /// Cuts off what was logged after the part that is continued.
  private func open() throws {
    guard let length = kept else { return }
    try file.continueWriting(after: length)
    kept = nil
  }

  private func write(_ lines: Data) throws {
    lastWriting = .now
    try open()
    try file.append(lines)
    unsafe lines.withUnsafeBytes { unsafe checksum.add($0) }
    pending = Data()
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
