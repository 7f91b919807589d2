import ConvoyTestSupport
import Foundation
import Testing

@testable import ConvoyDatasets

@Suite("CIFAR-10, binary version")
struct CIFAR10Tests {
  private let directory: TemporaryDirectory
  private let files = [
    "data_batch_1.bin": Samples.record(label: 4, colour: [1, 2, 3])
      + Samples.record(label: 0, colour: [4, 5, 6]),
    "data_batch_2.bin": Samples.record(label: 9, colour: [7, 8, 9]),
    "test_batch.bin": Samples.record(label: 6, colour: [10, 11, 12]),
  ]

  init() throws { directory = try TemporaryDirectory() }

  @Test("Batches follow one another", arguments: ["", "cifar-10-batches-bin/"])
  func batches(subdirectory: String) throws {
    for (name, bytes) in files { try directory.write(bytes, to: subdirectory + name) }
    let dataset = try Dataset.load(from: directory.path)
    #expect(dataset.training.shape == ImageShape(channels: 3, height: 32, width: 32))
    #expect(dataset.training.labels == [4, 0, 9])
    #expect(dataset.test.labels == [6])
    #expect(dataset.classes == 10)
    let colours: [[UInt8]] = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    for (image, colour) in colours.enumerated() {
      #expect(Array(dataset.training.pixels[image * 3072..<image * 3072 + 3]) == colour)
      #expect(Array(dataset.training.pixels[image * 3072 + 3069..<image * 3072 + 3072]) == colour)
    }
    #expect(Array(dataset.test.pixels.suffix(3)) == [10, 11, 12])
  }

  @Test("Planes become interleaved channels")
  func interleaving() throws {
    func value(_ channel: Int, _ place: Int) -> UInt8 {
      UInt8(truncatingIfNeeded: channel * 101 + place * 7 + place / 256)
    }
    let record = Samples.record(label: 1, value: value)
    try directory.write([UInt8](record + record), to: "test_batch.bin")
    let set = try Dataset.load(.test, from: directory.path)
    let expected = (0..<1024).flatMap { place in (0..<3).map { value($0, place) } }
    #expect(Array(set.pixels) == expected + expected)
  }

  @Test("Large batches are mapped, with the pixels and errors of small ones")
  func mapped() throws {
    func batch(_ number: Int, records: Int) -> [UInt8] {
      (0..<records).flatMap { record -> [UInt8] in
        let shift = 50 * number + record
        return Samples.record(label: UInt8(record)) { channel, place in
          UInt8(truncatingIfNeeded: channel * 101 + place * 7 + place / 256 + shift)
        }
      }
    }
    var second = batch(1, records: 3)
    try directory.write(batch(0, records: 4), to: "data_batch_1.bin")
    try directory.write(second, to: "data_batch_2.bin")
    try directory.write(batch(2, records: 2), to: "test_batch.bin")
    let read = try Dataset.load(from: directory.path)
    let mapped = try FileMapping.$smallestSize.withValue(0) {
      try Dataset.load(from: directory.path)
    }
    #expect(mapped.training.pixels.isMapped && !read.training.pixels.isMapped)
    #expect(mapped == read)
    let numbers = [1, 3, 4, 6]
    let (some, expected) = (mapped.training.selecting(numbers), read.training.selecting(numbers))
    #expect(some == expected)
    #expect(mapped.training.selecting([0, 1, 2]) == read.training.selecting([0, 1, 2]))
    some.pixels.willNeed(0..<4, size: 3_072)
    some.pixels.isDone(with: 1..<9, size: 3_072)
    var pieces: [UInt8] = []
    some.pixels.forEachPiece(ofImages: 3_072) { pieces += $0 }
    #expect(
      pieces == Array(expected.pixels)
        && some.pixels.withContiguousStorageIfAvailable { _ in 0 } == nil)
    second[3_073] = 10
    try directory.write(second, to: "data_batch_2.bin")
    let path = directory.path(of: "data_batch_2.bin")
    for smallest in [0, 1 << 30] {
      #expect(
        throws: DatasetError.labelOutOfRange(file: path, offset: 3_073, classes: 10, found: 10)
      ) {
        try FileMapping.$smallestSize.withValue(smallest) {
          try Dataset.load(from: directory.path)
        }
      }
    }
    #expect(truncate(path, 3_073) == 0)
    #expect(throws: DatasetError.self) { try mapped.training.pixels.requireWholeFile() }
  }

  @Test("Batches are taken in the order of their numbers")
  func order() throws {
    for number in (1...10).reversed() {
      let record = Samples.record(label: UInt8(number % 10), colour: [0, 0, 0])
      try directory.write(record, to: "data_batch_\(number).bin")
    }
    let labels = try Dataset.load(.training, from: directory.path).labels
    #expect(labels == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0])
  }

  @Test("A batch that is missing among the others")
  func missingBatch() throws {
    for number in [1, 3] {
      let record = Samples.record(label: 0, colour: [0, 0, 0])
      try directory.write(record, to: "data_batch_\(number).bin")
    }
    let error = #expect(throws: DatasetError.self) {
      try Dataset.load(.training, from: directory.path)
    }
    #expect(error?.description.contains("expected data_batch_2.bin") == true)
  }

  @Test("A file that ends within a record")
  func partialRecord() throws {
    try directory.write(files)
    for length in [1, 3072, 3074, 6145] {
      let name = "data_batch_2.bin"
      try directory.write([UInt8](repeating: 0, count: length), to: name)
      expectRefusal(
        of: directory.path,
        with: .partialRecord(file: directory.path(of: name), recordSize: 3073, found: length),
        saying: name, "3073", "\(length)")
    }
  }

  @Test("A label of 10")
  func labelOutOfRange() throws {
    try directory.write(files)
    let name = "test_batch.bin"
    let good = Samples.record(label: 9, colour: [0, 0, 0])
    try directory.write(good + Samples.record(label: 10, colour: [0, 0, 0]), to: name)
    expectRefusal(
      of: directory.path,
      with: .labelOutOfRange(file: directory.path(of: name), offset: 3073, classes: 10, found: 10),
      saying: name, "below 10", "3073", "found 10")
  }

  @Test("An empty file")
  func emptyFile() throws {
    try directory.write(files)
    try directory.write([], to: "data_batch_1.bin")
    expectRefusal(
      of: directory.path, with: .emptySet(file: directory.path(of: "data_batch_1.bin")),
      saying: "data_batch_1.bin")
  }

  @Test("A file over the limit, which takes no room on the disk")
  func tooLarge() throws {
    try directory.write(files)
    let name = "data_batch_1.bin"
    let handle = try FileHandle(forWritingTo: directory.url.appendingPathComponent(name))
    try handle.truncate(atOffset: 1_099_511_627_777)
    try handle.close()
    expectRefusal(
      of: directory.path,
      with: .tooLarge(
        file: directory.path(of: name), limit: 1_099_511_627_776, dimensions: [1_099_511_627_777]),
      saying: name, "1099511627776", "1099511627777")
  }

  @Test("Training batches without the test batch, and the reverse")
  func incomplete() throws {
    try directory.write(files)
    try directory.remove("test_batch.bin")
    expectRefusal(
      of: directory.path,
      with: .noTestPart(file: directory.url.path), saying: directory.url.path, "a test part")
    let whole = try Dataset.load(from: directory.path, requiring: .nothing)
    #expect(whole.test.count == 0)
    #expect(
      throws: DatasetError.tooFewForTest(
        file: directory.path(of: "data_batch_1.bin"), fraction: 0.5, found: whole.training.count)
    ) {
      try Dataset.load(from: directory.path, testFraction: 0.5)
    }
    guard case .images(let all) = try UnlabeledImages(at: directory.path) else {
      Issue.record("no images")
      return
    }
    #expect(Array(all.pixels) == Array(whole.training.pixels))
    try directory.write(files)
    try directory.remove("data_batch_1.bin")
    try directory.remove("data_batch_2.bin")
    expectRefusal(
      of: directory.path,
      with: .incomplete(
        directory: directory.url.path, dataset: "CIFAR-10", expected: ["data_batch_1.bin"],
        found: ["test_batch.bin"]))
  }
}
