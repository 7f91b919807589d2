import ConvoyDatasets

/// IDX files of labels, with five images beside them.
struct IDXLabelsReader: FuzzedReader {
  static let seeds = [
    ImageSetFiles.idx(0x801, [5], ImageSetFiles.labels),
    ImageSetFiles.idx(0x801, [5], [0, 255, 9, 46, 1]),
  ]
  static let words: [String] = []

  private let files: ImageSetFiles

  init() throws {
    files = try ImageSetFiles(
      spoiling: ImageSetFiles.labelsName,
      beside: [ImageSetFiles.imagesName: ImageSetFiles.images(rows: 3, columns: 2)])
  }

  static func isRefusal(_ error: any Error) -> Bool { error is DatasetError }

  func read(_ file: [UInt8]) throws {
    let set = try files.read(file)
    try Violation.require(
      set.labels == file.dropFirst(8).map { UInt16($0) }, "labels are not the file's")
    try Violation.require(set.count == 5, "labels are not as many as images")
  }
}
