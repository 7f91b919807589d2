import ConvoyTestSupport
import Foundation
import Testing

@testable import ConvoyDatasets

@Suite("NumPy's arrays", .mappingSmallFiles)
struct NumPyTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  static func fixture(_ name: String) throws -> [UInt8] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    return Array(try Data(contentsOf: folder.appending(path: "Fixtures/\(name)")))
  }

  private func copy(_ fixture: String, to name: String) throws {
    try directory.write(try Self.fixture(fixture), to: name)
  }

  private func expectSample(_ dataset: Dataset) {
    let shape = ImageShape(channels: 1, height: 3, width: 2)
    #expect(dataset.training.shape == shape && dataset.test.shape == shape)
    #expect(dataset.training.pixels == PixelBytes(Samples.pixels(5)))
    #expect(dataset.training.labels == Samples.trainingLabels)
    #expect(dataset.test.pixels == PixelBytes(Samples.pixels(2, seed: 100)))
    #expect(dataset.test.labels == Samples.testLabels)
    #expect(dataset.classes == 4)
  }

  @Test("Archives, by directory and by file", arguments: ["stored.npz", "deflated.npz"])
  func archive(name: String) throws {
    try copy(name, to: name)
    let dataset = try Dataset.load(from: directory.path)
    expectSample(dataset)
    expectSample(try Dataset.load(from: directory.path(of: name)))
    // Stored entries are mapped.
    #expect(dataset.training.pixels.isMapped == (name == "stored.npz"))
  }

  @Test("Entries with data descriptors, written to a pipe")
  func descriptors() throws {
    try copy("descriptors.npz", to: "a.npz")
    let set = try Dataset.load(.training, from: directory.path)
    #expect(set.pixels == PixelBytes(Samples.pixels(5)))
    #expect(set.labels == Samples.trainingLabels)
  }

  @Test(
    "Files of all versions and orders",
    arguments: [
      "version1", "version2", "version3", "fortran",
    ])
  func files(name: String) throws {
    try copy("\(name).npy", to: "x_train.npy")
    try copy("labels_u1.npy", to: "y_train.npy")
    let set = try Dataset.load(.training, from: directory.path)
    #expect(set.shape == ImageShape(channels: 1, height: 3, width: 2))
    #expect(set.pixels == PixelBytes(Samples.pixels(5)))
    #expect(set.pixels.isMapped == (name != "fortran"))
  }

  /// Half a test part is an error; none is as for images that are not divided.
  @Test("Arrays for training alone, under the names of both parts")
  func trainingAlone() throws {
    try copy("version1.npy", to: "x_train.npy")
    try copy("labels_u1.npy", to: "y_train.npy")
    #expect(throws: DatasetError.noTestPart(file: directory.path)) {
      try Dataset.load(from: directory.path)
    }
    #expect(try Dataset.load(from: directory.path, requiring: .nothing).training.count == 5)
    try copy("version1.npy", to: "x_test.npy")
    let error = #expect(throws: DatasetError.self) { try Dataset.load(from: directory.path) }
    #expect(error.map { "\($0)".contains("y_test.npy") } == true)
  }

  @Test(
    "Channels last, in either order, and channels first",
    arguments: [
      "color", "fortran_color", "channels_first",
    ])
  func color(name: String) throws {
    try directory.write(try Self.fixture("\(name).npy"), to: "file")
    let images = try NPYArray.images(try FileSource(path: directory.path(of: "file")))
    #expect(images.shape == ImageShape(channels: 3, height: 5, width: 4))
    #expect(images.count == 2)
    #expect(images.pixels == PixelBytes((0..<120).map { UInt8(truncatingIfNeeded: $0 * 37) }))
  }

  private static let integerTypes = [
    "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "big_u2", "big_i4", "column",
  ]

  @Test("Labels of all integer types", arguments: integerTypes)
  func labels(type: String) throws {
    try directory.write(try Self.fixture("labels_\(type).npy"), to: "file")
    let file = try FileSource(path: directory.path(of: "file"))
    #expect(try NPYArray.labels(file) == Samples.trainingLabels)
  }

  @Test("Labels up to 65,535")
  func wideLabels() throws {
    try directory.write(try Self.fixture("labels_wide.npy"), to: "file")
    let file = try FileSource(path: directory.path(of: "file"))
    #expect(try NPYArray.labels(file) == [0, 65_535, 256, 2, 3])
  }

  /// The array as the labels of five images, or as the images of five labels.
  private func refusal(images: String = "version1", labels: String = "labels_u1") throws -> String {
    try copy("\(images).npy", to: "images.npy")
    try copy("\(labels).npy", to: "labels.npy")
    let error = #expect(throws: DatasetError.self) {
      try Dataset.load(.training, from: directory.path)
    }
    return error?.description ?? ""
  }

  @Test("Types and numbers that do not fit are named")
  func wrongTypes() throws {
    let float = try refusal(images: "float")
    #expect(float.contains("images.npy: header: expected images of type uint8"), "\(float)")
    #expect(
      float.contains("astype(\"uint8\")") && float.hasSuffix("found float32 (<f4)"),
      "\(float.suffix(80))")
    #expect(try refusal(images: "bool").hasSuffix("found bool (|b1)"))
    #expect(try refusal(labels: "float").contains("expected labels of an integer type"))
    let negative = try refusal(labels: "labels_negative")
    #expect(
      negative.hasSuffix("byte 132: expected a label from 0 to 65535, found -1"), "\(negative)")
    let large = try refusal(labels: "labels_large")
    #expect(large.hasSuffix("byte 144: expected a label from 0 to 65535, found 65536"), "\(large)")
    #expect(try refusal(labels: "color").contains("expected one label for each image"))
    #expect(try refusal(images: "labels_u1").contains("expected images × rows × columns"))
    let count = try refusal(images: "color")
    #expect(count.contains("expected 2 labels, as many as images in"), "\(count)")
  }

  /// A header as NumPy writes it, with its text replaced, and the data of two images of 3×1.
  private func array(_ text: String, bytes: [UInt8] = [1, 2, 3, 4, 5, 6]) -> [UInt8] {
    [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8) + bytes
  }

  private static let sound = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 1), }\n"
  private static let variants = [
    sound, "{\"shape\":(2,3,1,),\"descr\":\"u1\",\"fortran_order\":False}",
    "{ 'shape' : ( 2 , 3 , 1 ) , 'fortran_order' : False , 'descr' : '|u1' } ",
  ]

  @Test("Headers written in other ways", arguments: variants)
  func headers(text: String) throws {
    try directory.write(array(text), to: "file")
    let images = try NPYArray.images(try FileSource(path: directory.path(of: "file")))
    #expect(Array(images.pixels) == [1, 2, 3, 4, 5, 6])
    #expect(images.shape == ImageShape(channels: 1, height: 3, width: 1))
  }

  private static let damaged = [
    "", "{", "{}", "{'descr': '|u1', 'fortran_order': False}",
    sound + "x", sound.replacing("False", with: "false"),
    sound.replacing("'|u1'", with: "[('a', '|u1')]"),
    sound.replacing("(2, 3, 1)", with: "[2, 3, 1]"), sound.replacing("2,", with: "-2,"),
    sound.replacing("2,", with: "99999999999999999999,"),
    sound.replacing("'shape'", with: "'descr': '|u1', 'shape'"), sound.replacing(", }", with: ""),
    sound.replacing("'shape'", with: "'shop'"), sound.replacing("'shape'", with: "shape"),
  ]

  @Test("Headers that are no dictionary of the three keys", arguments: damaged)
  func damagedHeaders(text: String) throws {
    try directory.write(array(text), to: "file")
    let file = try FileSource(path: directory.path(of: "file"))
    do {
      _ = try NPYArray.images(file)
      Issue.record("nothing was refused")
    } catch .damaged(let path, .byte(let offset), _, _) {
      #expect(path == file.path && (10...10 + text.utf8.count).contains(offset))
    }
  }

  private static let shapes: [(shape: String, words: String)] = [
    ("(0, 3, 1)", "empty"), ("(2, 0, 1)", "found 2 × 0 × 1"), ("(2, 3)", "found (2, 3)"),
    ("(2, 3, 1, 1)", "1 or 3 channels"), ("(2, 2, 2, 2)", "1 or 3 channels"),
    ("(2, 1, 1, 3)", "since both could be channels"),
    ("(2, 4, 1)", "truncated: expected"), ("(2, 2, 1)", "too long: expected"),
    ("(4294967296, 4294967296, 3)", "too large"), ("(9223372036854775807, 1, 1)", "too large"),
    ("(99999999, 999, 99)", "truncated"),
  ]

  @Test("Shapes that are none of images, or not the file's", arguments: shapes)
  func wrongShapes(shape: String, words: String) throws {
    try directory.write(array(Self.sound.replacing("(2, 3, 1)", with: shape)), to: "file")
    let file = try FileSource(path: directory.path(of: "file"))
    do {
      _ = try NPYArray.images(file)
      Issue.record("nothing was refused")
    } catch {
      #expect(error.description.contains(words), "\(error)")
    }
  }

  @Test("A file cut at any length")
  func cut() throws {
    let whole = try Self.fixture("version2.npy")
    for length in 0..<whole.count {
      try directory.write(Array(whole.prefix(length)), to: "file")
      let file = try FileSource(path: directory.path(of: "file"))
      #expect(throws: DatasetError.self) { try NPYArray.images(file) }
    }
  }
}
