import ConvoyDatasets

/// IDX files of images, with the labels of five images beside them.
struct IDXImagesReader: FuzzedReader {
  static let seeds = [
    ImageSetFiles.images(rows: 3, columns: 2), ImageSetFiles.images(rows: 1, columns: 1),
    ImageSetFiles.images(rows: 28, columns: 28),
  ]
  static let words: [String] = []

  private let files: ImageSetFiles

  init() throws {
    files = try ImageSetFiles(
      spoiling: ImageSetFiles.imagesName,
      beside: [
        ImageSetFiles.labelsName: ImageSetFiles.idx(0x801, [5], ImageSetFiles.labels)
      ])
  }

  static func isRefusal(_ error: any Error) -> Bool { error is DatasetError }

  func read(_ file: [UInt8]) throws {
    let set = try files.read(file)
    try Violation.require(set.pixels.elementsEqual(file.dropFirst(16)), "pixels are not the file's")
    try Violation.require(
      set.count * set.shape.pixelCount == file.count - 16, "sizes are not the file's")
    let header = ImageSetFiles.idx(0x803, [set.count, set.shape.height, set.shape.width], [])
    try Violation.require(file.starts(with: header), "the header is not the file's")
  }
}
