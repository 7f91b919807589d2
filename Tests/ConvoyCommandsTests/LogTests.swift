import ConvoyTerminal
import Foundation
import Testing

@Suite struct LogTests {
  private let workspace: Workspace
  private var log: String { workspace.path("run.jsonl") }

  private static let epochFields: Set<String> = [
    "epoch", "trainingLoss", "trainingAccuracy", "testLoss", "testAccuracy", "seconds",
    "samplesPerSecond",
  ]

  init() throws { workspace = try Workspace() }

  @Test func holdsAnObjectAnEpochWithWhatWasPrinted() throws {
    let run = ToolRun(workspace.training("--log", log))
    #expect(run.exitCode == .success)
    #expect(try LogLine.fields(log) == Array(repeating: Self.epochFields, count: 3))
    for (object, line) in zip(try LogLine.read(log), run.epochLines) {
      let rate = try #require(object.samplesPerSecond)
      #expect(abs(rate * (try #require(object.seconds)) - 50) < 1e-6)
      let printed = String(
        format: "epoch %d: loss %.4f, training accuracy %.2f%%, test accuracy %.2f%%, "
          + "test loss %.4f, %.2f s, ",
        try #require(object.epoch), try #require(object.trainingLoss),
        try #require(object.trainingAccuracy) * 100, try #require(object.testAccuracy) * 100,
        try #require(object.testLoss), try #require(object.seconds))
      #expect(line.hasPrefix(printed))
      let digits = line.dropFirst(printed.count).filter(\.isWholeNumber)
      #expect(digits == "\(Int(rate.rounded()))")
    }
  }

  @Test func holdsAnObjectAStepBeforeItsEpochs() throws {
    let run = ToolRun(workspace.training("--epochs", "2", "--log", log, "--log-steps"))
    #expect(run.exitCode == .success)
    let steps = Array(repeating: Set(["step", "loss"]), count: 4)
    #expect(try LogLine.fields(log) == steps + [Self.epochFields] + steps + [Self.epochFields])
    let objects = try LogLine.read(log)
    #expect(objects.compactMap(\.step) == Array(1...8))
    // Three batches of 16 and one of 2.
    let losses = try objects.prefix(4).map { try #require($0.loss) }
    let mean = zip(losses, [16, 16, 16, 2]).reduce(0) { $0 + $1.0 * $1.1 } / 50
    // Each step's loss is rounded to single precision, to 2⁻²⁴ of a number below 8.
    #expect(abs(mean - (try #require(objects[4].trainingLoss))) < 8 * 0x1p-24)
  }

  @Test func replacesAnOlderLog() throws {
    try workspace.write("{\"epoch\": 99}\n", to: "run.jsonl")
    _ = ToolRun(workspace.training("--epochs", "1", "--log", log))
    #expect(try LogLine.read(log).map(\.epoch) == [1])
  }
}
