import ConvoyTestSupport
import Foundation
import Testing

@testable import ConvoyDatasets

@Suite("Test parts of data sets that have none")
struct TestPartTests {
  /// Images of one pixel, which is their number.
  private static func images(_ labels: [UInt16]) -> ImageSet {
    ImageSet(
      shape: ImageShape(channels: 1, height: 1, width: 1),
      pixels: labels.indices.map { UInt8($0) }, labels: labels, classNames: nil)
  }

  /// 60, 30, 9 and 1 images of four classes, mixed.
  private static let labels = (0..<100).map { place -> UInt16 in
    let number = place * 37 % 100
    return number < 60 ? 0 : number < 90 ? 1 : number < 99 ? 2 : 3
  }

  @Test(
    "Every image is in one part, in order, and classes keep their shares",
    arguments: [
      0.1, 0.2, 0.5, 0.95,
    ])
  func shares(fraction: Double) throws {
    let (training, test) = try Self.images(Self.labels).divided(testFraction: fraction, seed: 5)
    #expect(Set(training.pixels).union(test.pixels) == Set(0..<100))
    #expect(training.count + test.count == 100)
    for part in [training, test] {
      #expect(Array(part.pixels) == part.pixels.sorted())
      #expect(part.labels == part.pixels.map { Self.labels[Int($0)] })
    }
    for (label, count) in [60, 30, 9, 1].enumerated() {
      let found = test.labels.count { $0 == label }
      let share = fraction * Double(count)
      // Within one of the share, and one image is kept.
      #expect(found <= count - 1)
      #expect(abs(Double(found) - min(share, Double(count - 1))) < 1, "class \(label): \(found)")
    }
  }

  @Test("The seed decides")
  func seed() throws {
    let parts = try [1, 1, 2].map {
      try Self.images(Self.labels).divided(testFraction: 0.2, seed: $0).test
    }
    #expect(parts[0] == parts[1] && parts[0] != parts[2])
  }

  /// These are promised to stay.
  @Test("The images of a seed")
  func pinned() throws {
    let test = try Self.images(Self.labels).divided(testFraction: 0.05, seed: 7).test
    #expect(Array(test.pixels) == [10, 26, 33, 63, 71])
  }

  @Test("Classes of one image have none to give")
  func tooFew() throws {
    let error = DatasetError.tooFewForTest(file: "images", fraction: 0.5, found: 3)
    #expect(throws: error) { try Self.images([0, 1, 2]).divided(testFraction: 0.5, seed: 0) }
    #expect(throws: DatasetError.self) {
      try Self.images(Self.labels).divided(testFraction: 0.001, seed: 0)
    }
  }

  @Test("A data set without a test part needs a fraction, and one with it takes none")
  func dataset() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      Array("0,1,2,3,4\n0,5,6,7,8\n1,9,10,11,12\n1,13,14,15,16\n".utf8), to: "train.csv")
    let path = directory.path
    expectRefusal(
      of: path, with: .noTestPart(file: path), saying: "a test part or a test fraction")
    let whole = try Dataset.load(from: path, requiring: .nothing)
    #expect(whole.training.labels == [0, 0, 1, 1] && whole.test.count == 0)
    let dataset = try Dataset.load(from: path, testFraction: 0.5, seed: 3)
    #expect(dataset.training.labels == [0, 1] && dataset.test.labels == [0, 1])
    #expect(dataset.classes == 2)
    for split in Dataset.Split.allCases {
      let part = try Dataset.load(split, from: path, testFraction: 0.5, seed: 3)
      #expect(part == (split == .training ? dataset.training : dataset.test))
    }
    try directory.write(Array("0,1,2,3,4\n".utf8), to: "test.csv")
    #expect(try Dataset.load(from: path).test.count == 1)
    #expect(throws: DatasetError.testPartPresent(file: path)) {
      try Dataset.load(from: path, testFraction: 0.5)
    }
    // Without labels it counts for nothing.
    try directory.write(Array("1,2,3,4\n".utf8), to: "test.csv")
    #expect(try Dataset.load(from: path, testFraction: 0.5, seed: 3) == dataset)
  }
}
