/// A reader of files, as the fuzzers drive it.
protocol FuzzedReader: Sendable {
  /// Whole files that are read, small and different from each other.
  static var seeds: [[UInt8]] { get throws }
  /// Words of the format, which chance would hardly find.
  static var words: [String] { get }
  /// Whether an error is one with which the reader may refuse a file.
  static func isRefusal(_ error: any Error) -> Bool

  /// A mutant of a file. A format whose parts depend on each other changes one at times and makes the
  /// others fit, or no reader would look further than its checksum.
  static func mutant(of file: [UInt8], _ mutator: inout Mutator) throws -> [UInt8]

  /// libFuzzer's file with a right checksum, if the format has one: chance never finds it.
  static func madeWhole(_ file: [UInt8]) -> [UInt8]

  init() throws

  /// Reads a file, and looks whether what was read is what the file holds.
  ///
  /// - Throws: the reader's own error, or `Violation`.
  func read(_ file: [UInt8]) throws
}

extension FuzzedReader {
  static func madeWhole(_ file: [UInt8]) -> [UInt8] { file }

  static func mutant(of file: [UInt8], _ mutator: inout Mutator) throws -> [UInt8] {
    mutator.mutant(of: file)
  }
}
