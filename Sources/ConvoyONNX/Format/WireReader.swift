/// Reads a message in the wire format of protocol buffers, field by field. The bytes are a part of a
/// file, with the file's indices.
struct WireReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private let path: String

  /// A field and its value.
  struct Field {
    let number: Int
    let value: Value
    /// Of the field in the file.
    let offset: Int

    enum Value {
      case varint(UInt64)
      case fourBytes(UInt32)
      case eightBytes
      case bytes(ArraySlice<UInt8>)
    }
  }

  init(_ bytes: ArraySlice<UInt8>, path: String) {
    self.bytes = bytes
    position = bytes.startIndex
    self.path = path
  }

  /// The next field; nil at the end of the message.
  mutating func next() throws(ONNXError) -> Field? {
    guard position < bytes.endIndex else { return nil }
    let offset = position
    let tag = try varint()
    guard let type = WireType(rawValue: UInt8(tag & 7)), (1...0x1FFF_FFFF).contains(tag >> 3)
    else { throw malformed(offset, "a field of an ONNX model", "the tag \(tag)") }
    let value: Field.Value
    switch type {
    case .varint: value = .varint(try varint())
    case .fourBytes:
      value = .fourBytes(try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) })
    case .eightBytes:
      _ = try take(8)
      value = .eightBytes
    case .lengthDelimited:
      let length = try varint()
      guard let count = Int(exactly: length) else {
        throw malformed(offset, "at most \(bytes.endIndex - position) bytes", "\(length)")
      }
      value = .bytes(try take(count))
    }
    return Field(number: Int(tag >> 3), value: value, offset: offset)
  }

  private mutating func take(_ count: Int) throws(ONNXError) -> ArraySlice<UInt8> {
    guard count <= bytes.endIndex - position else {
      throw malformed(
        position, "\(count) more bytes", "\(bytes.endIndex - position) to the end of the message")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  private mutating func varint() throws(ONNXError) -> UInt64 {
    let offset = position
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard position < bytes.endIndex else {
        throw malformed(offset, "a number", "the end of the message")
      }
      let byte = bytes[position]
      position += 1
      // Bits beyond the 64th are dropped, as other readers do.
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw malformed(offset, "a number of at most 10 bytes", "more")
  }

  /// All numbers of a packed list.
  static func packed(
    _ bytes: ArraySlice<UInt8>, limit: Int, path: String
  ) throws(ONNXError) -> [Int] {
    var reader = WireReader(bytes, path: path)
    var numbers: [Int] = []
    while reader.position < bytes.endIndex {
      guard numbers.count < limit else {
        throw reader.malformed(reader.position, "at most \(limit) numbers", "more")
      }
      numbers.append(Int(truncatingIfNeeded: try reader.varint()))
    }
    return numbers
  }

  private func malformed(_ offset: Int, _ expected: String, _ found: String) -> ONNXError {
    .malformed(path: path, offset: offset, expected: expected, found: found)
  }
}

extension WireReader.Field {
  func bytes(_ path: String) throws(ONNXError) -> ArraySlice<UInt8> {
    guard case .bytes(let bytes) = value else { throw wrongType("bytes", path) }
    return bytes
  }

  func text(_ path: String) throws(ONNXError) -> String {
    String(decoding: try bytes(path), as: UTF8.self)
  }

  func integer(_ path: String) throws(ONNXError) -> Int {
    guard case .varint(let bits) = value else { throw wrongType("a whole number", path) }
    return Int(truncatingIfNeeded: bits)
  }

  func float(_ path: String) throws(ONNXError) -> Float {
    guard case .fourBytes(let bits) = value else { throw wrongType("a float", path) }
    return Float(bitPattern: bits)
  }

  /// Adds the field's number to a list, or its numbers if they are packed.
  func append(to numbers: inout [Int], limit: Int, _ path: String) throws(ONNXError) {
    if case .bytes(let bytes) = value {
      numbers += try WireReader.packed(bytes, limit: limit, path: path)
    } else {
      numbers.append(try integer(path))
    }
    guard numbers.count <= limit else {
      throw .malformed(
        path: path, offset: offset, expected: "at most \(limit) numbers",
        found: "\(numbers.count)")
    }
  }

  /// Adds the field's number to a list, or its numbers if they are packed.
  func append(to numbers: inout [Float], _ path: String) throws(ONNXError) {
    guard case .bytes(let bytes) = value else {
      numbers.append(try float(path))
      return
    }
    guard let floats = [Float](littleEndian: bytes) else {
      throw wrongType("floats of 4 bytes each", path)
    }
    numbers += floats
  }

  private func wrongType(_ expected: String, _ path: String) -> ONNXError {
    .malformed(
      path: path, offset: offset, expected: "\(expected) in field \(number)",
      found: "a value of another type")
  }
}

extension [Float] {
  /// Floats of four bytes each; nil if a byte is left over.
  init?(littleEndian bytes: ArraySlice<UInt8>) {
    guard bytes.count.isMultiple(of: 4) else { return nil }
    self = stride(from: bytes.startIndex, to: bytes.endIndex, by: 4).map { place in
      Float(
        bitPattern: UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8
          | UInt32(bytes[place + 2]) << 16 | UInt32(bytes[place + 3]) << 24)
    }
  }
}
