import ConvoyFileAccess
import ConvoyProcessLimits
import Foundation

extension SafetensorsFile {
  /// Receives the bytes of a file in order as they are read: first those of the header, with nil
  /// for the name, then those of each tensor.
  package typealias Observer = (_ tensor: String?, UnsafeRawBufferPointer) -> Void

  /// Fills a buffer with the bytes that follow. In total, no more are requested than the file has.
  private typealias Fill = (UnsafeMutableRawBufferPointer) throws(SafetensorsError) -> Void

  /// Reads a regular file of at most `largestFile` bytes. Elements are read into their arrays;
  /// there is no other copy of the file in memory.
  package init(
    contentsOf path: String, observer: Observer = { _, _ in }
  ) throws(SafetensorsError) {
    let reader = try Self.unreadable { () throws(FileError) in
      try FileReader(path, limit: Self.largestFile)
    }
    do {
      try AvailableMemory.now.check(MemoryNeed(bytes: Double(reader.byteCount)), for: path)
    } catch {
      throw .memory(error)
    }
    unsafe try self.init(byteCount: reader.byteCount, path: path, observer: observer) {
      buffer throws(SafetensorsError) in
      try Self.unreadable { () throws(FileError) in try unsafe reader.read(into: buffer) }
    }
  }

  private static func unreadable<Result: ~Copyable>(
    _ body: () throws(FileError) -> Result
  ) throws(SafetensorsError) -> Result {
    do throws(FileError) { return try body() } catch { throw .unreadable(error) }
  }

  /// Reads the contents of a file; `path` is what errors call it.
  package init(decoding data: Data, path: String) throws(SafetensorsError) {
    var rest = data[...]
    func fill(_ buffer: UnsafeMutableRawBufferPointer) {
      unsafe rest.copyBytes(to: buffer, count: buffer.count)
      rest = rest.dropFirst(buffer.count)
    }
    unsafe try self.init(byteCount: data.count, path: path, observer: { _, _ in }, fill: fill)
  }

  /// Checks every rule of the format before reading an element, and allocates no more than the file
  /// holds.
  private init(
    byteCount: Int, path: String, observer: Observer, fill: Fill
  ) throws(SafetensorsError) {
    let header = try unsafe Self.headerBytes(of: byteCount, path: path, observer, fill)
    let size = byteCount - Self.lengthFieldSize - header.count
    let (entries, metadata) = try HeaderReader(path: path).read(header)
    var tensors: [NamedTensor] = []
    for entry in try Self.checkedLayout(of: entries, size: size, path: path) {
      var values: [Float]
      switch entry.type {
      case .float:
        values = try unsafe Self.elements(of: entry, zero: 0, observer, fill)
        unsafe values.withUnsafeMutableBufferPointer { unsafe Self.makeLittleEndian($0) }
      case .integer:
        values = try unsafe Self.elements(of: entry, zero: Int64(0), observer, fill)
          .map { Float(Int64(littleEndian: $0)) }
      }
      tensors.append(
        NamedTensor(name: entry.name, type: entry.type, shape: entry.shape, values: values))
    }
    self.init(tensors: tensors, metadata: metadata)
  }

  /// The elements of a tensor, in the byte order of the file.
  private static func elements<Element: BitwiseCopyable>(
    of entry: HeaderEntry, zero: Element, _ observer: Observer, _ fill: Fill
  ) throws(SafetensorsError) -> [Element] {
    var elements = [Element](repeating: zero, count: entry.elementCount)
    var span = elements.mutableSpan
    try unsafe span.withUnsafeMutableBytes { bytes throws(SafetensorsError) in
      try unsafe fill(bytes)
      unsafe observer(entry.name, UnsafeRawBufferPointer(bytes))
    }
    return elements
  }

  /// What a file is whose first bytes, at least three, are no length; nil if that cannot be told.
  private static func otherFormat(_ start: [UInt8]) -> String? {
    func begins(_ text: String) -> Bool { start.starts(with: Array(text.utf8)) }
    return if begins("PK") {
      "a zip archive, as torch.save writes it; safetensors.torch.save_file writes a state_dict, "
        + "which convoy import takes"
    } else if start[0] == 0x89, start[1...].starts(with: Array("HDF".utf8)) {
      "an HDF5 file, as Keras writes it; an ONNX file of the model can be imported"
    } else if start[0] == 0x89 || start.starts(with: [0xff, 0xd8, 0xff]) {
      "a picture"
    } else if start[0] == 0x93 {
      start[1...].starts(with: Array("NUMPY".utf8)) ? "an array of NumPy" : "packed pictures"
    } else if begins("{") || begins("[") {
      "JSON"
    } else if start[0] == 8, (1...32).contains(start[1]), [0x12, 0x1a, 0x3a].contains(start[2]) {
      "an ONNX model, which convoy import takes"
    } else {
      nil
    }
  }

  private static func headerBytes(
    of byteCount: Int, path: String, _ observer: Observer, _ fill: Fill
  ) throws(SafetensorsError) -> [UInt8] {
    guard byteCount >= lengthFieldSize else {
      throw .malformed(
        path: path, place: .lengthField, expected: "\(lengthFieldSize) bytes",
        found: "\(byteCount)")
    }
    let lengthField = try unsafe bytes(lengthFieldSize, observer, fill)
    let length = lengthField.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let available = byteCount - lengthFieldSize
    guard length <= UInt64(min(largestHeader, available)) else {
      if length > UInt64(largestHeader), let kind = otherFormat(lengthField) {
        throw .otherFormat(path: path, found: kind)
      }
      throw .malformed(
        path: path, place: .lengthField,
        expected: length > UInt64(largestHeader)
          ? "at most \(largestHeader)" : "at most the \(available) bytes that follow",
        found: "\(length)")
    }
    return try unsafe bytes(Int(length), observer, fill)
  }

  private static func bytes(
    _ count: Int, _ observer: Observer, _ fill: Fill
  ) throws(SafetensorsError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    try unsafe span.withUnsafeMutableBytes { buffer throws(SafetensorsError) in
      try unsafe fill(buffer)
      unsafe observer(nil, UnsafeRawBufferPointer(buffer))
    }
    return bytes
  }

  /// The entries in the order of their data. Throws unless the data is contiguous and fills the
  /// file.
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
}
