/// Class names in a text file: a line for each class, in the order of the labels.
enum ClassNames {
  private static let byteLimit = 1 << 16

  static func read(_ path: String, count: Int) throws(DatasetError) -> [String] {
    let file = try FileSource(path: path)
    guard file.byteCount <= byteLimit else {
      throw .tooLarge(file: path, limit: byteLimit, dimensions: [file.byteCount])
    }
    let bytes = try file.take(file.byteCount, at: 0)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .classNames(file: path, expected: count, found: "bytes that are not UTF-8")
    }
    // CIFAR-10's file ends with an empty line.
    let names = text.split(whereSeparator: \.isNewline).map(String.init)
    guard names.count == count else {
      throw .classNames(file: path, expected: count, found: "\(names.count)")
    }
    return names
  }
}
