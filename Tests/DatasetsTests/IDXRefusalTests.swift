import ConvoyDatasets
import ConvoyTestSupport
import Foundation
import Testing

@Suite("IDX files that are refused")
struct IDXRefusalTests {
  private let directory: TemporaryDirectory
  private let images = Samples.trainingImagesName
  private let labels = Samples.trainingLabelsName

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write(Samples.mnist)
  }

  @Test("A plain file cut at any length")
  func truncated() throws {
    let whole = Samples.images(5)
    for length in 0..<whole.count {
      try directory.write(Array(whole.prefix(length)), to: images)
      let expected = length < 4 ? 4 : length < 16 ? 16 : whole.count
      expectRefusal(
        of: directory.path,
        with: .truncated(file: directory.path(of: images), expected: expected, found: length),
        saying: images, "truncated", "\(expected)", "\(length)")
    }
  }

  @Test("A plain file with a byte too many")
  func excess() throws {
    try directory.write(Samples.images(5) + [0], to: images)
    expectRefusal(
      of: directory.path,
      with: .excess(file: directory.path(of: images), expected: 46, foundAtLeast: 47),
      saying: images, "46", "47")
  }

  @Test("Another type of element", arguments: [0x0D03, 0x1_0803, 0x0100_0803] as [UInt32])
  func magicNumber(found: UInt32) throws {
    try directory.write(Samples.header(found, 5, 3, 2) + Samples.pixels(5), to: images)
    expectRefusal(
      of: directory.path,
      with: .wrongMagicNumber(file: directory.path(of: images), expected: 0x803, found: found),
      saying: images, "0x00000803", "0x0")
  }

  @Test("Images in the place of labels")
  func labelsRank() throws {
    try directory.write(Samples.images(5), to: labels)
    expectRefusal(
      of: directory.path, with: .wrongRank(file: directory.path(of: labels), expected: 1, found: 3),
      saying: labels, "1", "3")
  }

  @Test("Labels in the place of images")
  func imagesRank() throws {
    try directory.write(Samples.labels([0, 1]), to: images)
    expectRefusal(
      of: directory.path, with: .wrongRank(file: directory.path(of: images), expected: 3, found: 1),
      saying: images, "3", "1")
  }

  @Test(
    "Images without rows or columns",
    arguments: [(0, 2), (3, 0), (0, 0)] as [(UInt32, UInt32)])
  func zeroSize(rows: UInt32, columns: UInt32) throws {
    try directory.write(Samples.header(0x803, 5, rows, columns), to: images)
    let dimensions = [5, Int(rows), Int(columns)]
    expectRefusal(
      of: directory.path, with: .zeroSize(file: directory.path(of: images), dimensions: dimensions),
      saying: images, "5 × \(rows) × \(columns)")
  }

  @Test("No images, and no labels")
  func emptySet() throws {
    try directory.write(Samples.images(0), to: images)
    expectRefusal(
      of: directory.path, with: .emptySet(file: directory.path(of: images)), saying: images)
    try directory.write(Samples.labels([]), to: labels)
    expectRefusal(
      of: directory.path, with: .emptySet(file: directory.path(of: labels)), saying: labels)
  }

  @Test("Dimensions whose product is over the limit, or over an integer")
  func tooLarge() throws {
    let largest = UInt32.max
    for (count, rows, columns) in [(1 << 20, 1 << 12, 512), (largest, largest, largest)] {
      try directory.write(Samples.header(0x803, count, rows, columns), to: images)
      expectRefusal(
        of: directory.path,
        with: .tooLarge(
          file: directory.path(of: images), limit: 1_099_511_627_776,
          dimensions: [Int(count), Int(rows), Int(columns)]),
        saying: images, "1099511627776", "\(count) × \(rows) × \(columns)")
    }
  }

  @Test("A header that promises gigabytes which the file does not have")
  func hostileHeader() throws {
    let bytes = Samples.header(0x803, 1 << 20, 1 << 6, 1 << 6) + [1, 2, 3]
    try directory.write(bytes, to: images)
    expectRefusal(
      of: directory.path,
      with: .truncated(file: directory.path(of: images), expected: 4_294_967_312, found: 19),
      saying: images, "4294967312", "19")
  }

  @Test("Fewer labels than images")
  func countsDiffer() throws {
    try directory.write(Samples.labels([0, 1, 2, 3]), to: labels)
    expectRefusal(
      of: directory.path,
      with: .countsDiffer(
        imagesFile: directory.path(of: images), images: 5,
        labelsFile: directory.path(of: labels), labels: 4),
      saying: images, labels, "5", "4")
  }

  @Test("Test images of another size")
  func shapesDiffer() throws {
    let name = Samples.testImagesName
    try directory.write(Samples.header(0x803, 2, 2, 3) + Samples.pixels(2), to: name)
    expectRefusal(
      of: directory.path,
      with: .shapesDiffer(
        trainingFile: directory.path(of: images),
        training: ImageShape(channels: 1, height: 3, width: 2),
        testFile: directory.path(of: name), test: ImageShape(channels: 1, height: 2, width: 3)),
      saying: images, name, "1×3×2", "1×2×3")
  }

  @Test("A test label beyond the training labels")
  func unseenTestLabel() throws {
    let name = Samples.testLabelsName
    try directory.write(Samples.labels([3, 4]), to: name)
    expectRefusal(
      of: directory.path,
      with: .unseenTestLabel(file: directory.path(of: name), image: 1, label: 4, classes: 4),
      saying: name, "below 4", "found 4")
  }
}
