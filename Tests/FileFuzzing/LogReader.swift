import ConvoyTestSupport
import ConvoyTraining
import Foundation

/// Logs of runs, as report and compare read them.
struct LogReader: FuzzedReader {
  static let seeds = [
    """
    {"run":{"classes":4,"data":{},"instructionSet":"avx2","options":{"batch":"16","drop-last":""},\
    "parameters":9,"seed":0,"shape":[1,8,8],"steps":8,"threads":2,"version":"1"}}
    {"epoch":1,"gradientNorm":2.5,"learningRate":0.001,"loss":1.5,"seconds":0.25,"step":1}
    {"epoch":1,"loss":"nan","step":2}
    {"epoch":1,"learningRate":0.001,"peakMemory":7,"runSeconds":0.5,"samplesPerSecond":100,\
    "seconds":0.5,"steps":4,"testAccuracy":0.5,"testLoss":1.25,"trainingAccuracy":0.25,\
    "trainingLoss":1.5}

    """,
    """
    {"epoch":1,"samplesPerSecond":1e9,"seconds":1,"trainingAccuracy":0.5,"trainingLoss":"inf",\
    "validationAccuracy":0.5,"validationLoss":2}

    {"epoch":2,"samplesPerSecond":1,"seconds":1,"trainingAccuracy":1,"trainingLoss":0,\
    "validationAccuracy":1,"validationLoss":0}
    {"keptEpoch":1,"testAccuracy":0.75,"testLoss":1}
    {"epo
    """,
  ].map { Array($0.utf8) }
  static let words = [
    "\n", "\n\n", "{\"step\":7,\"loss\":1}\n", "{\"step\":8,\"loss\":\"-inf\"}\n", "{}\n", "[]\n",
    "\"run\":{", "\"options\":{\"a\":\"b\"},", "\"trainingLoss\":", "\"testLoss\":",
    "\"validationLoss\":",
    "\"keptEpoch\":", "\"learningRate\":", "1e999", "-0", "9223372036854775808", "\"nan\"", "null",
    "\\ud83d", "{\"epoch\":3,", String(repeating: "[", count: 300), "\r\n",
  ]

  private let directory: TemporaryDirectory
  private let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.path(of: "run.jsonl")
  }

  static func isRefusal(_ error: any Error) -> Bool { error is RunHistoryError }

  private func history(_ file: some Sequence<UInt8>) throws -> RunHistory {
    try Array(file).write(to: path)
    return try RunHistory(contentsOf: path)
  }

  func read(_ file: [UInt8]) throws {
    let history = try history(file)
    let end = file.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let lines = file[..<end].split(separator: UInt8(ascii: "\n"))
    try Violation.require(
      history.steps.count + history.epochs.count <= lines.count
        && lines.isEmpty
          == (history.steps.isEmpty && history.epochs.isEmpty && history.run == nil
            && history.test == nil),
      "what was read is not a line each")
    for numbers in [history.steps.map(\.number), history.epochs.map(\.number)] {
      try Violation.require(
        zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, "numbers that do not grow")
    }
    let whole: RunHistory
    do {
      whole = try self.history(file[..<end])
    } catch {
      throw Violation("the lines that have an end are refused: \(error)")
    }
    // By their texts where there may be NaN, which is not equal to itself.
    try Violation.require(
      whole.run == history.run && "\(whole.steps)" == "\(history.steps)"
        && "\(whole.epochs)" == "\(history.epochs)"
        && "\(whole.test as Any)" == "\(history.test as Any)",
      "a last line without an end changes what was read")
  }
}
