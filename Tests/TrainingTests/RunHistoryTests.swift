import ConvoyTraining
import Foundation
import Testing

/// Logs read back, whole and damaged.
@Suite struct RunHistoryTests {
  private static let header =
    #"{"run":{"classes":4,"data":{},"instructionSet":"avx2","options":{"batch":"16"},"#
    + #""parameters":9,"seed":0,"shape":[1,8,8],"steps":8,"threads":2,"version":"1"}}"#
  private static let step =
    #"{"epoch":1,"gradientNorm":2.5,"learningRate":0.001,"loss":1.5,"peakMemory":7,"#
    + #""seconds":0.25,"step":1}"#
  private static let epoch =
    #"{"epoch":1,"learningRate":0.001,"peakMemory":7,"runSeconds":0.5,"samplesPerSecond":100,"#
    + #""seconds":0.5,"steps":4,"testAccuracy":0.5,"testLoss":1.25,"trainingAccuracy":0.25,"#
    + #""trainingLoss":1.5}"#
  private static let test = #"{"keptEpoch":1,"testAccuracy":0.75,"testLoss":1}"#

  private func read(_ text: String) throws -> RunHistory {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).jsonl").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(text.utf8).write(to: URL(filePath: path))
    do {
      return try RunHistory(contentsOf: path)
    } catch let error as RunHistoryError {
      #expect(error.path == path)
      throw error
    }
  }

  @Test func everyLineIsRead() throws {
    let lines = [Self.header, Self.step, Self.epoch, Self.test].map { $0 + "\n" }
    let history = try read(lines.joined())
    #expect(history.run?.options == ["batch": "16", "precision": "fp32"])
    #expect(history.run?.shape == [1, 8, 8])
    #expect(history.steps.map(\.number) == [1] && history.steps[0].gradientNorm == 2.5)
    #expect(history.epochs.map(\.loss) == [1.25] && history.epochs[0].isValidation == false)
    #expect(history.keptEpoch == 1 && history.test?.accuracy == 0.75)
  }

  @Test func aLogWithoutAHeaderIsRead() throws {
    let history = try read(
      """
      {"loss":2.5,"step":1}
      {"loss":"nan","step":2}
      {"epoch":1,"samplesPerSecond":10,"seconds":1,"trainingAccuracy":0.5,"trainingLoss":"inf",\
      "validationAccuracy":0.5,"validationLoss":2}

      """)
    #expect(history.run == nil && history.steps.count == 2 && history.steps[1].loss.isNaN)
    #expect(history.epochs[0].isValidation && history.epochs[0].trainingLoss == .infinity)
    #expect(history.epochs[0].steps == nil)
  }

  /// The last line of a run that is still going may be half there.
  @Test func anUnfinishedLineIsLeftOut() throws {
    #expect(try read(Self.step + "\n" + Self.epoch.dropLast(9)).steps.count == 1)
    #expect(try read("") == read("\n"))
  }

  private static let damages: [(line: String, words: String)] = [
    ("{\"step\":", "a line of JSON"), ("[1]", "expected an object, found an array"),
    ("{\"steps\":3}", "expected a run, a step, an epoch, a fault or a test of convoy train"),
    ("{}", "found an empty object"), ("{\"step\":2}", "'loss': a number, found none"),
    ("{\"loss\":1,\"step\":1.5}", "'step': a whole number of at least 0, found 1.5"),
    ("{\"loss\":1,\"step\":-2}", "'step': a whole number of at least 0, found -2"),
    ("{\"loss\":\"low\",\"step\":2}", "'loss': a number, found a string"),
    ("{\"loss\":1e400,\"step\":2}", "'loss': a number, found 1e400"),
    (step, "above 1, found 1"),
    ("{\"run\":7}", "'run': an object, found 7"),
    ("{\"run\":{\"version\":\"1\",\"options\":[]}}", "'options': an object of texts"),
  ]

  @Test(arguments: damages) func aDamagedLineIsNamed(line: String, words: String) throws {
    let error = try #require(throws: RunHistoryError.self) {
      try read(Self.header + "\n" + Self.step + "\n" + line + "\n" + Self.epoch + "\n")
    }
    #expect(error.line == 3 && "\(error)".contains("line 3: expected "), "\(error)")
    #expect("\(error)".contains(words), "\(error)")
  }

  @Test func aLineWithoutAnEndIsRefused() throws {
    let error = try #require(throws: RunHistoryError.self) {
      try read(Self.step + "\n" + String(repeating: " ", count: 1 << 20) + " \n")
    }
    #expect(error.line == 2 && error.expected == "at most 1048576 bytes")
  }
}
