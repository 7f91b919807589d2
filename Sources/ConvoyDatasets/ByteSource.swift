import ConvoyProcessLimits

/// A sequence of bytes from a file, decompressed if necessary.
protocol ByteSource: AnyObject {
  var path: String { get }

  /// Reads into `buffer` until it is full or the bytes end; returns how many were read.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int

  /// Throws if the size of the file rules out that the source has `byteCount` bytes. Called before
  /// memory of that size is allocated.
  func verify(byteCount: Int) throws(DatasetError)

  /// The last `count` bytes, which start at `offset`, or an error if there are fewer or more. Their
  /// number was verified.
  func rest(_ count: Int, at offset: Int) throws(DatasetError) -> PixelBytes
}

extension ByteSource {
  /// The next `count` bytes, which start at `offset`, or an error if there are fewer.
  ///
  /// - Parameter lasts: whether they are images or labels, which stay and are visited in random order.
  func take(_ count: Int, at offset: Int, lasts: Bool = false) throws(DatasetError) -> [UInt8] {
    let bytes = try upTo(count, lasts: lasts)
    guard bytes.count == count else {
      throw .truncated(file: path, expected: offset + count, found: offset + bytes.count)
    }
    return bytes
  }

  func rest(_ count: Int, at offset: Int) throws(DatasetError) -> PixelBytes {
    try restInMemory(count, at: offset)
  }

  func restInMemory(_ count: Int, at offset: Int) throws(DatasetError) -> PixelBytes {
    try verifyMemory(byteCount: count)
    let bytes = try take(count, at: offset, lasts: true)
    try requireEnd(at: offset + count)
    return PixelBytes(bytes)
  }

  /// The next `count` bytes, or as many as there are.
  func upTo(_ count: Int, lasts: Bool = false) throws(DatasetError) -> [UInt8] {
    var failure: DatasetError?
    // The initializer passes errors on without their type, hence the variable.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      let memory = UnsafeMutableRawBufferPointer(buffer)
      if lasts { unsafe memory.adviseHugePages() }
      do throws(DatasetError) {
        initializedCount = try unsafe fill(memory)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Throws if memory has no room for `byteCount` bytes of the source.
  ///
  /// A megabyte is there without asking, which takes a read of the system's files.
  func verifyMemory(byteCount: Int) throws(DatasetError) {
    guard byteCount > 1 << 20 else { return }
    do {
      try AvailableMemory.now.check(MemoryNeed(bytes: Double(byteCount)), for: path)
    } catch {
      throw .memory(error)
    }
  }

  /// Throws if there are bytes at `offset` or later. In a compressed source, this also reads and
  /// verifies the checksum.
  func requireEnd(at offset: Int) throws(DatasetError) {
    var extra: UInt8 = 0
    var failure: DatasetError?
    let count = unsafe withUnsafeMutableBytes(of: &extra) { buffer in
      do throws(DatasetError) {
        return try unsafe fill(buffer)
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    guard count == 0 else {
      throw .excess(file: path, expected: offset, foundAtLeast: offset + count)
    }
  }
}
