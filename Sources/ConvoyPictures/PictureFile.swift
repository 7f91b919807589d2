import ConvoyFileAccess
import ConvoyProcessLimits

/// The bytes of a picture file, read with checks, and the errors of its kind.
struct PictureFile: Sendable {
  let path: String
  let kind: PictureKind
  /// The whole file, or its beginning if that is enough.
  let bytes: [UInt8]

  /// More than any picture of `PictureSize.mostPixels` takes in practice.
  private static let byteLimit = 1 << 30

  init(_ bytes: [UInt8], path: String) throws(PictureError) {
    guard let kind = PictureKind(firstBytes: bytes) else {
      throw .unknownKind(file: path, found: Array(bytes.prefix(8)))
    }
    guard kind.isRead else { throw .unsupportedKind(file: path, kind: kind) }
    self.path = path
    self.kind = kind
    self.bytes = bytes
  }

  /// Reads the whole file.
  init(contentsOf path: String) throws(PictureError) {
    let bytes: [UInt8]
    do throws(FileError) {
      let reader = try FileReader(path, limit: Self.byteLimit)
      bytes = try Self.read(reader.byteCount, from: reader)
    } catch {
      throw .unreadable(error)
    }
    self = try PictureFile(bytes, path: path)
  }

  /// Reads the beginning of a file with `body`, or the whole file if that is too short for it.
  static func reading<Result>(
    beginningOf path: String, _ body: (PictureFile) throws(PictureError) -> Result
  ) throws(PictureError) -> Result {
    let beginning: [UInt8]
    let isWhole: Bool
    do throws(FileError) {
      let reader = try FileReader(path, limit: byteLimit)
      beginning = try read(min(reader.byteCount, 1 << 16), from: reader)
      isWhole = beginning.count == reader.byteCount
    } catch {
      throw .unreadable(error)
    }
    do throws(PictureError) {
      return try body(PictureFile(beginning, path: path))
    } catch .truncated where !isWhole {
      return try body(PictureFile(contentsOf: path))
    }
  }

  private static func read(
    _ count: Int, from reader: borrowing FileReader
  ) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try unsafe bytes.withUnsafeMutableBufferPointer { buffer throws(FileError) in
      try unsafe reader.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
    return bytes
  }
}

extension PictureFile {
  /// Throws if the file ends before `offset + count`.
  func require(_ count: Int, at offset: Int) throws(PictureError) {
    let (end, overflow) = offset.addingReportingOverflow(count)
    guard !overflow, end <= bytes.count else {
      throw .truncated(
        file: path, kind: kind, expected: overflow ? .max : end, found: bytes.count)
    }
  }

  func bigEndian16(at offset: Int) throws(PictureError) -> Int {
    try require(2, at: offset)
    return Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
  }

  func bigEndian32(at offset: Int) throws(PictureError) -> Int {
    try bigEndian16(at: offset) << 16 | bigEndian16(at: offset + 2)
  }

  func littleEndian16(at offset: Int) throws(PictureError) -> Int {
    try require(2, at: offset)
    return Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
  }

  func littleEndian32(at offset: Int) throws(PictureError) -> Int {
    try littleEndian16(at: offset) | littleEndian16(at: offset + 2) << 16
  }

  func damaged(at offset: Int, expected: String, found: String) -> PictureError {
    .damaged(file: path, kind: kind, offset: offset, expected: expected, found: found)
  }

  func unsupported(_ feature: String) -> PictureError {
    .unsupportedFeature(file: path, kind: kind, feature: feature)
  }

  /// A size from a header at `offset`, if it is one that is read.
  func size(width: Int, height: Int, at offset: Int) throws(PictureError) -> PictureSize {
    let size = PictureSize(width: width, height: height)
    guard width > 0, height > 0 else {
      throw damaged(at: offset, expected: "at least one pixel", found: "\(size)")
    }
    let sides = 1...PictureSize.longestSide
    guard sides.contains(width), sides.contains(height), width * height <= PictureSize.mostPixels
    else { throw .tooLarge(file: path, size: size) }
    return size
  }

  /// Throws if the file has fewer bytes than its pixels take at least.
  func verify(
    _ size: PictureSize, needs expected: Int, found: Int
  ) throws(PictureError) {
    guard expected <= found else {
      throw .impossibleSize(file: path, size: size, expected: expected, found: found)
    }
  }

  /// Throws if memory has no room for `byteCount` bytes. For small pictures,
  /// the check would cost more than it saves.
  func verifyMemory(byteCount: Int) throws(PictureError) {
    guard byteCount > 1 << 24 else { return }
    do {
      try AvailableMemory.now.check(MemoryNeed(bytes: Double(byteCount)), for: path)
    } catch {
      throw .memory(error)
    }
  }
}
