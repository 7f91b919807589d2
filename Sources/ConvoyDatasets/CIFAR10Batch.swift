/// One file of CIFAR-10's binary version.
struct CIFAR10Batch {
  let labels: [UInt16]
  private let records: [UInt8]

  static let shape = ImageShape(channels: 3, height: 32, width: 32)
  static let classes = 10
  /// Four gibibytes, which are held in memory.
  static let byteLimit = 4 << 30
  static let recordSize = 1 + shape.pixelCount

  init(_ file: FileSource) throws(DatasetError) {
    let path = file.path
    guard file.byteCount > 0 else { throw .emptySet(file: path) }
    guard file.byteCount <= Self.byteLimit else {
      throw .tooLarge(file: path, limit: Self.byteLimit, dimensions: [file.byteCount])
    }
    guard file.byteCount.isMultiple(of: Self.recordSize) else {
      throw .partialRecord(file: path, recordSize: Self.recordSize, found: file.byteCount)
    }
    let records = try file.take(file.byteCount, at: 0)
    self.records = records
    labels = stride(from: 0, to: records.count, by: Self.recordSize).map { UInt16(records[$0]) }
    if let record = labels.firstIndex(where: { Int($0) >= Self.classes }) {
      throw .labelOutOfRange(
        file: path, offset: record * Self.recordSize, classes: Self.classes,
        found: Int(labels[record]))
    }
  }

  /// The number of pixel bytes in a file of `byteCount` bytes.
  static func pixelBytes(ofFile byteCount: Int) -> Int {
    byteCount / recordSize * shape.pixelCount
  }

  /// Converts the images from colour planes to interleaved channels, and writes them to `target`
  /// from `index` on.
  ///
  /// - Returns: the index after the last pixel.
  func writePixels(to target: UnsafeMutableBufferPointer<UInt8>, from index: Int) -> Int {
    var filled = index
    let planeSize = Self.shape.height * Self.shape.width
    unsafe records.withUnsafeBufferPointer { source in
      for record in stride(from: 0, to: source.count, by: Self.recordSize) {
        let red = record + 1
        let green = red + planeSize
        let blue = green + planeSize
        for place in 0..<planeSize {
          unsafe target[filled] = unsafe source[red + place]
          unsafe target[filled + 1] = unsafe source[green + place]
          unsafe target[filled + 2] = unsafe source[blue + place]
          filled += 3
        }
      }
    }
    return filled
  }
}
