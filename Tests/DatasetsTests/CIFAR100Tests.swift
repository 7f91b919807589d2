import ConvoyDatasets
import ConvoyTestSupport
import Foundation
import Testing

@Suite("CIFAR-100, binary version, and class names")
struct CIFAR100Tests {
  private let directory: TemporaryDirectory
  private let files = [
    "train.bin": Samples.record(coarse: 4, fine: 30, colour: [1, 2, 3])
      + Samples.record(coarse: 0, fine: 99, colour: [4, 5, 6]),
    "test.bin": Samples.record(coarse: 19, fine: 7, colour: [7, 8, 9]),
  ]

  init() throws { directory = try TemporaryDirectory() }

  private func names(_ count: Int) -> String {
    (0..<count).map { "class \($0)\n" }.joined()
  }

  @Test("Fine labels and all colours", arguments: ["", "cifar-100-binary/"])
  func fineLabels(subdirectory: String) throws {
    for (name, bytes) in files { try directory.write(bytes, to: subdirectory + name) }
    let dataset = try Dataset.load(from: directory.path)
    #expect(dataset.training.shape == ImageShape(channels: 3, height: 32, width: 32))
    #expect(dataset.training.labels == [30, 99])
    #expect(dataset.test.labels == [7])
    #expect(dataset.classes == 100 && dataset.classNames == nil)
    let pixels = [[1, 2, 3], [4, 5, 6]].flatMap { colour in
      (0..<1_024).flatMap { _ in colour as [UInt8] }
    }
    #expect(Array(dataset.training.pixels) == pixels)
    #expect(Array(dataset.test.pixels.prefix(3)) == [7, 8, 9])
  }

  @Test("A name for each class", arguments: ["\n", "\r\n"])
  func classNames(newline: String) throws {
    try directory.write(files)
    // The archive's file ends with an empty line.
    let text = names(100).replacing("\n", with: newline) + newline
    try directory.write(Array(text.utf8), to: "fine_label_names.txt")
    let dataset = try Dataset.load(from: directory.path)
    #expect(dataset.classNames == (0..<100).map { "class \($0)" })
    #expect(try Dataset.load(.test, from: directory.path).classNames == dataset.classNames)
  }

  /// A class without training images keeps its output.
  @Test("CIFAR-10 has as many classes as names")
  func classNames10() throws {
    try directory.write(Samples.record(label: 2, colour: [0, 0, 0]), to: "data_batch_1.bin")
    try directory.write(Samples.record(label: 9, colour: [0, 0, 0]), to: "test_batch.bin")
    try directory.write(Array(names(10).utf8), to: "batches.meta.txt")
    let dataset = try Dataset.load(from: directory.path)
    #expect(dataset.classes == 10 && dataset.classNames?.last == "class 9")
  }

  @Test("Another number of names", arguments: [99, 101])
  func wrongNames(count: Int) throws {
    try directory.write(files)
    let name = "fine_label_names.txt"
    try directory.write(Array(names(count).utf8), to: name)
    expectRefusal(
      of: directory.path,
      with: .classNames(file: directory.path(of: name), expected: 100, found: "\(count)"),
      saying: name, "100", "\(count)")
  }

  @Test("Names that are not UTF-8, or too long")
  func noNames() throws {
    try directory.write(files)
    let name = "fine_label_names.txt"
    try directory.write([0xFF] + Array(names(100).utf8), to: name)
    expectRefusal(
      of: directory.path,
      with: .classNames(
        file: directory.path(of: name), expected: 100, found: "bytes that are not UTF-8"))
    try directory.write(Array(repeating: 0x61, count: 65_537), to: name)
    expectRefusal(
      of: directory.path,
      with: .tooLarge(file: directory.path(of: name), limit: 65_536, dimensions: [65_537]))
  }

  @Test("A file that ends within a record, or has a label of 100")
  func damage() throws {
    try directory.write(files)
    try directory.write([UInt8](repeating: 0, count: 3_073), to: "train.bin")
    let path = directory.path(of: "train.bin")
    expectRefusal(
      of: directory.path, with: .partialRecord(file: path, recordSize: 3_074, found: 3_073))
    let good = Samples.record(coarse: 200, fine: 99, colour: [0, 0, 0])
    try directory.write(
      good + Samples.record(coarse: 0, fine: 100, colour: [0, 0, 0]), to: "train.bin")
    expectRefusal(
      of: directory.path,
      with: .labelOutOfRange(file: path, offset: 3_075, classes: 100, found: 100))
  }

  @Test("One part without the other")
  func incomplete() throws {
    try directory.write(files)
    try directory.remove("test.bin")
    expectRefusal(of: directory.path, with: .noTestPart(file: directory.path))
    try directory.write(files)
    try directory.remove("train.bin")
    expectRefusal(
      of: directory.path,
      with: .incomplete(
        directory: directory.path, dataset: "CIFAR-100", expected: ["train.bin"],
        found: ["test.bin"]))
  }
}
