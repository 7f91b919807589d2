import ConvoyDatasets
import ConvoyTestSupport
import Foundation
import Testing

@Suite("Files compressed by gzip")
struct GzipTests {
  private let directory: TemporaryDirectory
  private let name = Samples.trainingImagesName + ".gz"
  private let whole: [UInt8]

  init() throws {
    directory = try TemporaryDirectory()
    let files = try Samples.compressed(Samples.mnist)
    try directory.write(files)
    whole = try #require(files[name])
  }

  @Test("A file cut at any length")
  func truncated() throws {
    for length in 0..<whole.count {
      try directory.write(Array(whole.prefix(length)), to: name)
      expectRefusal(
        of: directory.path, with: .truncatedGzip(file: directory.path(of: name), found: length),
        saying: name, "truncated", "\(length)")
    }
  }

  @Test("A file of several chunks, cut near its end")
  func truncatedLate() throws {
    var state: UInt32 = 1
    let noise = (0..<600_000).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    let images = Samples.header(0x803, 5, 300, 400) + noise
    let bytes = try Gzip.member(images)
    try directory.write(bytes, to: name)
    #expect(try Array(Dataset.load(.training, from: directory.path).pixels) == noise)
    for missing in [1, 4, 8, 9, 100_000] {
      let length = bytes.count - missing
      try directory.write(Array(bytes.prefix(length)), to: name)
      expectRefusal(
        of: directory.path, with: .truncatedGzip(file: directory.path(of: name), found: length))
    }
  }

  @Test("A file with any one bit turned is refused or read as it was")
  func anyBit() throws {
    var refused = 0
    for bit in 0..<whole.count * 8 {
      var bytes = whole
      bytes[bit / 8] ^= 1 << (bit % 8)
      try directory.write(bytes, to: name)
      do {
        let set = try Dataset.load(.training, from: directory.path)
        #expect(Array(set.pixels) == Samples.pixels(5))
      } catch {
        refused += 1
        #expect(error.description.contains(name))
      }
    }
    // Nothing checks the header's ten bytes but their magic number, method and flags, nor the bits
    // which fill the last byte of the compressed data.
    #expect(refused >= (whole.count - 10) * 8 - 7)
  }

  @Test("A checksum that does not fit")
  func checksum() throws {
    var bytes = whole
    bytes[whole.count - 8] ^= 1
    try directory.write(bytes, to: name)
    expectRefusal(
      of: directory.path,
      with: .damagedGzip(
        file: directory.path(of: name), offset: whole.count - 4, found: "incorrect data check"),
      saying: name, "damaged", "\(whole.count - 4)", "incorrect data check")
  }

  @Test("A length that does not fit")
  func length() throws {
    var bytes = whole
    bytes[whole.count - 4] ^= 1
    try directory.write(bytes, to: name)
    expectRefusal(
      of: directory.path,
      with: .damagedGzip(
        file: directory.path(of: name), offset: whole.count, found: "incorrect length check"),
      saying: name)
  }

  @Test("A file that is not gzip")
  func notGzip() throws {
    try directory.write(Samples.images(5), to: name)
    expectRefusal(
      of: directory.path,
      with: .damagedGzip(
        file: directory.path(of: name), offset: 2, found: "incorrect header check"),
      saying: name)
  }

  @Test(
    "Bytes after the end",
    arguments: [([0], 0), ([7, 7, 7], 0), ([0x1F, 0x8C, 0], 2)] as [([UInt8], Int)])
  func trailing(garbage: [UInt8], read: Int) throws {
    try directory.write(whole + garbage, to: name)
    expectRefusal(
      of: directory.path,
      with: .damagedGzip(
        file: directory.path(of: name), offset: whole.count + read,
        found: "bytes after the end of the compressed data"),
      saying: name, "bytes after the end")
  }

  @Test("Several members are read as one")
  func members() throws {
    let images = Samples.images(5)
    for cut in 0...images.count {
      let first = try Gzip.member(Array(images.prefix(cut)))
      let second = try Gzip.member(Array(images.dropFirst(cut)))
      try directory.write(first + second, to: name)
      #expect(try Array(Dataset.load(.training, from: directory.path).pixels) == Samples.pixels(5))
    }
  }

  @Test("A second member cut at any length")
  func truncatedMember() throws {
    let first = try Gzip.member(Samples.images(5))
    let second = try Gzip.member([])
    for length in 1..<second.count {
      let bytes = first + second.prefix(length)
      try directory.write(bytes, to: name)
      expectRefusal(
        of: directory.path, with: .truncatedGzip(file: directory.path(of: name), found: bytes.count)
      )
    }
  }

  @Test("More or fewer bytes than the header announces")
  func wrongSize() throws {
    try directory.write(try Gzip.member(Samples.images(5) + [0]), to: name)
    expectRefusal(
      of: directory.path,
      with: .excess(file: directory.path(of: name), expected: 46, foundAtLeast: 47),
      saying: name, "46", "47")
    try directory.write(try Gzip.member(Samples.images(5).dropLast()), to: name)
    expectRefusal(
      of: directory.path,
      with: .truncated(file: directory.path(of: name), expected: 46, found: 45),
      saying: name, "46", "45")
  }

  @Test("A header that promises more than the file can be decompressed to")
  func hostileHeader() throws {
    let bytes = try Gzip.member(Samples.header(0x803, 1 << 20, 1 << 6, 1 << 6))
    try directory.write(bytes, to: name)
    expectRefusal(
      of: directory.path,
      with: .impossibleSize(
        file: directory.path(of: name), expected: 4_294_967_312, compressed: bytes.count,
        largest: bytes.count * 1032),
      saying: name, "4294967312", "\(bytes.count * 1032)")
  }

  @Test("The highest ratio of compression is not refused")
  func highRatio() throws {
    let count = 2000 * 2000
    let bytes = try Gzip.member(
      Samples.header(0x803, 5, 2000, 2000) + [UInt8](repeating: 0, count: 5 * count))
    #expect(bytes.count < 5 * count / 1000)
    try directory.write(bytes, to: name)
    let set = try Dataset.load(.training, from: directory.path)
    #expect(set.shape.pixelCount == count)
    #expect(set.pixels.count == 5 * count)
  }
}
