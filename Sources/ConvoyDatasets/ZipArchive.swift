/// A zip archive (PKWARE's APPNOTE, version 6.3) as NumPy writes it: entries stored or deflated,
/// with 64-bit sizes where they need them.
///
/// Sizes are taken from the central directory, so that entries may have data descriptors. Encrypted
/// archives and those in several parts are refused.
struct ZipArchive {
  let file: FileSource
  let entries: [ZipEntry]

  private static let endSize = 22
  private static let largestComment = 65_535
  /// Far more than the directory of an archive of arrays.
  private static let largestDirectory = 1 << 20

  init(_ file: FileSource) throws(DatasetError) {
    self.file = file
    let tailSize = min(file.byteCount, Self.endSize + Self.largestComment)
    let tail = try file.bytes(file.byteCount - tailSize..<file.byteCount)
    guard let place = Self.endRecord(in: tail) else {
      throw .damaged(
        file: file.path, at: .byte(file.byteCount), expected: "the end of a zip archive",
        found: "none")
    }
    let end = file.byteCount - tailSize + place
    guard var directory = Self.directory(ByteReader(tail, at: place + 4)) else {
      throw Self.damage(file, at: end, "the directory of an archive in one part")
    }
    if let larger = try Self.largeDirectory(file, before: end) { directory = larger }
    guard directory.size <= Self.largestDirectory else {
      throw .damaged(
        file: file.path, at: .byte(end),
        expected: "a directory of at most \(Self.largestDirectory) bytes",
        found: "\(directory.size)")
    }
    guard directory.offset <= end, directory.size <= end - directory.offset else {
      throw Self.damage(file, at: end, "a directory within the archive")
    }
    let range = directory.offset..<directory.offset + directory.size
    entries = try Self.entries(file, in: range, count: directory.count)
    if let name = Self.firstDuplicate(entries.map(\.name)) {
      throw .damaged(
        file: file.path, at: .byte(directory.offset), expected: "entries of different names",
        found: "\(DatasetError.quoted(name.utf8)) twice")
    }
  }

  private typealias Directory = (count: Int, size: Int, offset: Int)

  /// The place of the record that ends the archive, after which only a comment may follow.
  private static func endRecord(in tail: [UInt8]) -> Int? {
    guard tail.count >= endSize else { return nil }
    return (0...tail.count - endSize).reversed().first { place in
      var record = ByteReader(tail, at: place)
      guard record.number(4) == 0x0605_4B50 else { return false }
      record = ByteReader(tail, at: place + endSize - 2)
      return record.number(2) == UInt64(tail.count - place - endSize)
    }
  }

  /// Nil if the archive has several parts, or ends in the record. Numbers that are too large for it have
  /// all bits set.
  private static func directory(_ record: consuming ByteReader) -> Directory? {
    guard let part = record.number(2), let first = record.number(2), part == first,
      part == 0 || part == 0xFFFF, let own = record.number(2), let count = record.number(2),
      own == count, let size = record.number(4), let offset = record.number(4)
    else { return nil }
    return (Int(count), Int(size), Int(offset))
  }

  /// What the 64-bit record says, if a locator before the end record leads to one.
  private static func largeDirectory(
    _ file: FileSource, before end: Int
  ) throws(DatasetError) -> Directory? {
    let (locatorSize, recordSize) = (20, 56)
    guard end >= locatorSize + recordSize else { return nil }
    var locator = ByteReader(try file.bytes(end - locatorSize..<end))
    guard locator.number(4) == 0x0706_4B50 else { return nil }
    guard locator.number(4) == 0, let place = locator.number(8).flatMap({ Int(exactly: $0) }),
      place <= end - locatorSize - recordSize
    else { throw damage(file, at: end - locatorSize, "the place of the 64-bit directory record") }
    var record = ByteReader(try file.bytes(place..<place + recordSize))
    guard record.number(4) == 0x0606_4B50, record.take(28) != nil,
      let count = record.number(8).flatMap({ Int(exactly: $0) }),
      let size = record.number(8).flatMap({ Int(exactly: $0) }),
      let offset = record.number(8).flatMap({ Int(exactly: $0) })
    else { throw damage(file, at: place, "a 64-bit directory record") }
    return (count, size, offset)
  }

  private static func entries(
    _ file: FileSource, in range: Range<Int>, count: Int
  ) throws(DatasetError) -> [ZipEntry] {
    var directory = ByteReader(try file.bytes(range))
    var entries: [ZipEntry] = []
    // Each entry takes bytes of the directory, so that a wrong count ends with them.
    while directory.offset < range.count {
      let offset = range.lowerBound + directory.offset
      guard let entry = ZipEntry(&directory) else {
        throw damage(file, at: offset, "an entry of the directory")
      }
      entries.append(entry)
    }
    guard entries.count == count else {
      throw .damaged(
        file: file.path, at: .byte(range.lowerBound), expected: "\(count) entries",
        found: "\(entries.count)")
    }
    return entries
  }

  private static func firstDuplicate(_ names: [String]) -> String? {
    var seen: Set<String> = []
    return names.first { !seen.insert($0).inserted }
  }

  private static func damage(
    _ file: FileSource, at offset: Int, _ expected: String
  ) -> DatasetError {
    .damaged(file: file.path, at: .byte(offset), expected: expected, found: "something else")
  }

  /// The content of an entry.
  func source(of entry: ZipEntry) throws(DatasetError) -> ZipEntrySource {
    let headerSize = 30
    func damage(_ expected: String, _ found: String) -> DatasetError {
      .damaged(
        file: "\(file.path), \(entry.name)", at: .byte(entry.headerOffset), expected: expected,
        found: found)
    }
    guard !entry.isEncrypted else {
      throw damage("an entry without encryption", "an encrypted one")
    }
    guard entry.headerOffset <= file.byteCount - headerSize else {
      throw damage("an entry within the archive", "one beyond byte \(file.byteCount)")
    }
    var header = ByteReader(
      try file.bytes(entry.headerOffset..<entry.headerOffset + headerSize))
    guard header.number(4) == 0x0403_4B50, header.take(22) != nil,
      let nameSize = header.number(2), let extraSize = header.number(2)
    else { throw damage("the header of an entry", "something else") }
    let start = entry.headerOffset + headerSize + Int(nameSize) + Int(extraSize)
    guard start <= file.byteCount, entry.compressedSize <= file.byteCount - start else {
      throw damage(
        "\(entry.compressedSize) bytes within the archive",
        "the end at byte \(file.byteCount)")
    }
    return try ZipEntrySource(file, entry, in: start..<start + entry.compressedSize)
  }
}

/// An entry of a zip archive's directory.
struct ZipEntry {
  enum Method: Equatable {
    case stored
    case deflated
    case other(Int)
  }

  let name: String
  let method: Method
  let isEncrypted: Bool
  let checksum: UInt32
  let compressedSize: Int
  let size: Int
  let headerOffset: Int

  /// Nil if the directory does not continue with an entry.
  init?(_ directory: inout ByteReader) {
    guard directory.number(4) == 0x0201_4B50, directory.take(4) != nil,
      let flags = directory.number(2), let method = directory.number(2),
      directory.take(4) != nil, let checksum = directory.number(4),
      var compressedSize = directory.number(4), var size = directory.number(4),
      let nameSize = directory.number(2), let extraSize = directory.number(2),
      let commentSize = directory.number(2), directory.take(8) != nil,
      var headerOffset = directory.number(4), let name = directory.take(Int(nameSize)),
      let extra = directory.take(Int(extraSize)), directory.take(Int(commentSize)) != nil
    else { return nil }
    var largeSizes = Self.largeSizes(Array(extra))
    // The extra field has those sizes that do not fit 32 bits, in this order.
    func replace(_ number: inout UInt64) -> Bool {
      guard number == UInt32.max else { return true }
      guard let larger = largeSizes?.number(8) else { return false }
      number = larger
      return true
    }
    guard replace(&size), replace(&compressedSize), replace(&headerOffset),
      let size = Int(exactly: size), let compressedSize = Int(exactly: compressedSize),
      let headerOffset = Int(exactly: headerOffset),
      let name = String(validating: name, as: UTF8.self)
    else { return nil }
    self.name = name
    self.method =
      switch method {
      case 0: .stored
      case 8: .deflated
      default: .other(Int(method))
      }
    isEncrypted = flags & 1 == 1
    self.checksum = UInt32(checksum)
    self.compressedSize = compressedSize
    self.size = size
    self.headerOffset = headerOffset
  }

  /// The content of the extra field with 64-bit sizes; nil if there is none.
  private static func largeSizes(_ extra: [UInt8]) -> ByteReader? {
    var reader = ByteReader(extra)
    while let kind = reader.number(2), let size = reader.number(2),
      let content = reader.take(Int(size))
    {
      if kind == 1 { return ByteReader(Array(content)) }
    }
    return nil
  }
}
