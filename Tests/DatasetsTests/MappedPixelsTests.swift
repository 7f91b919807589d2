import ConvoyTestSupport
import Foundation
import Testing

@testable import ConvoyDatasets

/// Images in large plain files are mapped, not read.
@Suite("Mapped pixels", .mappingSmallFiles)
struct MappedPixelsTests {
  private let directory: TemporaryDirectory
  private let name = Samples.trainingImagesName

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write(Samples.mnist)
  }

  /// Five images of 12,000 bytes, on several pages.
  private func writeLargeImages() throws -> [UInt8] {
    let pixels = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 * 37 + $0 / 256) }
    try directory.write(Samples.header(0x803, 5, 120, 100) + pixels, to: name)
    return pixels
  }

  @Test("Of plain files, with the same bytes as in memory")
  func plain() throws {
    let pixels = try writeLargeImages()
    let set = try Dataset.load(.training, from: directory.path)
    #expect(set.pixels.isMapped)
    #expect(set.pixels == PixelBytes(pixels))
    #expect(set.pixels != PixelBytes(pixels.dropLast() + [pixels[59_999] &+ 1]))
    #expect(set.pixels != PixelBytes(pixels.dropLast()))
    #expect(Array(set.pixels[30_000..<30_100]) == Array(pixels[30_000..<30_100]))
    try set.pixels.requireWholeFile()
  }

  @Test("Not of compressed files")
  func compressed() throws {
    try directory.write(try Samples.compressed(Samples.mnist))
    for name in Samples.mnist.keys { try directory.remove(name) }
    #expect(try !Dataset.load(.training, from: directory.path).pixels.isMapped)
  }

  @Test("Some of the images are in the same file, whatever is asked for and given back")
  func selection() throws {
    let pixels = try writeLargeImages()
    let set = try Dataset.load(.training, from: directory.path)
    let some = set.selecting([0, 2, 3, 4]).selecting([1, 2, 3])
    let expected = Array(pixels[24_000...])
    #expect(some.pixels.isMapped && some.labels == Array(set.labels[2...]))
    for images in [0..<3, 1..<2, 2..<9, 3..<3] {
      some.pixels.willNeed(images, size: 12_000)
      some.pixels.isDone(with: images, size: 12_000)
      #expect(Array(some.pixels) == expected)
    }
    #expect(some.pixels[12_000] == pixels[36_000])
    some.pixels.withImage(2, size: 12_000) { #expect(Array($0) == Array(pixels[48_000...])) }
    var pieces: [[UInt8]] = []
    some.pixels.forEachPiece(ofImages: 12_000) { pieces.append(Array($0)) }
    #expect(pieces == [expected])
    pieces = []
    set.selecting([4, 0, 1]).pixels.forEachPiece(ofImages: 12_000) { pieces.append(Array($0)) }
    #expect(pieces == [Array(pixels[48_000...]), Array(pixels[..<24_000])])
  }

  @Test("The first images of a set, or of a selection", arguments: [0, 1, 3])
  func first(count: Int) throws {
    let pixels = try writeLargeImages()
    let set = try Dataset.load(.training, from: directory.path)
    let reader = unsafe ImageReader(count: 5, imageSize: 12_000) { number, image in
      unsafe image.copyBytes(from: pixels[number * 12_000..<(number + 1) * 12_000])
    }
    for all in [set.pixels, PixelBytes(pixels), PixelBytes(reader, of: .bytes)] {
      let first = all.selecting(Array(0..<count), ofSize: 12_000)
      let isContiguous = unsafe first.withContiguousStorageIfAvailable { unsafe Array($0) } != nil
      #expect(isContiguous == !all.isRead)
      try expect(first, Array(pixels[..<(count * 12_000)]))
      let selection = all.selecting([4, 0, 1, 3], ofSize: 12_000)
      let expected = (Array(pixels[48_000...]) + pixels[..<24_000]).prefix(count * 12_000)
      try expect(selection.selecting(Array(0..<count), ofSize: 12_000), Array(expected))
    }
  }

  /// By every way of reading images of 12,000 bytes.
  private func expect(_ images: PixelBytes, _ expected: [UInt8]) throws {
    #expect(images == PixelBytes(expected))
    for asked in [0..<9, 1..<2] {
      images.willNeed(asked, size: 12_000)
      images.isDone(with: asked, size: 12_000)
      #expect(Array(images) == expected)
    }
    var pieces: [UInt8] = []
    unsafe images.forEachPiece(ofImages: 12_000) { unsafe pieces += $0 }
    #expect(pieces == expected)
  }

  /// The first page is shared with the bytes before the region.
  @Test("From any offset", arguments: [0, 1, 4_095, 4_096, 4_097, 20_000])
  func region(offset: Int) throws {
    let bytes = (0..<30_000).map { UInt8(truncatingIfNeeded: $0 * 37 + $0 / 256) }
    try directory.write(bytes, to: "file")
    let file = try FileSource(path: directory.path(of: "file"))
    let mapping = try #require(FileMapping(file, offset..<offset + 9_000))
    #expect(PixelBytes(mapping) == PixelBytes(Array(bytes[offset..<offset + 9_000])))
  }

  @Test("A file that is replaced or removed under its name stays as it was")
  func replaced() throws {
    let pixels = try writeLargeImages()
    let set = try Dataset.load(.training, from: directory.path)
    try directory.remove(name)
    try directory.write([1], to: name)
    try set.pixels.requireWholeFile()
    #expect(set.pixels == PixelBytes(pixels))
  }

  @Test("A file that is cut is found")
  func cut() throws {
    _ = try writeLargeImages()
    let path = directory.path(of: name)
    let set = try Dataset.load(.training, from: directory.path)
    #expect(truncate(path, 100) == 0)
    #expect(throws: DatasetError.resized(file: path, expected: 60_016, found: 100)) {
      try set.pixels.requireWholeFile()
    }
  }

  @Test("The use of a file that was cut stops the process")
  func useAfterCut() async throws {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      let directory = try TemporaryDirectory()
      try directory.write(
        Samples.header(0x803, 1, 200, 200) + Array(repeating: 1, count: 40_000),
        to: Samples.trainingImagesName)
      try directory.write(Samples.labels([0]), to: Samples.trainingLabelsName)
      let set = try FileMapping.$smallestSize.withValue(0) {
        try Dataset.load(.training, from: directory.path)
      }
      truncate(directory.path(of: Samples.trainingImagesName), 0)
      _ = set.pixels[39_999]
    }
  }

  /// As where a file system cannot map.
  @Test("Where nothing can be mapped, files are read")
  func unmappable() throws {
    try directory.write(Samples.images(5), to: "file")
    let file = try FileSource(path: directory.path(of: "file"))
    _ = try file.take(16, at: 0)
    #expect(try file.restInMemory(30, at: 16) == PixelBytes(Samples.pixels(5)))
  }
}

/// A small file is read, so that others may change it.
@Test func smallFilesAreRead() throws {
  let directory = try TemporaryDirectory()
  try directory.write(Samples.mnist)
  #expect(try !Dataset.load(.training, from: directory.path).pixels.isMapped)
}

/// Small files are mapped too.
struct MappingSmallFiles: TestTrait, SuiteTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await FileMapping.$smallestSize.withValue(0) { try await function() }
  }
}

extension Trait where Self == MappingSmallFiles {
  static var mappingSmallFiles: Self { MappingSmallFiles() }
}
