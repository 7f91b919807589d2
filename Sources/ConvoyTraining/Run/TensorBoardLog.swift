import ConvoyFileAccess
import Foundation

/// The events of a run, in the format that TensorBoard reads.
///
/// A file is a sequence of records: the length of an event as a 64-bit number, a masked checksum of
/// it, the event, and a masked checksum of that (`tensorflow/core/lib/io/record_writer.cc`). An event
/// is a message of `event.proto`.
package final class TensorBoardLog {
  private let file: GrowingFile

  /// Creates the directory, if it is not there, and a file of events in it.
  ///
  /// - Throws: `FileError`.
  package init(directory: String) throws(FileError) {
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw FileError(path: directory, operation: .open, reason: error.localizedDescription)
    }
    let time = Int(Date().timeIntervalSince1970 * 1000)
    file = try GrowingFile(
      creating: "\(directory)/events.out.tfevents.\(time).convoy.\(getpid())")
    var version = Message()
    version.add(1, double: Date().timeIntervalSince1970)
    version.add(3, bytes: Array("brain.Event:2".utf8))
    try file.append(Self.record(version.bytes))
  }

  /// Adds numbers by name to a step.
  package func add(_ values: [(name: String, value: Double)], step: Int) throws(FileError) {
    try file.append(Self.record(Self.event(values, step: step, time: Date().timeIntervalSince1970)))
  }

  /// Adds steps: the loss, the learning rate and, where it is measured, the norm of the gradients.
  package func add(_ steps: [TrainedStep]) throws(FileError) {
    let time = Date().timeIntervalSince1970
    var records = Data()
    for step in steps {
      var values = [("loss/step", Double(step.loss)), ("learning rate", step.learningRate)]
      if let norm = step.gradientNorm { values.append(("gradient norm", norm)) }
      records += Self.record(Self.event(values, step: step.number, time: time))
    }
    try file.append(records)
  }

  static func event(
    _ values: [(name: String, value: Double)], step: Int, time: Double
  ) -> [UInt8] {
    var summary = Message()
    for (name, number) in values {
      var value = Message()
      value.add(1, bytes: Array(name.utf8))
      value.add(2, float: Float(number))
      summary.add(1, bytes: value.bytes)
    }
    var event = Message()
    event.add(1, double: time)
    event.add(2, integer: UInt64(step))
    event.add(5, bytes: summary.bytes)
    return event.bytes
  }

  static func record(_ event: [UInt8]) -> Data {
    let length = littleEndian(UInt64(event.count))
    return Data(
      length + littleEndian(CRC32C.masked(length)) + event + littleEndian(CRC32C.masked(event)))
  }

  fileprivate static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// A message of protocol buffers.
  private struct Message {
    var bytes: [UInt8] = []

    mutating func add(_ field: Int, integer: UInt64) {
      addVariable(UInt64(field << 3))
      addVariable(integer)
    }

    mutating func add(_ field: Int, double: Double) {
      addVariable(UInt64(field << 3 | 1))
      bytes += TensorBoardLog.littleEndian(double.bitPattern)
    }

    mutating func add(_ field: Int, float: Float) {
      addVariable(UInt64(field << 3 | 5))
      bytes += TensorBoardLog.littleEndian(float.bitPattern)
    }

    mutating func add(_ field: Int, bytes content: [UInt8]) {
      addVariable(UInt64(field << 3 | 2))
      addVariable(UInt64(content.count))
      bytes += content
    }

    private mutating func addVariable(_ number: UInt64) {
      var number = number
      while number >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: number) | 0x80)
        number >>= 7
      }
      bytes.append(UInt8(number))
    }
  }
}

/// The checksum of Castagnoli's polynomial (RFC 3720), which zlib does not have.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0x82F6_3B78 : 0) }
  }

  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
  }

  /// Rotated and shifted, so that a checksum of data with checksums in it stays a good one.
  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let sum = checksum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }
}
