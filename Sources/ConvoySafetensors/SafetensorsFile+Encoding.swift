import ConvoyFileAccess
import Foundation

extension SafetensorsFile {
  /// The encoded file. Equal contents give equal bytes: tensors keep their order, and metadata is
  /// sorted by name.
  package func encoded() -> Data {
    var bytes = Data()
    unsafe Self.encode(tensors.map { TensorStream($0) }, metadata: metadata) {
      unsafe bytes.append(contentsOf: $0)
    }
    return bytes
  }

  /// Replaces a file by this one.
  package func write(to path: String) throws(FileError) {
    var file = try AtomicFile(replacing: path)
    try unsafe Self.encode(tensors.map { TensorStream($0) }, metadata: metadata) {
      bytes throws(FileError) in try unsafe file.append(bytes)
    }
    try file.commit()
  }

  /// Elements that are fetched at a time: 8 MiB.
  private static let pieceCount = 1 << 21

  /// Encodes a file piece by piece.
  ///
  /// The header is padded with spaces so that the data begins at a multiple of 8 bytes, where a
  /// reader can map it. Names of tensors must be distinct, and none may be `__metadata__`.
  ///
  /// - Parameter sink: receives consecutive pieces of the file.
  package static func encode<Failure: Error>(
    _ tensors: [TensorStream], metadata: [String: String],
    to sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    let header = encodedHeader(tensors, metadata)
    let length = [UInt64(header.count).littleEndian]
    try unsafe length.span.bytes.withUnsafeBytes(sink)
    try unsafe header.span.bytes.withUnsafeBytes(sink)

    let piece = UnsafeMutableBufferPointer<Float>.allocate(
      capacity: min(pieceCount, tensors.reduce(1) { max($0, $1.count) }))
    defer { unsafe piece.deallocate() }
    guard let first = piece.baseAddress else { return }
    for tensor in tensors {
      for begin in stride(from: 0, to: tensor.count, by: piece.count) {
        let range = begin..<min(begin + piece.count, tensor.count)
        unsafe tensor.read(range, first)
        let elements = unsafe UnsafeMutableBufferPointer(rebasing: piece[..<range.count])
        switch tensor.type {
        case .float:
          unsafe makeLittleEndian(elements)
          try unsafe sink(UnsafeRawBufferPointer(elements))
        case .integer:
          let integers = unsafe elements.map { Int64($0).littleEndian }
          try unsafe integers.span.bytes.withUnsafeBytes(sink)
        }
      }
    }
  }

  /// Converts from the processor's byte order to that of the file, or back.
  static func makeLittleEndian(_ elements: UnsafeMutableBufferPointer<Float>) {
    #if _endian(big)
      for index in elements.indices {
        elements[index] = Float(bitPattern: elements[index].bitPattern.littleEndian)
      }
    #endif
  }

  private static func encodedHeader(
    _ tensors: [TensorStream], _ metadata: [String: String]
  ) -> [UInt8] {
    let names = tensors.map(\.name)
    precondition(Set(names).count == names.count, "Two tensors of a file have the same name.")
    precondition(
      !names.contains(metadataKey), "The name '\(metadataKey)' cannot be a tensor's.")
    var fields: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map { key, text in
        "\(JSONText.quoted(key)):\(JSONText.quoted(text))"
      }
      fields.append("\(JSONText.quoted(metadataKey)):{\(texts.joined(separator: ","))}")
    }
    var begin = 0
    for tensor in tensors {
      let end = begin + tensor.count * tensor.type.size
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      fields.append(
        "\(JSONText.quoted(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\","
          + "\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}")
      begin = end
    }
    let text = Array("{\(fields.joined(separator: ","))}".utf8)
    let padding = (8 - text.count % 8) % 8
    let header = text + [UInt8](repeating: UInt8(ascii: " "), count: padding)
    precondition(
      header.count <= largestHeader, "A header of \(header.count) bytes could not be read.")
    return header
  }
}

/// Writes JSON strings.
enum JSONText {
  /// The text in quotation marks; escapes only what JSON forbids in a string.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
