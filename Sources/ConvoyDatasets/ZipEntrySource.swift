import ConvoyCompression

/// The content of an entry in a zip archive, decompressed if necessary. At the end its checksum is
/// compared.
final class ZipEntrySource: ByteSource {
  /// The archive and the entry.
  let path: String
  private let file: FileSource
  private let entry: ZipEntry
  /// The bytes of the file that are not yet read.
  private var region: Range<Int>
  /// The number of bytes of the content that were read.
  private var offset = 0
  private var checksum = Checksum()
  private var stream: InflateStream
  private var chunk = [UInt8](repeating: 0, count: 1 << 18)
  /// The part of the chunk that is not yet decompressed.
  private var input = 0..<0

  init(_ file: FileSource, _ entry: ZipEntry, in region: Range<Int>) throws(DatasetError) {
    path = "\(file.path), \(entry.name)"
    self.file = file
    self.entry = entry
    self.region = region
    do throws(InflateError) {
      stream = try InflateStream(.raw)
    } catch {
      throw .unreadable(file: path, reason: error.reason)
    }
    if case .other(let number) = entry.method {
      throw damage("stored or deflated data", "compression method \(number)")
    }
    if entry.method == .stored, entry.size != entry.compressedSize {
      throw damage("\(entry.size) stored bytes", "\(entry.compressedSize)")
    }
  }

  func verify(byteCount expected: Int) throws(DatasetError) {
    if entry.size < expected {
      throw .truncated(file: path, expected: expected, found: entry.size)
    }
    if entry.size > expected {
      throw .excess(file: path, expected: expected, foundAtLeast: entry.size)
    }
    let (largest, overflow) = entry.compressedSize.multipliedReportingOverflow(
      by: InflateStream.largestRatio)
    guard overflow || expected <= largest else {
      throw .impossibleSize(
        file: path, expected: expected, compressed: entry.compressedSize, largest: largest)
    }
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    let count = unsafe try entry.method == .stored ? copy(to: buffer) : inflate(to: buffer)
    unsafe add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    if count < buffer.count { try verifyEnd() }
    return count
  }

  /// Many stored bytes are mapped, and read once for their checksum.
  func rest(_ count: Int, at offset: Int) throws(DatasetError) -> PixelBytes {
    guard entry.method == .stored, count == region.count, count > 0,
      let mapping = FileMapping.ofLarge(file, region)
    else { return try restInMemory(count, at: offset) }
    region = region.upperBound..<region.upperBound
    unsafe add(mapping.bytes)
    try verifyEnd()
    return PixelBytes(mapping)
  }

  private func add(_ bytes: UnsafeRawBufferPointer) {
    offset += bytes.count
    unsafe checksum.add(bytes)
  }

  private func verifyEnd() throws(DatasetError) {
    guard offset == entry.size else {
      throw .truncated(file: path, expected: entry.size, found: offset)
    }
    guard region.isEmpty, input.isEmpty else {
      throw damage("the end of the data", "more compressed bytes")
    }
    guard checksum.value == entry.checksum else {
      throw damage(
        "checksum \(Self.hexadecimal(entry.checksum))", Self.hexadecimal(checksum.value))
    }
  }

  private func copy(to buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    let target = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(region.count))
    let count = unsafe try file.read(target, at: region.lowerBound)
    region = region.lowerBound + count..<region.upperBound
    return count
  }

  private func inflate(to buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    var filled = 0
    while filled < buffer.count {
      if input.isEmpty { try readChunk() }
      do throws(InflateError) {
        let progress = try unsafe chunk.span.withUnsafeBytes { (bytes) throws(InflateError) in
          unsafe try stream.inflate(
            UnsafeRawBufferPointer(rebasing: bytes[input]),
            into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
        }
        input = input.lowerBound + progress.read..<input.upperBound
        filled += progress.written
        // Without progress, the input is at its end.
        if progress.hasEnded || progress.read + progress.written == 0 { break }
      } catch {
        throw error.isDamage
          ? damage("valid deflated data", error.reason)
          : .unreadable(file: path, reason: error.reason)
      }
    }
    return filled
  }

  private func readChunk() throws(DatasetError) {
    let count = try unsafe chunk.withUnsafeMutableBufferPointer { (bytes) throws(DatasetError) in
      let target = unsafe UnsafeMutableRawBufferPointer(
        UnsafeMutableBufferPointer(rebasing: bytes.prefix(region.count)))
      return unsafe try file.read(target, at: region.lowerBound)
    }
    region = region.lowerBound + count..<region.upperBound
    input = 0..<count
  }

  private func damage(_ expected: String, _ found: String) -> DatasetError {
    .damaged(file: path, at: .byte(region.lowerBound), expected: expected, found: found)
  }

  private static func hexadecimal(_ number: UInt32) -> String { "0x" + String(number, radix: 16) }
}
