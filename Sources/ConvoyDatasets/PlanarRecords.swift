/// Images in mapped files of records: a few bytes of labels, then the colour planes of an image.
///
/// An image is put into the order of pixels whenever it is used, on the stack.
struct PlanarRecords: Sendable {
  private let files: [FileMapping]
  private let version: CIFARVersion
  /// The number of the first image in each file.
  private let first: [Int]
  let count: Int

  /// - Parameter files: of whole records.
  init(_ files: [FileMapping], _ version: CIFARVersion) {
    self.files = files
    self.version = version
    var (first, count): ([Int], Int) = ([], 0)
    for file in files {
      first.append(count)
      count += unsafe file.bytes.count / version.recordSize
    }
    self.first = first
    self.count = count
  }

  /// Nil for files that are small together, or cannot be mapped.
  init?(ofLarge files: [FileSource], _ version: CIFARVersion) {
    guard files.reduce(0, { $0 + $1.byteCount }) >= FileMapping.smallestSize else { return nil }
    let mappings = files.compactMap { FileMapping($0, 0..<$0.byteCount) }
    guard mappings.count == files.count else { return nil }
    self.init(mappings, version)
  }

  /// The bytes of each file.
  var fileBytes: [PixelBytes] { files.map(PixelBytes.init) }

  private static let pixelsInAPlane = CIFARVersion.shape.height * CIFARVersion.shape.width

  /// Calls `body` with the pixels of an image, of three channels each.
  func withImage<Result>(
    _ number: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    precondition((0..<count).contains(number), "An image's number is below their count.")
    let file = (first.firstIndex { $0 > number } ?? first.count) - 1
    let record = (number - first[file]) * version.recordSize + version.labelSize
    let plane = Self.pixelsInAPlane
    var image = InlineArray<3072, UInt8>(repeating: 0)
    // The record is within the file: its number is below those of the next file.
    withExtendedLifetime(files[file]) {
      let planes = unsafe UnsafeRawBufferPointer(
        rebasing: files[file].bytes[record..<record + 3 * plane])
      for pixel in 0..<plane {
        image[3 * pixel] = unsafe planes[pixel]
        image[3 * pixel + 1] = unsafe planes[plane + pixel]
        image[3 * pixel + 2] = unsafe planes[2 * plane + pixel]
      }
    }
    return try unsafe image.span.withUnsafeBufferPointer(body)
  }

  func requireSameSizes() throws(DatasetError) {
    for file in files { try file.requireSameSize() }
  }

  func willNeed(_ images: Range<Int>) {
    forEachFile(of: images) { $0.willNeed($1) }
  }

  func readOnlyAsAsked() { for file in files { file.readOnlyAsAsked() } }

  func isDone(with images: Range<Int>) {
    forEachFile(of: images) { $0.isDone(with: $1) }
  }

  /// The bytes of images in each file that has some of them.
  private func forEachFile(of images: Range<Int>, _ body: (FileMapping, Range<Int>) -> Void) {
    for (file, start) in zip(files, first) {
      let inFile = unsafe start..<start + file.bytes.count / version.recordSize
      let some = images.clamped(to: inFile)
      guard !some.isEmpty else { continue }
      body(
        file,
        (some.lowerBound - start) * version.recordSize..<(some.upperBound - start)
          * version.recordSize)
    }
  }
}
