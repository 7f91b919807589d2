/// One file of CIFAR-10's binary version, its images turned from planes into interleaved channels.
struct CIFAR10Batch {
  let pixels: [UInt8]
  let labels: [UInt8]

  static let shape = ImageShape(channels: 3, height: 32, width: 32)
  static let classes = 10
  static let recordSize = 1 + shape.pixelCount

  init(path: String) throws(DatasetError) {
    let file = try FileSource(path: path)
    guard file.byteCount > 0 else { throw .emptySet(file: path) }
    guard file.byteCount <= IDXFile.byteLimit else {
      throw .tooLarge(file: path, limit: IDXFile.byteLimit, dimensions: [file.byteCount])
    }
    guard file.byteCount.isMultiple(of: Self.recordSize) else {
      throw .partialRecord(file: path, recordSize: Self.recordSize, found: file.byteCount)
    }
    let records = try file.take(file.byteCount, at: 0)
    labels = stride(from: 0, to: records.count, by: Self.recordSize).map { records[$0] }
    if let record = labels.firstIndex(where: { Int($0) >= Self.classes }) {
      throw .labelOutOfRange(
        file: path, offset: record * Self.recordSize, classes: Self.classes,
        found: Int(labels[record]))
    }
    pixels = Self.interleaved(records)
  }

  private static func interleaved(_ records: [UInt8]) -> [UInt8] {
    let count = records.count / recordSize
    let planeSize = shape.height * shape.width
    return [UInt8](unsafeUninitializedCapacity: count * shape.pixelCount) { target, filled in
      records.withUnsafeBufferPointer { source in
        for record in 0..<count {
          let red = record * recordSize + 1
          let green = red + planeSize
          let blue = green + planeSize
          for place in 0..<planeSize {
            target[filled] = source[red + place]
            target[filled + 1] = source[green + place]
            target[filled + 2] = source[blue + place]
            filled += 3
          }
        }
      }
    }
  }
}
