import Foundation

extension SafetensorsFile {
  /// The bytes of the file. Equal contents give equal bytes: tensors stand in their order, texts
  /// of the metadata in the order of their names.
  ///
  /// The header is filled up with spaces so that the data begins at a multiple of 8 bytes, where a
  /// reader can map it. Names of tensors must be distinct, and none may be `__metadata__`.
  package func encoded() -> Data {
    let names = tensors.map(\.name)
    precondition(Set(names).count == names.count, "Two tensors of a file have the same name.")
    precondition(
      !names.contains(Self.metadataKey), "The name '\(Self.metadataKey)' cannot be a tensor's.")
    let header = encodedHeader()
    precondition(
      header.count <= Self.largestHeader, "A header of \(header.count) bytes could not be read.")

    let elementCount = tensors.reduce(0) { $0 + $1.values.count }
    var bytes = Data(
      capacity: Self.lengthFieldSize + header.count + elementCount * MemoryLayout<Float>.size)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: header)
    for tensor in tensors {
      let words = tensor.values.map(\.bitPattern.littleEndian)
      words.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  private func encodedHeader() -> [UInt8] {
    var fields: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map { key, text in
        "\(JSONText.quoted(key)):\(JSONText.quoted(text))"
      }
      fields.append("\(JSONText.quoted(Self.metadataKey)):{\(texts.joined(separator: ","))}")
    }
    var begin = 0
    for tensor in tensors {
      let end = begin + tensor.values.count * MemoryLayout<Float>.size
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      fields.append(
        "\(JSONText.quoted(tensor.name)):{\"dtype\":\"\(Self.elementType)\","
          + "\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}")
      begin = end
    }
    let header = Array("{\(fields.joined(separator: ","))}".utf8)
    let padding = (8 - header.count % 8) % 8
    return header + [UInt8](repeating: UInt8(ascii: " "), count: padding)
  }
}
