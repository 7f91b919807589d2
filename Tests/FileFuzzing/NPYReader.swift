import ConvoyDatasets
import ConvoyTestSupport

/// NumPy's arrays of images, with the labels of five images beside them.
struct NPYReader: FuzzedReader {
  static let seeds = [
    array("|u1", "5, 3, 2", images(30)), array("|u1", "5, 3, 2", images(30), isFortran: true),
    array("|u1", "5, 6, 4, 3", images(360)), array("|u1", "5, 3, 2, 2", images(60)),
    array("|u1", "5, 6, 4, 3", images(360), isFortran: true),
  ]
  static let labels = array("<i2", "5,", ImageSetFiles.labels.flatMap { [$0, 0] })
  static let words = [
    "True", "False", "(5, 2, 1, 3)", "(5, 1, 30)", "'|u1'", "'<u2'", "'<f4'", "'descr': ", "(", ")",
    ", ", "{", "}", "'shape': ", "9223372036854775807",
  ]

  private static func images(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }
  }

  static func array(
    _ type: String, _ shape: String, _ bytes: [UInt8], isFortran: Bool = false
  ) -> [UInt8] {
    let order = isFortran ? "True" : "False"
    let text = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(shape)), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
      + bytes
  }

  private let files: ImageSetFiles

  init() throws {
    files = try ImageSetFiles(spoiling: "images.npy", beside: ["labels.npy": Self.labels])
  }

  static func isRefusal(_ error: any Error) -> Bool { error is DatasetError }

  /// In half of the cases the array keeps its length, since any other is refused at once.
  static func mutant(of file: [UInt8], _ mutator: inout Mutator) throws -> [UInt8] {
    let mutant = mutator.mutant(of: file)
    guard mutator.generator.chance(of: 0.5) else { return mutant }
    return Array((mutant + file).prefix(file.count))
  }

  func read(_ file: [UInt8]) throws {
    let set = try files.read(file)
    try Violation.require(
      set.count == 5 && set.pixels.count == 5 * set.shape.pixelCount, "sizes are not the file's")
    // In any order of axes.
    try Violation.require(
      set.pixels.sorted() == file.suffix(set.pixels.count).sorted(), "pixels are not the file's")
  }
}
