import ConvoyDatasets
import ConvoyTestSupport
import Foundation
import Testing

@Suite("IDX files")
struct IDXTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func expectSample(_ dataset: Dataset) {
    let shape = ImageShape(channels: 1, height: 3, width: 2)
    #expect(dataset.training.shape == shape)
    #expect(dataset.training.count == 5)
    #expect(Array(dataset.training.pixels) == Samples.pixels(5))
    #expect(dataset.training.labels == Samples.trainingLabels)
    #expect(dataset.test.shape == shape)
    #expect(Array(dataset.test.pixels) == Samples.pixels(2, seed: 100))
    #expect(dataset.test.labels == Samples.testLabels)
    #expect(dataset.classes == 4)
  }

  @Test("Plain files")
  func plain() throws {
    try directory.write(Samples.mnist)
    expectSample(try Dataset.load(from: directory.path))
  }

  @Test("Compressed files")
  func compressed() throws {
    try directory.write(try Samples.compressed(Samples.mnist))
    expectSample(try Dataset.load(from: directory.path))
  }

  @Test("Names with a dot before idx", arguments: [false, true])
  func dottedNames(isCompressed: Bool) throws {
    let files = isCompressed ? try Samples.compressed(Samples.mnist) : Samples.mnist
    for (name, bytes) in files {
      try directory.write(bytes, to: name.replacingOccurrences(of: "-idx", with: ".idx"))
    }
    expectSample(try Dataset.load(from: directory.path))
  }

  @Test("EMNIST's names", arguments: ["balanced", "byclass", "letters"], [false, true])
  func emnist(split: String, isCompressed: Bool) throws {
    let files = Samples.emnist(split)
    try directory.write(isCompressed ? try Samples.compressed(files) : files)
    try directory.write([], to: "emnist-\(split)-mapping.txt")
    let dataset = try Dataset.load(from: directory.path)
    #expect(dataset.training.shape == ImageShape(channels: 1, height: 2, width: 3))
    #expect(dataset.training.labels == Samples.trainingLabels)
    #expect(dataset.test.labels == Samples.testLabels)
    // Stored are three columns of two pixels.
    for (set, stored) in [
      (dataset.training, Samples.pixels(5)), (dataset.test, Samples.pixels(2, seed: 100)),
    ] {
      let turned: [UInt8] = stride(from: 0, to: stored.count, by: 6).flatMap { image in
        [0, 2, 4, 1, 3, 5].map { stored[image + $0] }
      }
      #expect(Array(set.pixels) == turned)
    }
  }

  @Test("Images to classify are known by their first bytes, and turned by their name")
  func unlabeled() throws {
    let names = ["digits", "emnist-letters-test-images-idx3-ubyte"]
    let sets = try names.map { name in
      try directory.write(Samples.images(5), to: name)
      guard case .images(let images) = try UnlabeledImages(at: directory.path(of: name)) else {
        throw Unexpected()
      }
      return images
    }
    #expect(sets[0].shape == ImageShape(channels: 1, height: 3, width: 2))
    #expect(Array(sets[0].pixels) == Samples.pixels(5))
    #expect(sets[1].shape == ImageShape(channels: 1, height: 2, width: 3))
    let turned: [UInt8] = [0, 2, 4, 1, 3, 5].map { Samples.pixels(1)[$0] }
    #expect(Array(sets[1].pixels.prefix(6)) == turned)
  }

  private struct Unexpected: Error {}

  @Test("A plain file is preferred to its compressed twin")
  func plainPreferred() throws {
    try directory.write(Samples.mnist)
    for name in Samples.mnist.keys { try directory.write([1, 2, 3], to: name + ".gz") }
    expectSample(try Dataset.load(from: directory.path))
  }

  @Test("One split is read without the other's files", arguments: Dataset.Split.allCases)
  func oneSplit(split: Dataset.Split) throws {
    try directory.write(Samples.mnist)
    let isTest = split == .test
    try directory.remove(isTest ? Samples.trainingImagesName : Samples.testImagesName)
    try directory.remove(isTest ? Samples.trainingLabelsName : Samples.testLabelsName)
    let set = try Dataset.load(split, from: directory.path)
    #expect(Array(set.pixels) == (isTest ? Samples.pixels(2, seed: 100) : Samples.pixels(5)))
    #expect(set.labels == (isTest ? Samples.testLabels : Samples.trainingLabels))
  }
}
