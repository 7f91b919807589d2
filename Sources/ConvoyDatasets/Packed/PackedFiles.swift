import ConvoyCompression
import ConvoyPictures
import Foundation

/// A packed file: all parts of a data set as images of one shape, ready to be mapped.
///
/// Layout: a head of a page with magic bytes and version; the pixels of all images, one after
/// another; a table with shape, class names, labels and parts (`PackedTable`); and an end that says
/// where the table is, with checksums of the pixels and of the rest. That of the pixels is compared
/// where they are read into memory: a file that is mapped is not read as a whole.
final class PackedFiles: DatasetFiles {
  let name: String
  let table: PackedTable
  private let path: String
  private let pixels: PixelBytes

  /// Whether a file begins as packed files of any version do.
  static func isPacked(_ path: String) -> Bool {
    guard let file = try? FileSource(path: path), let start = try? file.upTo(magicSize) else {
      return false
    }
    return start.elementsEqual(PackedFrame.magic.prefix(magicSize))
  }

  private static let magicSize = PackedFrame.magic.count - 2

  init(path: String) throws(DatasetError) {
    self.path = path
    name = path.split(separator: "/").last.map(String.init) ?? path
    let file = try FileSource(path: path)
    let (headSize, endSize) = (PackedFrame.headSize, PackedFrame.endSize)
    func damage(_ place: FilePlace, _ expected: String, _ found: String) -> DatasetError {
      .damaged(file: path, at: place, expected: expected, found: found)
    }
    guard file.byteCount >= headSize + endSize else {
      throw .truncated(file: path, expected: headSize + endSize, found: file.byteCount)
    }
    let head = try file.bytes(0..<headSize)
    guard head.starts(with: PackedFrame.magic) else {
      throw damage(
        .byte(0), "a packed file of version \(PackedFrame.magic[Self.magicSize])",
        DatasetError.quoted(head.prefix(PackedFrame.magic.count)))
    }
    let end = try file.bytes(file.byteCount - endSize..<file.byteCount)
    var reader = ByteReader(end)
    let (offset, length) = (reader.number(8) ?? 0, reader.number(8) ?? 0)
    let (pixelSum, sum) = (reader.number(4) ?? 0, reader.number(4) ?? 0)
    let most = UInt64(file.byteCount - endSize)
    guard offset >= UInt64(headSize), offset <= most, length == most - offset else {
      throw damage(
        .byte(file.byteCount - endSize), "the place of a table that ends there",
        "\(length) bytes at \(offset): the file is truncated or damaged")
    }
    // The table, its labels and its listing apart.
    try file.verifyMemory(byteCount: 3 * Int(length))
    let bytes = try file.bytes(Int(offset)..<Int(most))
    func require(_ sum: UInt64, of part: String, is expected: UInt32) throws(DatasetError) {
      guard sum != UInt64(expected) else { return }
      throw damage(
        .whole, "the checksum \(String(expected, radix: 16)) of \(part)", String(sum, radix: 16))
    }
    try require(
      sum, of: "head and table",
      is: PackedFrame.checksum(head: head, bytes, end: end.dropLast(4)))
    let pixelBytes = headSize..<Int(offset)
    table = try PackedTable(
      bytes, pixelBytes: pixelBytes.count, file: path, at: pixelBytes.upperBound)
    if let mapping = FileMapping.ofLarge(file, pixelBytes) {
      pixels = PixelBytes(mapping)
    } else {
      try file.verifyMemory(byteCount: pixelBytes.count)
      let bytes = try file.bytes(pixelBytes, lasts: true)
      try require(pixelSum, of: "its pixels", is: Checksum(of: bytes).value)
      pixels = PixelBytes(bytes)
    }
  }

  /// Throws if options ask for other images than the file has. What they leave open is the file's.
  func require(_ options: PictureOptions) throws(DatasetError) {
    func require(_ text: String?, is packed: String) throws(DatasetError) {
      guard let text, text != packed else { return }
      throw .packedPictures(file: path, expected: packed, found: text)
    }
    let (height, width) = (table.shape.height, table.shape.width)
    try require(
      options.size.map { "\($0.height)x\($0.width)" }, is: "\(height)x\(width)")
    try require(
      options.color?.rawValue,
      is: (table.shape.channels == 1 ? PictureColor.gray : PictureColor.rgb).rawValue)
    try require(
      options.fit == .stretch ? nil : options.fit.rawValue, is: table.fit.rawValue)
  }

  func imagesPath(of split: Dataset.Split) -> String { path }

  func labelsPath(of split: Dataset.Split) -> String { path }

  func hasTestPart() -> Bool { table.parts.contains(.test) }

  func hasValidationPart() -> Bool { table.parts.contains(.validation) }

  func readValidation() -> ImageSet? { images(of: .validation) }

  func read(_ split: Dataset.Split) throws(DatasetError) -> ImageSet {
    guard let images = images(of: split == .training ? .training : .test) else {
      throw .incomplete(
        directory: path, dataset: "a packed file", expected: ["\(split.rawValue) images"],
        found: ["other parts"])
    }
    return images
  }

  func readUnlabeled() -> ImageSet {
    let images = images(of: .test)
    return ImageSet(
      shape: table.shape, unlabeled: images?.pixels ?? pixels, fit: table.fit, imagesFile: path)
  }

  /// Nil if there are none.
  private func images(of part: PackedTable.Part) -> ImageSet? {
    let all = ImageSet(
      shape: table.shape, pixels: pixels, labels: table.labels, classNames: table.classNames,
      fit: table.fit, imagesFile: path, labelsFile: path)
    let numbers = table.parts.indices.filter { table.parts[$0] == part }
    if numbers.isEmpty { return nil }
    return all.selecting(numbers)
  }
}
