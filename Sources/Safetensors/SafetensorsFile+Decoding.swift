import Foundation

extension SafetensorsFile {
  /// Reads the contents of a file; `path` is what errors call it.
  ///
  /// Every rule of the format is checked before an element is read, and nothing is allocated that
  /// the file does not hold.
  package init(decoding data: Data, path: String) throws(SafetensorsError) {
    let header = try Self.headerBytes(of: data, path: path)
    let dataStart = Self.lengthFieldSize + header.count
    let (entries, metadata) = try HeaderReader(path: path).read(header)
    let ordered = try Self.checkedLayout(of: entries, size: data.count - dataStart, path: path)
    self.init(
      tensors: ordered.map { entry in
        NamedTensor(
          name: entry.name, shape: entry.shape,
          values: Self.floats(in: data, at: dataStart + entry.begin, count: entry.elementCount))
      },
      metadata: metadata)
  }

  private static func headerBytes(
    of data: Data, path: String
  ) throws(SafetensorsError) -> [UInt8] {
    guard data.count >= lengthFieldSize else {
      throw .malformed(
        path: path, place: .lengthField, expected: "\(lengthFieldSize) bytes",
        found: "\(data.count)")
    }
    let length = data.prefix(lengthFieldSize).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(largestHeader) else {
      throw .malformed(
        path: path, place: .lengthField, expected: "at most \(largestHeader)", found: "\(length)")
    }
    let available = data.count - lengthFieldSize
    guard length <= UInt64(available) else {
      throw .malformed(
        path: path, place: .lengthField, expected: "at most the \(available) bytes that follow",
        found: "\(length)")
    }
    return [UInt8](data.dropFirst(lengthFieldSize).prefix(Int(length)))
  }

  /// The entries in the order of their data, which must follow one another and fill the file.
  private static func checkedLayout(
    of entries: [HeaderEntry], size: Int, path: String
  ) throws(SafetensorsError) -> [HeaderEntry] {
    // The sort is stable: tensors without elements, which share an offset, keep their order.
    let ordered = entries.sorted { ($0.begin, $0.end) < ($1.begin, $1.end) }
    var position = 0
    for entry in ordered {
      guard entry.begin == position else {
        throw .malformed(
          path: path, place: .tensor(entry.name), expected: "data that begins at \(position)",
          found: "\(entry.begin)")
      }
      position = entry.end
    }
    guard position == size else {
      throw .malformed(
        path: path, place: .data, expected: "\(position) bytes", found: "\(size)")
    }
    return ordered
  }

  private static func floats(in data: Data, at offset: Int, count: Int) -> [Float] {
    data.withUnsafeBytes { bytes in
      (0..<count).map { index in
        let word = bytes.loadUnaligned(
          fromByteOffset: offset + index * MemoryLayout<Float>.size, as: UInt32.self)
        return Float(bitPattern: UInt32(littleEndian: word))
      }
    }
  }
}
