import ConvoyZlib

/// A CRC-32, as zlib computes it.
package struct Checksum {
  private var sum = crc32(0, nil, 0)

  package init() {}

  init(of text: String) {
    unsafe Array(text.utf8).withUnsafeBytes { unsafe add($0) }
  }

  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    // `crc32_z` with a null pointer returns the initial value.
    guard unsafe !bytes.isEmpty else { return }
    sum = unsafe crc32_z(sum, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
  }

  /// Eight hexadecimal digits.
  package var text: String { Self.text(of: sum) }

  /// The text of a checksum from its `halves`; nil for any other numbers.
  static func text(ofHalves halves: [Float]) -> String? {
    let numbers = halves.compactMap { UInt16(exactly: $0) }
    guard numbers.count == 2, halves.count == 2 else { return nil }
    return text(of: UInt(numbers[0]) << 16 | UInt(numbers[1]))
  }

  private static func text(of sum: UInt) -> String {
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// The upper and lower 16 bits, each exact in single precision.
  var halves: [Float] { [Float(sum >> 16), Float(sum & 0xFFFF)] }
}
