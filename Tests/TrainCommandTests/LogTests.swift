import ConvoyCommandsTestSupport
import ConvoyFigures
import ConvoyTerminal
import Foundation
import Testing

@Suite struct LogTests {
  private let workspace: Workspace
  private var log: String { workspace.path("run.jsonl") }

  private static let epochFields: Set<String> = [
    "epoch", "steps", "trainingLoss", "trainingAccuracy", "testLoss", "testAccuracy",
    "learningRate", "seconds", "samplesPerSecond", "runSeconds", "peakMemory",
  ]
  private static let stepFields: Set<String> = [
    "epoch", "step", "loss", "learningRate", "gradientNorm", "seconds", "peakMemory",
  ]

  init() throws { workspace = try Workspace() }

  @Test func holdsTheRunFirst() throws {
    let run = ToolRun(workspace.training("--epochs", "2", "--seed", "7", "--log", log))
    #expect(run.exitCode == .success)
    let header = try #require(LogLine.read(log).first?.run)
    #expect(header.seed == 7 && header.shape == [1, 8, 8] && header.classes == 4)
    #expect(header.options["seed"] == "7" && header.options["batch"] == "16")
    #expect(header.options["data"] == workspace.data && header.options["optimizer"] == "adam")
    #expect(header.steps == 8)
    let parameters = Figures.grouped(header.parameters)
    #expect(run.lines[1].hasPrefix("\(parameters) parameters; \(header.threads) thread"))
    #expect(run.lines[1].hasSuffix(", \(header.instructionSet)"))
    #expect(!header.version.isEmpty)
  }

  @Test func holdsAnObjectAnEpochWithWhatWasPrinted() throws {
    let run = ToolRun(workspace.training("--log", log))
    #expect(run.exitCode == .success)
    #expect(try LogLine.fields(log) == [["run"]] + Array(repeating: Self.epochFields, count: 3))
    let epochs = try LogLine.read(log).dropFirst()
    for (object, row) in zip(epochs, run.epochRows) {
      let rate = try #require(object.samplesPerSecond)
      #expect(abs(rate * (try #require(object.seconds)) - 50) < 1e-6)
      func text(_ value: Double?, _ format: String, times factor: Double = 1) throws -> String {
        String(format: format, try #require(value) * factor)
      }
      #expect(row.number == object.epoch && row.epochs == 3)
      #expect(row.loss == (try text(object.trainingLoss, "%.4f")))
      #expect(row.trainingAccuracy == (try text(object.trainingAccuracy, "%.2f", times: 100)))
      #expect(row.accuracy == (try text(object.testAccuracy, "%.2f", times: 100)))
      #expect(row.judgedLoss == (try text(object.testLoss, "%.4f")))
      #expect(row.seconds == (try text(object.seconds, "%.2f")))
      #expect(row.rate.filter(\.isWholeNumber) == "\(Int(rate.rounded()))")
    }
    // The run's time is that of all epochs, to the millisecond, and more.
    var trained = 0.0
    for object in epochs {
      trained += try #require(object.seconds)
      #expect(try #require(object.runSeconds) >= trained - 0.001)
    }
  }

  @Test func holdsAnObjectAStepBeforeItsEpochs() throws {
    let run = ToolRun(
      workspace.training("--epochs", "2", "--log", log, "--log-steps", "--schedule", "cosine"))
    #expect(run.exitCode == .success)
    let steps = Array(repeating: Self.stepFields, count: 4)
    #expect(
      try LogLine.fields(log)
        == [["run"]] + steps + [Self.epochFields] + steps + [Self.epochFields])
    let objects = try LogLine.read(log).dropFirst()
    #expect(objects.compactMap(\.step) == Array(1...8))
    #expect(objects.filter { $0.step != nil }.compactMap(\.epoch) == [1, 1, 1, 1, 2, 2, 2, 2])
    #expect(try LogLine.epochs(log) == [1, 2])
    // Three batches of 16 and one of 2.
    let losses = try objects.prefix(4).map { try #require($0.loss) }
    let mean = zip(losses, [16, 16, 16, 2]).reduce(0) { $0 + $1.0 * $1.1 } / 50
    // Each step's loss is rounded to single precision, to 2⁻²⁴ of a number below 8.
    #expect(abs(mean - (try #require(objects.dropFirst(4).first?.trainingLoss))) < 8 * 0x1p-24)
    // A cosine falls, and an epoch has the rate of its last step.
    let rates = objects.compactMap(\.learningRate)
    #expect(rates.count == 10 && rates == rates.sorted(by: >) && rates[3] == rates[4])
    #expect(objects.compactMap(\.gradientNorm).allSatisfy { $0 > 0 })
  }

  /// Steps cost no bits: with them and without, whether clipped or not.
  @Test(arguments: [[], ["--clip-norm", "0.5"], ["--optimizer", "muon"]])
  func loggedStepsChangeNoWeight(options: [String]) throws {
    let plain = ToolRun(workspace.training(options))
    let logged = ToolRun(workspace.training(options + ["--log", log, "--log-steps"]))
    #expect(try plain.exitCode == .success && plain.fingerprint == logged.fingerprint)
  }

  /// The step that ends the run is the last one; then the log says why.
  @Test func stepsAreWrittenAsTheyHappen() throws {
    let run = ToolRun(
      workspace.training(
        "--optimizer", "sgd", "--learning-rate", "1000", "--log", log, "--log-steps"))
    #expect(run.exitCode == .failure)
    let step = try #require(run.errors.firstMatch(of: #/step (\d+)/#)?.1)
    let fields = try LogLine.fields(log)
    let steps = Array(repeating: Self.stepFields, count: Int(step) ?? 0)
    #expect(fields == [["run"]] + steps + [["epoch", "layer", "nonFinite", "step"]])
    #expect(try workspace.text("run.jsonl").hasSuffix("\"step\":\(step)}\n"))
  }

  @Test func replacesAnOlderLog() throws {
    try workspace.write("{\"epoch\": 99}\n", to: "run.jsonl")
    _ = ToolRun(workspace.training("--epochs", "1", "--log", log))
    #expect(try LogLine.epochs(log) == [1])
  }
}
