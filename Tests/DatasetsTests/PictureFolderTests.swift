import ConvoyPictures
import ConvoyTestSupport
import Foundation
import Synchronization
import Testing

@testable import ConvoyDatasets

@Suite("Folders of pictures")
struct PictureFolderTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Writes a picture of one colour as PNG.
  private func write(
    _ name: String, _ color: [UInt8], width: Int = 3, height: Int = 2
  ) throws {
    let bytes = (0..<width * height).flatMap { _ in color }
    try directory.write(
      PNGFile.encode(
        Picture(width: width, height: height, channels: color.count, bytes: bytes)), to: name)
  }

  private func load(
    testFraction: Double? = nil, _ options: PictureOptions = PictureOptions(),
    _ observer: any PictureObserver = NoPictureObserver()
  ) throws(DatasetError) -> Dataset {
    try Dataset.load(
      from: directory.path, testFraction: testFraction, seed: 1, pictures: options,
      observer: observer)
  }

  /// Networks that a program trained on its own data, or that were imported.
  @Test("Networks for other images than pictures, or with more outputs than labels")
  func networksForOthers() throws {
    for name in ["0/a.png", "1/b.png"] { try write(name, [7]) }
    func expect(_ error: DatasetError, _ shape: ImageShape, classes: Int = 2) {
      let input = TrainedInput(shape: shape, fit: nil, classes: classes, classNames: nil)
      #expect(throws: error) { try Dataset.loadTest(from: directory.path, for: input) }
      guard case .takesNoPictures = error else { return }
      #expect(throws: error) {
        try ImageSet.pictures(
          [directory.path(of: "0/a.png")], areMeant: true, for: input, inverted: false,
          skipsUnreadable: false, observer: NoPictureObserver())
      }
    }
    for shape in [
      ImageShape(channels: 2, height: 8, width: 8),
      ImageShape(channels: 1, height: 1, width: 40000),
    ] {
      expect(.takesNoPictures(shape), shape)
    }
    let pixel = ImageShape(channels: 1, height: 1, width: 1)
    expect(.tooManyClasses(directory: directory.path, found: 70_000), pixel, classes: 70_000)
  }

  private func expectRefusal(_ error: DatasetError, _ options: PictureOptions = PictureOptions()) {
    #expect(throws: error) { try load(options) }
  }

  /// The grey of each image, which tells them apart.
  private func greys(_ images: ImageSet) -> [UInt8] {
    stride(from: 0, to: images.pixels.count, by: images.shape.pixelCount).map { images.pixels[$0] }
  }

  private func writeParts() throws {
    try write("train/b/1.png", [10])
    try write("train/b/2.png", [11])
    try write("train/a/more/1.png", [12])
    try write("train/a/1.png", [13])
    try write("valid/a/1.png", [14])
    try write("test/b/1.png", [15])
    try write("test/a/1.png", [16])
  }

  @Test("Classes are the training folders by name; nested folders are walked")
  func parts() throws {
    try writeParts()
    try directory.write(Array("notes".utf8), to: "train/a/notes.txt")
    try directory.write([1, 2], to: "train/a/.hidden.png")
    try write("train/.hidden/1.png", [99])
    let dataset = try load()
    #expect(dataset.classNames == ["a", "b"] && dataset.classes == 2)
    #expect(dataset.training.shape == ImageShape(channels: 1, height: 2, width: 3))
    #expect(greys(dataset.training) == [13, 12, 10, 11])
    #expect(dataset.training.labels == [0, 0, 1, 1])
    #expect(greys(dataset.test) == [16, 15] && dataset.test.labels == [0, 1])
    let validation = try #require(dataset.validation)
    #expect(greys(validation) == [14] && validation.labels == [0])
    #expect(validation.classNames == ["a", "b"])
  }

  /// By their first bytes; two bytes of a PPM or BMP may be chance.
  @Test("A damaged PNG picture counts under any name", arguments: ["x.jfif", "x.png_large", "x"])
  func damagedUnderAnyName(name: String) throws {
    try writeParts()
    try directory.write([137, 80, 78, 71, 13, 10, 26, 10, 0], to: "train/a/\(name)")
    try directory.write(Array("P5 notes".utf8), to: "train/a/notes.txt")
    let error = #expect(throws: DatasetError.self) { try load() }
    guard case .unreadablePictures(let errors, of: _)? = error else {
      Issue.record("found \(String(describing: error))")
      return
    }
    #expect(errors.map(\.path) == ["\(directory.path)/train/a/\(name)"])
  }

  @Test("Without parts, a fraction of each class is for tests")
  func fraction() throws {
    for number in 0..<10 {
      try write("left/\(number).png", [UInt8(number)])
      try write("right/\(number).png", [UInt8(100 + number)])
    }
    #expect(throws: DatasetError.noTestPart(file: directory.path)) { try load() }
    let dataset = try load(testFraction: 0.3)
    #expect(dataset.test.labels == [0, 0, 0, 1, 1, 1])
    #expect(dataset.training.count == 14)
    #expect(dataset.training.classNames == ["left", "right"])
    #expect(dataset.test.fit == .stretch)
    #expect(Set(greys(dataset.training) + greys(dataset.test)).count == 20)
  }

  @Test("A class that training lacks, and one without pictures")
  func classes() throws {
    try writeParts()
    try write("valid/c/1.png", [1])
    expectRefusal(
      .unknownClass(directory: "\(directory.path)/valid/c", classes: ["a", "b"]))
    try directory.remove("valid/c")
    try directory.write(Array("no picture".utf8), to: "train/c/notes.txt")
    expectRefusal(.noPictures(directory: "\(directory.path)/train/c", found: 1))
  }

  @Test("Pictures without class folders, and folders without pictures")
  func noClasses() throws {
    try write("1.png", [1])
    expectRefusal(.noClassFolders(directory: directory.path))
    try directory.remove("1.png")
    try directory.write([1], to: "a/1")
    #expect(throws: DatasetError.self) { try load() }
    try write("val/a/1.png", [1])
    try write("valid/a/1.png", [1])
    try write("train/a/1.png", [1])
    expectRefusal(.ambiguous(directory: directory.path, found: ["val", "valid"]))
  }

  @Test("Two names for the folder that it is in")
  func loop() throws {
    try write("a/1.png", [1])
    symlink(directory.path(of: "a"), directory.path(of: "a/again"))
    #expect(throws: DatasetError.self) { try load(testFraction: 0.5) }
  }

  @Test("Sizes that differ are listed, and made one")
  func sizes() throws {
    try writeParts()
    try write("train/b/3.png", [17], width: 30, height: 20)
    try write("test/b/2.png", [18], width: 5, height: 5)
    expectRefusal(
      .sizesDiffer(
        directory: directory.path,
        found: "2x3 (7 pictures), 5x5 (1 picture), 20x30 (1 picture)"))
    var options = PictureOptions()
    options.size = ImageSize("4x6")
    options.fit = .pad
    let dataset = try load(options)
    #expect(dataset.training.shape == ImageShape(channels: 1, height: 4, width: 6))
    #expect(greys(dataset.training) == [13, 12, 10, 11, 17])
    // 5×5 pictures become 4×4 in the middle, with a column of black on either side.
    let last = dataset.test.pixels.suffix(6)
    #expect(Array(last) == [0, 18, 18, 18, 18, 0])
    #expect(dataset.test.fit == .pad)
  }

  @Test("Grey only if all pictures are")
  func color() throws {
    try writeParts()
    try write("test/b/2.png", [200, 100, 50])
    #expect(try load().training.shape.channels == 3)
    var options = PictureOptions()
    options.color = .gray
    // (19,595 · 200 + 38,470 · 100 + 7,471 · 50 + 32,768) / 65,536
    #expect(greys(try load(options).test) == [16, 15, 124])
    options.color = .rgb
    let dataset = try load(options)
    #expect(Array(dataset.test.pixels.suffix(3)) == [200, 100, 50])
    #expect(Array(dataset.test.pixels.prefix(3)) == [16, 16, 16])
  }

  /// What an observer was told.
  private final class Record: PictureObserver {
    let skipped = Mutex<[PictureError]>([])
    let totals = Mutex<[Int]>([])

    func duringReading(
      _ what: String, total: Int, done: @escaping @Sendable () -> Int, _ body: () -> Void
    ) {
      body()
      #expect(done() == total)
      totals.withLock { $0.append(total) }
    }

    func skipped(_ errors: [PictureError]) { skipped.withLock { $0 += errors } }
  }

  @Test("Pictures that cannot be read are named, or left out and listed")
  func unreadable() throws {
    try writeParts()
    let png = PNGFile.encode(Picture(width: 3, height: 2, channels: 1, bytes: [1, 2, 3, 4, 5, 6]))
    try directory.write(Array(png.prefix(png.count - 20)), to: "train/a/0.png")
    try directory.write(Array("not a picture".utf8), to: "train/b/1.jpg")
    do {
      _ = try load()
      Issue.record("expected a refusal")
    } catch {
      guard case .unreadablePictures(let errors, of: 6) = error else {
        Issue.record("expected unreadable pictures, found \(error)")
        return
      }
      #expect(errors.count == 2)
      #expect("\(error)".hasPrefix("\(directory.path)/train/a/0.png: "))
      #expect("\(error)".hasSuffix("; 1 more of 6 files cannot be read"))
    }
    var options = PictureOptions()
    options.skipsUnreadable = true
    let record = Record()
    let dataset = try load(options, record)
    #expect(greys(dataset.training) == [13, 12, 11, 10] || greys(dataset.training).count == 4)
    #expect(dataset.training.labels == [0, 0, 1, 1])
    #expect(record.skipped.withLock(\.count) == 2)
    #expect(record.totals.withLock(\.self).last == 1)
  }

  /// A JPEG's name says nothing: what counts is what the file begins with.
  @Test("The kind is told by the contents")
  func kind() throws {
    try write("a/picture.jpg", [7])
    try write("a/extensionless", [8])
    try write("b/1.bmp", [9])
    var options = PictureOptions()
    options.color = .gray
    let (images, origin) = try Dataset.loadTest(
      from: directory.path,
      for: TrainedInput(
        shape: ImageShape(channels: 1, height: 2, width: 3), fit: nil, classes: 2,
        classNames: ["a", "b"]))
    #expect(origin == .all)
    #expect(greys(images) == [8, 7, 9] && images.labels == [0, 0, 1])
  }

  @Test("Parts have capitals, trains are a class, and names differ in more than bytes")
  func names() throws {
    try write("Train/a/1.png", [1])
    try write("Train/b/1.png", [1])
    try write("TEST/a/1.png", [2])
    #expect(greys(try load().test) == [2])
    try directory.remove("Train")
    try directory.remove("TEST")
    for name in ["bus", "train"] { for n in 0..<4 { try write("\(name)/\(n).png", [3]) } }
    #expect(try load(testFraction: 0.5).classNames == ["bus", "train"])
    try write("\u{E9}/1.png", [4])
    try write("e\u{301}/1.png", [5])
    expectRefusal(.equalNames(directory: directory.path, name: "\u{E9}"))
  }

  @Test("Another data set beside the folders")
  func ambiguity() throws {
    try writeParts()
    try directory.write(Array("label,p\n1,2\n".utf8), to: "train.csv")
    #expect(throws: DatasetError.self) { try load() }
  }

  @Test("The test fraction of a run can be read again")
  func sameFraction() throws {
    for number in 0..<10 {
      try write("left/\(number).png", [UInt8(number)])
      try write("right/\(number).png", [UInt8(100 + number)])
    }
    let test = try load(testFraction: 0.3).test
    let input = TrainedInput(
      shape: test.shape, fit: test.fit, classes: 2, classNames: ["left", "right"])
    let again = try Dataset.loadTest(from: directory.path, for: input, testFraction: 0.3, seed: 1)
    #expect(again.images == test && again.origin == .part)
    #expect(try Dataset.loadTest(from: directory.path, for: input).images.count == 20)
    // The network's own fraction is that of the same data.
    let dataset = try load(testFraction: 0.3)
    let checksum = try #require(dataset.testPart?.checksum)
    for (images, checksum, isTheSame) in [
      (20, nil, true), (20, checksum, true), (20, checksum + 1, false), (21, nil, false),
    ] as [(Int, UInt32?, Bool)] {
      let own = TrainedInput(
        shape: test.shape, fit: test.fit, classes: 2, classNames: input.classNames,
        testPart: TestPart(fraction: 0.3, seed: 1, of: images, checksum: checksum))
      let found = try Dataset.loadTest(from: directory.path, for: own)
      #expect(found.origin == (isTheSame ? .partOfTheRun : .changed))
      if isTheSame { #expect(found.images == test) } else { #expect(found.images.count == 20) }
    }
    // Pictures that have other names now: another fraction would be taken.
    try FileManager.default.moveItem(
      atPath: directory.path(of: "left/0.png"), toPath: directory.path(of: "left/99.png"))
    let own = TrainedInput(
      shape: test.shape, fit: test.fit, classes: 2, classNames: input.classNames,
      testPart: dataset.testPart)
    #expect(try Dataset.loadTest(from: directory.path, for: own).origin == .changed)
  }

  @Test("A trained network's classes are matched by name")
  func trained() throws {
    try writeParts()
    func images(_ names: [String]?) throws(DatasetError) -> ImageSet {
      try Dataset.loadTest(
        from: directory.path,
        for: TrainedInput(
          shape: ImageShape(channels: 3, height: 4, width: 4), fit: .crop, classes: 3,
          classNames: names)
      ).images
    }
    let set = try images(["b", "c", "a"])
    #expect(set.labels == [2, 0] && greys(set) == [16, 15])
    #expect(set.shape == ImageShape(channels: 3, height: 4, width: 4) && set.fit == .crop)
    #expect(
      throws: DatasetError.unknownClass(
        directory: "\(directory.path)/test/b", classes: ["a", "c", "d"])
    ) { try images(["a", "c", "d"]) }
    // Without names, folders must be numbers.
    #expect(throws: DatasetError.self) { try images(nil) }
  }
}
