import ConvoyZlib

/// The CRC-32 that gzip, zip and PNG use, as zlib computes it.
package struct Checksum {
  package private(set) var value: UInt32

  /// That of no bytes, unless a value is given.
  package init(value: UInt32 = 0) { self.value = value }

  package init(of bytes: [UInt8]) {
    self.init()
    add(bytes.span)
  }

  package init(of text: String) { self.init(of: Array(text.utf8)) }

  package mutating func add(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe add($0) }
  }

  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    // `crc32_z` with a null pointer returns the initial value.
    guard let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: Bytef.self) else { return }
    value = unsafe UInt32(truncatingIfNeeded: crc32_z(uLong(value), start, bytes.count))
  }

  /// Eight hexadecimal digits.
  package var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
