import ConvoyDatasets
import ConvoyTestSupport
import Foundation
import Testing

@Suite("Tables of comma-separated values")
struct CSVTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func write(_ text: String, to name: String = "train.csv") throws {
    try directory.write(Array(text.utf8), to: name)
  }

  private func load(_ text: String) throws -> ImageSet {
    try write(text)
    return try Dataset.load(.training, from: directory.path)
  }

  private static let names = "label,pixel0,pixel1,pixel2,pixel3"
  /// Two images of 2×2, with labels 7 and 65,535.
  private static let texts = [
    "\(names)\n7,0,1,20,255\n65535,3,4,5,6\n", "7,0,1,20,255\n65535,3,4,5,6\n",
    "7,0,1,20,255\r\n65535,3,4,5,6\r\n", "7,0,1,20,255\n65535,3,4,5,6",
    "7,0,1,20,255\r\n65535,3,4,5,6\r", "\u{FEFF}\(names)\n7,0,1,20,255\n65535,3,4,5,6",
    "\u{FEFF}7,0,1,20,255\n65535,3,4,5,6",
    "\n7,0,1,20,255\n".replacing("\n7", with: "7")
      + "\n\r\n65535,3,4,5,6\n\n",
    "\"label\",\"a\",\"b\",\"c\",\"d\"\n\"7\",\"0\",\"1\",\"20\",\"255\"\n65535, 3 ,\t4,\"5\" , \"6\"\n",
    "a,b,LABEL,c,d\n0,1,7,20,255\n3,4,65535,5,6\n",
    "a,b,c,d, label \r\n0,1,20,255,7\r\n3,4,5,6,65535\r\n",
    "007,000,001,020,255\n65535,3,4,5,0006\n",
    "a,b,c,d,class\n0,1,20,255,7\n3,4,5,6,65535\n",
    ",label,0,1,2,3\n0,7,0,1,20,255\n1,65535,3,4,5,6\n",
    "\"\",a,b,c,d,label\n70000,0,1,20,255,7\n99999999999999999999,3,4,5,6,65535",
  ]

  @Test("Ways to write the same images", arguments: texts)
  func sameImages(text: String) throws {
    let set = try load(text)
    #expect(set.shape == ImageShape(channels: 1, height: 2, width: 2))
    #expect(Array(set.pixels) == [0, 1, 20, 255, 3, 4, 5, 6])
    #expect(set.labels == [7, 65_535])
  }

  @Test("A table that is longer than a chunk, compressed or not", arguments: [false, true])
  func long(isCompressed: Bool) throws {
    var pixels: [UInt8] = []
    var text = "label," + (0..<784).map { "pixel\($0)" }.joined(separator: ",") + "\n"
    for row in 0..<400 {
      let values = (0..<784).map { UInt8(truncatingIfNeeded: $0 * 37 + row * row) }
      pixels += values
      text += "\(row % 10)," + values.map(String.init).joined(separator: ",") + "\n"
    }
    #expect(text.utf8.count > 4 << 18)
    let bytes = Array(text.utf8)
    try directory.write(
      isCompressed ? Gzip.member(bytes) : bytes, to: isCompressed ? "train.csv.gz" : "train.csv")
    let set = try Dataset.load(.training, from: directory.path)
    #expect(set.shape == ImageShape(channels: 1, height: 28, width: 28))
    #expect(set.pixels == PixelBytes(pixels))
    let labels: [UInt16] = (0..<400).map { row in UInt16(row % 10) }
    #expect(set.labels == labels)
  }

  @Test("Three channels, if the number of pixels is three times a square")
  func color() throws {
    let set = try load("5,1,2,3,4,5,6,7,8,9,10,11,12\n")
    #expect(set.shape == ImageShape(channels: 3, height: 2, width: 2))
    #expect(Array(set.pixels) == Array(1...12))
  }

  private func refusal(_ text: String) -> String {
    do {
      return "\(try load(text))"
    } catch {
      return "\(error)".replacing(directory.path(of: "train.csv") + ": ", with: "")
    }
  }

  private static let good = "\(names)\n7,0,1,20,255\n"
  private static let pixel = "expected a pixel from 0 to 255, found "
  private static let damaged: [(text: String, message: String)] = [
    (good + "1,2,x,4,5\n", "line 3, column 3: \(pixel)'x'"),
    (good + "1,2,256,4,5\n", "line 3, column 3: \(pixel)'256'"),
    (good + "1,2,99999999999999999999,4,5\n", "line 3, column 3: \(pixel)'99999999999999999999'"),
    (good + "1,2,-1,4,5\n", "line 3, column 3: \(pixel)'-1'"),
    (good + "1,2,3.0,4,5\n", "line 3, column 3: \(pixel)'3.0'"),
    (good + "1,2,,4,5\n", "line 3, column 3: \(pixel)nothing"),
    (good + "1,2,3,4,\n", "line 3, column 5: \(pixel)nothing"),
    (good + "1,2,3 4,4,5\n", "line 3, column 3: \(pixel)'3 4'"),
    (good + "1,2,\"3,4,5\n", "line 3, column 3: \(pixel)'\"3'"),
    (good + "1,2,\"\",4,5\n", "line 3, column 3: \(pixel)'\"\"'"),
    (good + "1,2,3,4,5\r1,2,3,4,5\n", "line 3, column 5: \(pixel)'5?1'"),
    (good + "65536,2,3,4,5\n", "line 3, column 1: expected a label from 0 to 65535, found '65536'"),
    (
      good + "1,2,3,4\n",
      "line 3, column 4: expected 5 values in each line, as in the first, found 4"
    ),
    (
      good + "1,2,3,4,5,6\n",
      "line 3, column 6: expected 5 values in each line, as in the first, found 6"
    ),
    (
      good + "1,2,3,4", "line 3, column 4: expected 5 values in each line, as in the first, found 4"
    ),
    (names + "\n", "empty: expected at least one image, found none"),
    (names, "empty: expected at least one image, found none"),
    ("a,b,c,d\n1,2,3,4\n", "expected a column called label or class, found 'a', 'b', 'c', 'd'"),
    ("label;p0;p1\n1;2;3\n", "line 1, column 1: expected commas between columns, found semicolons"),
    ("label\tp0\n1\t2\n", "line 1, column 1: expected commas between columns, found tabs"),
    (
      "label,class\n1,2\n",
      "line 1, column 2: expected one column called label or class, found a second one"
    ),
    (
      "a,b,c,class\n1,2,3,4\n",
      "line 1, column 4: expected the name label, beside pixels whose three channels are adjacent, "
        + "found class, beside which OpenML's tables have them one after another"
    ),
    (",label,a,b,c,d\nx,7,0,1,20,255\n", "line 2, column 1: expected a row number, found 'x'"),
  ]

  @Test("A damaged field is named by line and column", arguments: damaged)
  func damagedField(text: String, message: String) {
    #expect(refusal(text) == message)
  }

  @Test("Sizes that are no square", arguments: [0, 2, 5, 6, 785])
  func sizes(count: Int) {
    let text = "7" + String(repeating: ",1", count: count) + "\n"
    #expect(refusal(text).contains("expected as many pixels as a square image has"))
    #expect(refusal(text).hasSuffix("found \(count)"))
  }

  @Test("The names of data sets", arguments: ["", "fashion-mnist_", "sign_mnist-"])
  func datasets(beginning: String) throws {
    try write(Self.good, to: "\(beginning)train.csv")
    try write(Self.good, to: "\(beginning)test.csv")
    try write(Self.good, to: "sample_submission.csv")
    let dataset = try Dataset.load(from: directory.path)
    #expect(dataset.training.pixels == dataset.test.pixels && dataset.classes == 8)
    #expect(Dataset.isFileName("\(beginning)test.csv.gz"))
    try write(Self.good, to: "other_train.csv")
    let error = #expect(throws: DatasetError.self) { try Dataset.load(from: directory.path) }
    #expect(error?.description.contains("other_*.csv") == true)
  }

  @Test("One file by its path")
  func file() throws {
    try write(Self.good, to: "any.csv")
    let set = try Dataset.load(.training, from: directory.path(of: "any.csv"))
    #expect(set.labels == [7])
  }

  private static let unlabeled = [
    "a,b,c,d\n1,2,3,4\n5,6,7,8\n", "1,2,3,4\n5,6,7,8\n", "label,a,b,c,d\n9,1,2,3,4\n9,5,6,7,8",
    "9,1,2,3,4\n9,5,6,7,8\n", ",0,1,2,3\n0,1,2,3,4\n1,5,6,7,8\n",
  ]

  @Test("Test images without labels are no test part, and load alone", arguments: unlabeled)
  func unlabeledTest(text: String) throws {
    try write(Self.good)
    try write(text, to: "test.csv")
    let hasLabels = text.contains("9")
    if !hasLabels {
      #expect(throws: DatasetError.noTestPart(file: directory.path)) {
        try Dataset.load(from: directory.path)
      }
    }
    let images = try imagesToClassify(directory.path)
    #expect(Array(images.pixels) == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(images.count == 2 && images.labels.isEmpty)
  }

  private func imagesToClassify(_ path: String) throws -> ImageSet {
    guard case .images(let images) = try UnlabeledImages(at: path) else {
      throw DatasetError.noPictures(directory: path, found: 0)
    }
    return images
  }

  @Test("Images of other formats load without labels too")
  func unlabeledIDX() throws {
    try directory.write(Samples.mnist)
    let images = try imagesToClassify(directory.path)
    #expect(images.count == 2 && images.labels.isEmpty)
    #expect(Array(images.pixels) == Samples.pixels(2, seed: 100))
  }
}
