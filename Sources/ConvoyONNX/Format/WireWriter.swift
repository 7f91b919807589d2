/// Writes messages in the wire format of protocol buffers: fields, each with a number and a value
/// (https://protobuf.dev/programming-guides/encoding).
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  /// Whole numbers, seven bits a byte, the lowest first.
  private mutating func append(varint: UInt64) {
    var rest = varint
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func append(tag field: Int, _ type: WireType) {
    append(varint: UInt64(field) << 3 | UInt64(type.rawValue))
  }

  mutating func add(_ field: Int, integer: Int) {
    append(tag: field, .varint)
    append(varint: UInt64(bitPattern: Int64(integer)))
  }

  mutating func add(_ field: Int, float: Float) {
    append(tag: field, .fourBytes)
    append(littleEndian: [float])
  }

  mutating func add(_ field: Int, text: String) { add(field, bytes: Array(text.utf8)) }

  mutating func add(_ field: Int, bytes content: [UInt8]) {
    append(tag: field, .lengthDelimited)
    append(varint: UInt64(content.count))
    bytes += content
  }

  /// Numbers of four bytes each.
  mutating func add(_ field: Int, raw floats: [Float]) {
    append(tag: field, .lengthDelimited)
    append(varint: UInt64(floats.count * 4))
    append(littleEndian: floats)
  }

  /// Numbers of eight bytes each.
  mutating func add(_ field: Int, raw integers: [Int]) {
    append(tag: field, .lengthDelimited)
    append(varint: UInt64(integers.count * 8))
    for integer in integers {
      for shift in stride(from: 0, to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: integer >> shift))
      }
    }
  }

  mutating func add(_ field: Int, message: (inout WireWriter) -> Void) {
    var writer = WireWriter()
    message(&writer)
    add(field, bytes: writer.bytes)
  }

  private mutating func append(littleEndian floats: [Float]) {
    bytes.reserveCapacity(bytes.count + 4 * floats.count)
    for float in floats {
      let bits = float.bitPattern
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
    }
  }
}

/// How the value of a field is stored.
enum WireType: UInt8 {
  case varint = 0
  case eightBytes = 1
  case lengthDelimited = 2
  case fourBytes = 5
}
