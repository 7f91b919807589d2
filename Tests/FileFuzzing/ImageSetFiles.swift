import ConvoyDatasets
import ConvoyTestSupport
import Foundation

/// A directory with the files of a training set, one of which is spoilt.
struct ImageSetFiles: Sendable {
  static let imagesName = "train-images-idx3-ubyte"
  static let labelsName = "train-labels-idx1-ubyte"
  static let labels: [UInt8] = [0, 3, 1, 2, 3]

  private let directory: TemporaryDirectory
  private let file: URL

  /// - Parameters:
  ///   - name: of the file that is spoilt.
  ///   - others: the files beside it.
  init(spoiling name: String, beside others: [String: [UInt8]] = [:]) throws {
    directory = try TemporaryDirectory()
    file = directory.url.appending(path: name)
    try directory.write(others)
  }

  /// The training set with `bytes` as the file.
  func read(_ bytes: [UInt8]) throws -> ImageSet {
    try bytes.write(to: file.path)
    return try Dataset.load(.training, from: directory.path)
  }

  static func idx(_ magicNumber: Int, _ dimensions: [Int], _ elements: [UInt8]) -> [UInt8] {
    ([magicNumber] + dimensions).flatMap { number in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    } + elements
  }

  static func images(rows: Int, columns: Int, shade: (Int) -> Int = { $0 * 37 }) -> [UInt8] {
    idx(
      0x803, [labels.count, rows, columns],
      (0..<labels.count * rows * columns).map { UInt8(truncatingIfNeeded: shade($0)) })
  }
}
