/// The content of one IDX file of unsigned bytes.
///
/// Layout, all numbers big-endian: a magic number of four bytes, the last of which is the number of
/// dimensions; four bytes for each dimension; then the elements, with the last dimension varying
/// fastest. The format is described on the page of Y. LeCun, C. Cortes and C. J. C. Burges, "The
/// MNIST database of handwritten digits".
struct IDXFile {
  let path: String
  /// As many as the content's rank, none of them zero.
  let dimensions: [Int]
  let elements: PixelBytes

  /// Far more than any file has, and far less than would overflow in a sum of sizes.
  private static let byteLimit = 1 << 40

  /// Whether a file begins as one of images does, whatever its name.
  static func isOfImages(_ path: String) -> Bool {
    guard let start = try? FileSource(path: path).upTo(4), start.count == 4 else { return false }
    return bigEndian(start[...]) == IDXContent.images.magicNumber
  }

  /// - Parameter isTransposed: whether images are stored column after column; they then take memory
  ///   also where others would be mapped.
  init(
    from source: some ByteSource, content: IDXContent, isTransposed: Bool = false
  ) throws(DatasetError) {
    path = source.path
    var dimensions = try Self.dimensions(from: source, content: content)
    let headerSize = 4 + 4 * dimensions.count
    let byteCount = try Self.product(of: dimensions, path: path)
    // Before the allocation, so that a header of a few bytes cannot ask for gigabytes.
    try source.verify(byteCount: headerSize + byteCount)
    switch content {
    case .images where isTransposed:
      try source.verifyMemory(byteCount: 2 * byteCount)
      let stored = try source.take(byteCount, at: headerSize)
      try source.requireEnd(at: headerSize + byteCount)
      elements = PixelBytes(
        Self.transposed(stored, rows: dimensions[1], columns: dimensions[2]))
      dimensions.swapAt(1, 2)
    case .images: elements = try source.rest(byteCount, at: headerSize)
    case .labels: elements = try source.restInMemory(byteCount, at: headerSize)
    }
    self.dimensions = dimensions
  }

  /// Images of `rows` by `columns` with columns as rows.
  private static func transposed(_ images: [UInt8], rows: Int, columns: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveForImages(byteCount: images.count)
    for image in stride(from: 0, to: images.count, by: rows * columns) {
      for column in 0..<columns {
        for row in 0..<rows { result.append(images[image + row * columns + column]) }
      }
    }
    return result
  }

  private static func dimensions(
    from source: some ByteSource, content: IDXContent
  ) throws(DatasetError) -> [Int] {
    let magicNumber = bigEndian(try source.take(4, at: 0)[...])
    guard magicNumber >> 8 == content.magicNumber >> 8 else {
      throw .wrongMagicNumber(
        file: source.path, expected: content.magicNumber, found: magicNumber)
    }
    let rank = Int(magicNumber & 0xFF)
    guard rank == content.rank else {
      throw .wrongRank(file: source.path, expected: content.rank, found: rank)
    }
    let header = try source.take(4 * rank, at: 4)
    let dimensions = stride(from: 0, to: header.count, by: 4).map {
      Int(bigEndian(header[$0..<$0 + 4]))
    }
    guard dimensions[0] > 0 else { throw .emptySet(file: source.path) }
    guard !dimensions.contains(0) else {
      throw .zeroSize(file: source.path, dimensions: dimensions)
    }
    return dimensions
  }

  private static func product(of dimensions: [Int], path: String) throws(DatasetError) -> Int {
    var product = 1
    for dimension in dimensions {
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      guard !overflow, next <= byteLimit else {
        throw .tooLarge(file: path, limit: byteLimit, dimensions: dimensions)
      }
      product = next
    }
    return product
  }

  private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }
}
