import ConvoyTestSupport

/// Small files in the formats of real data sets.
enum Samples {
  static func header(_ magicNumber: UInt32, _ dimensions: UInt32...) -> [UInt8] {
    ([magicNumber] + dimensions).flatMap { number in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
  }

  /// Images of three rows by two columns, every pixel different from its neighbours.
  static func images(_ count: Int, seed: Int = 0) -> [UInt8] {
    header(0x803, UInt32(count), 3, 2) + pixels(count, seed: seed)
  }

  static func pixels(_ count: Int, seed: Int = 0) -> [UInt8] {
    (0..<count * 6).map { UInt8(truncatingIfNeeded: $0 * 37 + seed) }
  }

  static func labels(_ labels: [UInt16]) -> [UInt8] {
    header(0x801, UInt32(labels.count)) + labels.map { UInt8($0) }
  }

  static let trainingLabels: [UInt16] = [0, 3, 1, 2, 3]
  static let testLabels: [UInt16] = [2, 0]

  static let trainingImagesName = "train-images-idx3-ubyte"
  static let trainingLabelsName = "train-labels-idx1-ubyte"
  static let testImagesName = "t10k-images-idx3-ubyte"
  static let testLabelsName = "t10k-labels-idx1-ubyte"

  static let mnist = [
    trainingImagesName: images(5),
    trainingLabelsName: labels(trainingLabels),
    testImagesName: images(2, seed: 100),
    testLabelsName: labels(testLabels),
  ]

  /// EMNIST's names for the same four files.
  static func emnist(_ split: String) -> [String: [UInt8]] {
    [
      "emnist-\(split)-train-images-idx3-ubyte": images(5),
      "emnist-\(split)-train-labels-idx1-ubyte": labels(trainingLabels),
      "emnist-\(split)-test-images-idx3-ubyte": images(2, seed: 100),
      "emnist-\(split)-test-labels-idx1-ubyte": labels(testLabels),
    ]
  }

  static func compressed(_ files: [String: [UInt8]]) throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for (name, bytes) in files { result[name + ".gz"] = try Gzip.member(bytes) }
    return result
  }

  /// One record of CIFAR-10, of which `value` gives each plane and place.
  static func record(label: UInt8, value: (_ channel: Int, _ place: Int) -> UInt8) -> [UInt8] {
    [label] + (0..<3).flatMap { channel in (0..<1024).map { value(channel, $0) } }
  }

  /// A record of CIFAR-100, of one colour.
  static func record(coarse: UInt8, fine: UInt8, colour: [UInt8]) -> [UInt8] {
    [coarse] + record(label: fine, colour: colour)
  }

  /// A record of one colour.
  static func record(label: UInt8, colour: [UInt8]) -> [UInt8] {
    record(label: label) { channel, _ in colour[channel] }
  }
}
