import ConvoyDatasets
import ConvoyPictures
import ConvoyTestSupport
import Foundation
import Synchronization
import Testing

@Suite("Caches of folders of pictures")
struct PictureCacheTests {
  private let directory: TemporaryDirectory
  private let pictures: String
  private let cache: String

  init() throws {
    directory = try TemporaryDirectory()
    pictures = directory.path(of: "pictures")
    cache = directory.path(of: "cache")
    for label in ["a", "b"] {
      for number in 0..<4 { try write("\(label)/\(number).png", UInt8(10 * number)) }
    }
  }

  private func write(_ name: String, _ shade: UInt8) throws {
    let picture = Picture(width: 2, height: 2, channels: 1, bytes: [shade, 1, 2, 3])
    try directory.write(PNGFile.encode(picture), to: "pictures/\(name)")
  }

  /// Keeps what is said of the cache, and how many files were read.
  private final class Recorder: PictureObserver {
    let events = Mutex<[String?]>([])
    let files = Mutex(0)

    func duringReading(
      _ what: String, total: Int, done: @escaping @Sendable () -> Int, _ body: () -> Void
    ) {
      body()
      files.withLock { $0 += what == "packing pictures" ? done() : 0 }
    }
    func skipped(_ errors: [PictureError]) {}
    func uses(cache: String, anewAs reason: String?) { events.withLock { $0.append(reason) } }
  }

  /// Loads through the cache, expecting that it is made anew for a reason, and has what the folder has.
  private func expectReason(
    _ reason: String?, _ options: PictureOptions = PictureOptions(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let recorder = Recorder()
    let cached = try Dataset.load(
      from: pictures, testFraction: 0.5, seed: 2, pictures: options, cache: cache,
      observer: recorder)
    let folder = try Dataset.load(from: pictures, testFraction: 0.5, seed: 2, pictures: options)
    #expect(recorder.events.withLock { $0 } == [reason], sourceLocation: sourceLocation)
    #expect(
      recorder.files.withLock { $0 }
        == (reason == nil ? 0 : cached.training.count + cached.test.count),
      sourceLocation: sourceLocation)
    #expect(
      cached.training.pixels == folder.training.pixels && cached.test.pixels == folder.test.pixels
        && cached.training.labels == folder.training.labels, sourceLocation: sourceLocation)
  }

  private func setTime(_ name: String, _ seconds: Double) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: seconds)],
      ofItemAtPath: "\(pictures)/\(name)")
  }

  @Test("It is used until the folder changes")
  func folderChanges() throws {
    try setTime("a/2.png", 1_000_000)
    try expectReason("there is none")
    try expectReason(nil)
    try write("b/9.png", 99)
    try expectReason("b/9.png is new")
    try expectReason(nil)
    try directory.remove("pictures/a/0.png")
    try expectReason("a/0.png is gone")
    // As many bytes as before, but later.
    try setTime("a/2.png", 1_000_001)
    try expectReason("a/2.png has changed since")
    let size = try Data(contentsOf: URL(filePath: "\(pictures)/a/3.png")).count
    try directory.write(
      PNGFile.encode(Picture(width: 2, height: 2, channels: 1, bytes: [1, 1, 1, 1])) + [0],
      to: "pictures/a/3.png")
    let new = try Data(contentsOf: URL(filePath: "\(pictures)/a/3.png")).count
    try expectReason("a/3.png has \(new) bytes, not \(size)")
    try expectReason(nil)
    // The names count in the folder: it may be elsewhere.
    try FileManager.default.moveItem(atPath: pictures, toPath: directory.path(of: "moved"))
    let recorder = Recorder()
    _ = try Dataset.load(
      from: directory.path(of: "moved"), testFraction: 0.5, cache: cache, observer: recorder)
    #expect(recorder.events.withLock { $0 } == [nil])
  }

  @Test("It is used with the same options only")
  func optionsChange() throws {
    var options = PictureOptions()
    try expectReason("there is none", options)
    options.size = ImageSize(height: 2, width: 2)
    try expectReason("the size is 2, not the pictures' own", options)
    options.size = ImageSize(height: 3, width: 2)
    try expectReason("the size is 3x2, not 2", options)
    options.color = .rgb
    try expectReason("the color is rgb, not the pictures' own", options)
    options.color = nil
    try expectReason("the color is the pictures' own, not rgb", options)
    options.fit = .pad
    try expectReason("the fit is pad, not stretch", options)
    options.skipsUnreadable = true
    try expectReason("unreadable pictures were not skipped", options)
    try expectReason(nil, options)
    _ = try Dataset.pack(pictures, to: cache, testFraction: 0.25, pictures: options)
    #expect(throws: DatasetError.foreignCache(file: cache)) {
      try Dataset.load(from: pictures, testFraction: 0.5, pictures: options, cache: cache)
    }
  }

  @Test("A damaged one, one of another version and another file are left alone")
  func otherFiles() throws {
    try expectReason("there is none")
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: cache)))
    // In the version, the pixels and the table.
    for place in [14, 4_100, bytes.count - 30] {
      var damaged = bytes
      damaged[place] ^= 1
      try directory.write(damaged, to: "cache")
      #expect(throws: DatasetError.self) {
        try Dataset.load(from: pictures, testFraction: 0.5, cache: cache)
      }
      #expect([UInt8](try Data(contentsOf: URL(filePath: cache))) == damaged)
    }
    try directory.write([1, 2, 3], to: "cache")
    #expect(throws: DatasetError.foreignCache(file: cache)) {
      try Dataset.load(from: pictures, testFraction: 0.5, cache: cache)
    }
    #expect(try Data(contentsOf: URL(filePath: cache)) == Data([1, 2, 3]))
  }

  @Test("A packed file that was not made as a cache is used if it fits, and never replaced")
  func preparedFile() throws {
    _ = try Dataset.pack(pictures, to: cache, pictures: PictureOptions())
    let packed = try Data(contentsOf: URL(filePath: cache))
    _ = try Dataset.load(from: pictures, testFraction: 0.5, cache: cache)
    var options = PictureOptions()
    options.fit = .crop
    #expect(throws: DatasetError.foreignCache(file: cache)) {
      try Dataset.load(from: pictures, testFraction: 0.5, pictures: options, cache: cache)
    }
    #expect(try Data(contentsOf: URL(filePath: cache)) == packed)
  }
}
