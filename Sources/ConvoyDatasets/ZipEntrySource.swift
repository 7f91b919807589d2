import ConvoyZlib

/// The content of an entry in a zip archive, decompressed if necessary. At the end its checksum is
/// compared.
///
/// Safe to use: it owns the stream and the chunk, which are allocated and freed with it.
@safe final class ZipEntrySource: ByteSource {
  /// The archive and the entry.
  let path: String
  private let file: FileSource
  private let entry: ZipEntry
  /// The bytes of the file that are not yet read.
  private var region: Range<Int>
  /// The number of bytes of the content that were read.
  private var offset = 0
  private var checksum = crc32(0, nil, 0)
  /// On the heap because zlib's state points back at it: it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let chunk: UnsafeMutableRawBufferPointer

  private static let chunkSize = 1 << 18

  init(_ file: FileSource, _ entry: ZipEntry, in region: Range<Int>) throws(DatasetError) {
    path = "\(file.path), \(entry.name)"
    self.file = file
    self.entry = entry
    self.region = region
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    unsafe chunk = .allocate(byteCount: Self.chunkSize, alignment: 16)
    if case .other(let number) = entry.method {
      throw damage("stored or deflated data", "compression method \(number)")
    }
    if entry.method == .stored, entry.size != entry.compressedSize {
      throw damage("\(entry.size) stored bytes", "\(entry.compressedSize)")
    }
    // Negative window bits select data without a header.
    let status = unsafe inflateInit2_(
      stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw .unreadable(file: path, reason: "zlib returned status \(status)")
    }
  }

  deinit {
    // Harmless when the initialization failed.
    unsafe inflateEnd(stream)
    unsafe stream.deinitialize(count: 1)
    unsafe stream.deallocate()
    unsafe chunk.deallocate()
  }

  func verify(byteCount expected: Int) throws(DatasetError) {
    if entry.size < expected {
      throw .truncated(file: path, expected: expected, found: entry.size)
    }
    if entry.size > expected {
      throw .excess(file: path, expected: expected, foundAtLeast: entry.size)
    }
    let (largest, overflow) = entry.compressedSize.multipliedReportingOverflow(
      by: GzipSource.largestRatio)
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
    guard unsafe !bytes.isEmpty else { return }
    checksum = unsafe crc32_z(
      checksum, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
  }

  private func verifyEnd() throws(DatasetError) {
    guard offset == entry.size else {
      throw .truncated(file: path, expected: entry.size, found: offset)
    }
    guard region.isEmpty, unsafe stream.pointee.avail_in == 0 else {
      throw damage("the end of the data", "more compressed bytes")
    }
    guard checksum == UInt(entry.checksum) else {
      throw damage("checksum \(Self.hexadecimal(UInt(entry.checksum)))", Self.hexadecimal(checksum))
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
      if unsafe stream.pointee.avail_in == 0 {
        let target = unsafe UnsafeMutableRawBufferPointer(rebasing: chunk.prefix(region.count))
        let count = unsafe try file.read(target, at: region.lowerBound)
        region = region.lowerBound + count..<region.upperBound
        unsafe stream.pointee.next_in = unsafe chunk.baseAddress?.assumingMemoryBound(
          to: Bytef.self)
        unsafe stream.pointee.avail_in = uInt(count)
      }
      // zlib counts in 32 bits.
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...].prefix(1 << 30))
      unsafe stream.pointee.next_out = unsafe room.baseAddress?.assumingMemoryBound(to: Bytef.self)
      unsafe stream.pointee.avail_out = uInt(room.count)
      let status = unsafe ConvoyZlib.inflate(stream, Z_NO_FLUSH)
      let written = unsafe room.count - Int(stream.pointee.avail_out)
      filled += written
      switch status {
      case Z_STREAM_END: return filled
      case Z_OK: continue
      // No progress, because the input is at its end.
      case Z_BUF_ERROR: return filled
      default:
        let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
        throw damage("valid deflated data", message ?? "zlib's status \(status)")
      }
    }
    return filled
  }

  private func damage(_ expected: String, _ found: String) -> DatasetError {
    .damaged(file: path, at: .byte(region.lowerBound), expected: expected, found: found)
  }

  private static func hexadecimal(_ number: UInt) -> String { "0x" + String(number, radix: 16) }
}
