import ConvoyPictures
import ConvoyTestSupport
import Foundation
import Testing

@testable import ConvoyDatasets

@Suite("Packed files of pictures")
struct PackedFilesTests {
  private let directory: TemporaryDirectory
  private let options: PictureOptions

  /// Pictures of several sizes in three parts, which become 4 rows of 3 pixels.
  init() throws {
    directory = try TemporaryDirectory()
    var generator = SeededGenerator(seed: 5)
    for (part, count) in [("train", 5), ("val", 2), ("test", 3)] {
      for label in ["a", "b"] {
        for number in 0..<count {
          try directory.write(
            Self.picture(&generator), to: "pictures/\(part)/\(label)/\(number).png")
        }
      }
    }
    var options = PictureOptions()
    options.size = ImageSize(height: 4, width: 3)
    self.options = options
  }

  private static func picture(_ generator: inout SeededGenerator) -> [UInt8] {
    let (width, height) = (generator.integer(in: 2...7), generator.integer(in: 2...7))
    let bytes = (0..<width * height * 3).map { _ in UInt8(generator.integer(in: 0...255)) }
    return PNGFile.encode(Picture(width: width, height: height, channels: 3, bytes: bytes))
  }

  private var pictures: String { directory.path(of: "pictures") }
  private var packed: String { directory.path(of: "packed") }

  private func bytes() throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: packed))) }

  /// Of the contents alone.
  private func expectEqual(_ one: ImageSet?, _ other: ImageSet?) {
    #expect(one?.pixels == other?.pixels && one?.labels == other?.labels)
    #expect(one?.classNames == other?.classNames && one?.fit == other?.fit)
    #expect(one?.shape == other?.shape)
  }

  private func expectEqual(_ one: Dataset, _ other: Dataset) {
    expectEqual(one.training, other.training)
    expectEqual(one.test, other.test)
    expectEqual(one.validation, other.validation)
    #expect(one.classes == other.classes)
  }

  @Test("All parts are as they are read from the folder, mapped or not", arguments: [0, 1 << 30])
  func parts(smallestMapping: Int) throws {
    let contents = try Dataset.pack(pictures, to: packed, pictures: options)
    #expect(contents.training == 10 && contents.validation == 4 && contents.test == 6)
    let folder = try Dataset.load(from: pictures, pictures: options)
    let file = try FileMapping.$smallestSize.withValue(smallestMapping) {
      try Dataset.load(from: packed)
    }
    #expect(file.training.pixels.isMapped == (smallestMapping == 0))
    expectEqual(file, folder)
    for split in Dataset.Split.allCases {
      expectEqual(
        try Dataset.load(split, from: packed),
        try Dataset.load(split, from: pictures, pictures: options))
    }
    // A trained network's labels, by name.
    let input = TrainedInput(
      shape: folder.test.shape, fit: .stretch, classes: 2, classNames: ["b", "a"])
    let test = try Dataset.loadTest(from: packed, for: input).images
    #expect(test.labels == folder.test.labels.map { 1 - $0 } && test.classNames == ["b", "a"])
  }

  /// The group is as many pictures as there are cores, so that there are several.
  @Test("Pictures are written in order, group by group")
  func groups() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: "\(pictures)/train/a") {
      for copy in 0..<40 {
        try FileManager.default.copyItem(
          atPath: "\(pictures)/train/a/\(name)", toPath: "\(pictures)/train/a/\(copy)-\(name)")
      }
    }
    let folder = try #require(
      try PictureFolder(directory: pictures, entries: ["test", "train", "val"]))
    let table = try folder.pack(to: packed, options, groupBytes: 1, NoPictureObserver())
    #expect(table.labels.count == 220)
    expectEqual(try Dataset.load(from: packed), try Dataset.load(from: pictures, pictures: options))
  }

  @Test("A test fraction is drawn when the file is made, or by each run: the same images")
  func fraction() throws {
    try directory.remove("pictures/test")
    let whole = try Dataset.load(from: pictures, testFraction: 0.4, seed: 3, pictures: options)
    _ = try Dataset.pack(pictures, to: packed, pictures: options)
    expectEqual(try Dataset.load(from: packed, testFraction: 0.4, seed: 3), whole)
    #expect(throws: DatasetError.noTestPart(file: packed)) { try Dataset.load(from: packed) }
    #expect(try Dataset.load(from: packed, requiring: .testOrValidation).test.count == 0)
    _ = try Dataset.pack(pictures, to: packed, testFraction: 0.4, seed: 3, pictures: options)
    expectEqual(try Dataset.load(from: packed), whole)
    #expect(throws: DatasetError.testPartPresent(file: packed)) {
      try Dataset.load(from: packed, testFraction: 0.4)
    }
  }

  @Test("Unreadable pictures are refused or left out")
  func unreadable() throws {
    try directory.write([1, 2, 3], to: "pictures/train/a/3.png")
    #expect(throws: DatasetError.self) {
      try Dataset.pack(pictures, to: packed, pictures: options)
    }
    #expect(try directory.names == ["pictures"])
    var skipping = options
    skipping.skipsUnreadable = true
    #expect(try Dataset.pack(pictures, to: packed, pictures: skipping).training == 9)
    expectEqual(
      try Dataset.load(from: packed), try Dataset.load(from: pictures, pictures: skipping))
    for number in 0..<3 { try directory.write([1], to: "pictures/test/b/\(number).png") }
    let error = DatasetError.noPictures(directory: "\(pictures)/test/b", found: 3)
    #expect(throws: error) { try Dataset.pack(pictures, to: packed, pictures: skipping) }
  }

  @Test("Without labels: the test part, or all images where there is none")
  func unlabeled() throws {
    func count() throws -> Int? {
      _ = try Dataset.pack(pictures, to: packed, pictures: options)
      guard case .images(let images) = try UnlabeledImages(at: packed) else { return nil }
      return images.count
    }
    #expect(try count() == 6)
    try FileManager.default.removeItem(atPath: directory.path(of: "pictures/test"))
    #expect(try count() == 14)
  }

  private struct Stop: PictureObserver {
    var isStopped: Bool { true }
    func duringReading(
      _ what: String, total: Int, done: @escaping @Sendable () -> Int, _ body: () -> Void
    ) { body() }
    func skipped(_ errors: [PictureError]) {}
  }

  @Test("Packing that is stopped leaves what was there")
  func stopped() throws {
    try directory.write([7], to: "packed")
    #expect(throws: DatasetError.stopped) {
      try Dataset.pack(pictures, to: packed, pictures: options, observer: Stop())
    }
    // Looking at headers is left at once too.
    #expect(throws: DatasetError.stopped) {
      try Dataset.pack(pictures, to: packed, observer: Stop())
    }
    #expect(try bytes() == [7] && directory.names == ["packed", "pictures"])
  }

  @Test("Other data, options and other files")
  func otherData() throws {
    try directory.write(Samples.mnist.reduce(into: [:]) { $0["idx/\($1.key)"] = $1.value })
    let idx = directory.path(of: "idx")
    let error = DatasetError.noPictureFolder(path: idx)
    #expect(throws: error) { try Dataset.pack(idx, to: packed) }
    #expect(throws: error) { try Dataset.load(from: idx, cache: packed) }
    _ = try Dataset.pack(pictures, to: packed, pictures: options)
    var other = options
    _ = try Dataset.load(from: packed, pictures: options)
    other.fit = .pad
    #expect(throws: packedPictures("stretch", "pad")) {
      try Dataset.load(from: packed, pictures: other)
    }
    other.color = .gray
    #expect(throws: packedPictures("rgb", "gray")) {
      try Dataset.load(from: packed, pictures: other)
    }
    other.size = ImageSize(height: 3, width: 4)
    #expect(throws: packedPictures("4x3", "3x4")) {
      try Dataset.load(from: packed, pictures: other)
    }
    #expect(throws: DatasetError.self) {
      try Dataset.pack(pictures, to: directory.path(of: "none/packed"), pictures: options)
    }
  }

  private func packedPictures(_ expected: String, _ found: String) -> DatasetError {
    .packedPictures(file: packed, expected: expected, found: found)
  }

  @Test("A changed bit and any cut is found")
  func damage() throws {
    _ = try Dataset.pack(pictures, to: packed, pictures: options)
    let whole = try bytes()
    let pixels = 4_096..<4_096 + 20 * 36
    func expectRefusal(_ bytes: [UInt8], _ what: String) throws {
      try directory.write(bytes, to: "packed")
      #expect(throws: DatasetError.self, "\(what)") { _ = try PackedFiles(path: packed) }
    }
    for place in [0, 13, 14, 15, 16, 4_095] + Array(stride(from: 4_096, to: whole.count, by: 7))
      + Array(whole.count - 24..<whole.count)
    {
      var changed = whole
      changed[place] ^= 4
      try expectRefusal(changed, "byte \(place)")
    }
    for count in [16, 4_095, 4_120, pixels.upperBound, whole.count - 24, whole.count - 1] {
      try expectRefusal(Array(whole.prefix(count)), "\(count) bytes")
    }
    try expectRefusal(whole + [0], "a byte more")
    try directory.write(whole, to: "packed")
    _ = try Dataset.load(from: packed)
  }
}
