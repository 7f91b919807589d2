import ConvoyCommandsTestSupport
import ConvoyTerminal
import ConvoyTraining
import Foundation
import Testing

@testable import ConvoyCommands

/// Options from a file.
@Suite struct OptionsFileTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private func options() -> [String] { ["--options", workspace.path("options.json")] }

  @Test func theCommandLineGoesBeforeTheFile() throws {
    try workspace.write(
      #"{"learning-rate": 1e-2, "optimizer": "momentum", "seed": 3, "drop-last": true, "shuffle": "off"}"#,
      to: "options.json")
    let given = [
      "--learning-rate", "0.01", "--optimizer", "momentum", "--seed", "4", "--drop-last",
      "--shuffle", "off",
    ]
    let plain = ToolRun(workspace.training(given))
    let filed = ToolRun(workspace.training(options() + ["--seed", "4"]))
    #expect(try plain.exitCode == .success && filed.fingerprint == plain.fingerprint)
    #expect(try ToolRun(workspace.training(options())).fingerprint != plain.fingerprint)
    try workspace.write(#"{"drop-last": false}"#, to: "options.json")
    #expect(
      try ToolRun(workspace.training(options())).fingerprint
        == ToolRun(workspace.training()).fingerprint)
  }

  @Test func printedOptionsMakeTheSameRun() throws {
    let given = [
      "--lr", "0.02", "--drop-last", "--validation", "0.2", "--augment", "flip,crop:1", "--output",
      workspace.path("a \"quoted\" model"),
    ]
    let printed = ToolRun(workspace.training(given + ["--print-options"]))
    #expect(printed.exitCode == .success && printed.errors == "")
    #expect(!workspace.exists("a \"quoted\" model"))
    try workspace.write(printed.output, to: "options.json")
    let again = ToolRun(["train", "--print-options"] + options())
    #expect(again.output == printed.output)
    #expect(
      try ToolRun(["train"] + options()).fingerprint
        == ToolRun(workspace.training(given)).fingerprint)
    let several = ToolRun(workspace.training("--seeds", "3:4", "--print-options")).output
    #expect(several.contains(#""seeds": "3:4""#) && !several.contains(#""seed":"#))
  }

  @Test(arguments: [
    (#"{"epchs": 3}"#, "Unknown option '--epchs'. Did you mean '--epochs'?"),
    (#"{"epochs": "three"}"#, "--epochs: expected a whole number"),
    (#"{"epochs": [3]}"#, "--epochs: expected a text, a number, true or false, found"),
    (#"{"options": "other.json"}"#, "Unknown option '--options'"),
    (#"{"epochs": true}"#, "--epochs <count>: expected a value"),
    (#"{"epocs": false}"#, "Unknown option '--epocs'"),
    (#"{"epochs": false}"#, "--epochs <count>: expected a value"),
    (#"{"drop-last": 1}"#, "--drop-last: expected no value, found '1'"),
    (#"{"optimizer": "adm"}"#, "--optimizer: expected one of"),
    ("[1]", "expected an object of options"), ("{", "byte 1: expected"),
  ])
  func refusesOtherFiles(text: String, message: String) throws {
    try workspace.write(text, to: "options.json")
    let run = ToolRun(workspace.training(options()))
    expectRefusal(run, .usage, saying: [message])
  }

  @Test func quietRunsPrintTheResult() throws {
    let run = ToolRun(workspace.training("--quiet", "--epochs", "1"))
    let plain = workspace.trainModel("model")
    #expect(run.errors == "")
    #expect(run.lines.count == 2)
    #expect(run.lines.first.map { $0 + "\n" } == workspace.evaluate("model").output[...])
    #expect(try run.fingerprint == plain.fingerprint)
  }

  /// The last epochs' rate is a hundred times as high.
  @Test func saysWhenAnEarlierEpochWasBetter() {
    let spoiled = [
      "--epochs", "10", "--learning-rate", "1", "--schedule", "linear", "--schedule-points",
      "0:0.01,0.7:0.01,0.71:1,1:1",
    ]
    let run = ToolRun(workspace.training(spoiled))
    let told =
      /epoch \d was better than the last: test accuracy 100.00%, not .+; --validation 0.1 --keep/
    #expect(run.errors.contains(told), "\(run.errors)\(run.output)")
    let kept = ToolRun(workspace.training(spoiled + ["--validation", "0.2", "--keep", "best"]))
    #expect(kept.exitCode == .success && !kept.errors.contains("was better"), "\(kept.errors)")
  }

  @Test func saysWhenNothingIsLearned() {
    func stuck(_ arguments: String...) -> ToolRun {
      ToolRun(workspace.training(["--optimizer", "sgd", "--learning-rate", "1e-30"] + arguments))
    }
    let long = stuck("--epochs", "20")
    #expect(long.exitCode == .success)
    #expect(
      long.errors.wholeMatch(
        of:
          /no progress: loss 1\.\d+ is no better than guessing; try another --learning-rate.*\n/)
        != nil)
    // A few steps say little, and the rate of a cycle begins low.
    #expect(
      stuck().errors.wholeMatch(
        of:
          /loss 1\.\d+ is no better than guessing after only 12 steps; try more --epochs or a.*\n/)
        != nil)
    // The steps may end the run before its epochs.
    for length in [["--epochs", "25"], ["--epochs", "100", "--steps", "100"]] {
      let cycle = ToolRun(
        workspace.training(
          ["--optimizer", "sgd", "--learning-rate", "1e-30", "--schedule", "one-cycle"] + length))
      #expect(cycle.errors.hasPrefix("no progress: "))
    }
    #expect(stuck("--epochs", "100", "--steps", "30").errors.contains("only 30 steps"))
    #expect(ToolRun(workspace.training("--learning-rate", "0.01")).errors == "")
  }

  /// The test images are of other classes than those trained on.
  @Test func saysWhenItLearnsByHeart() throws {
    try workspace.write(
      ImageFiles.header(0x801, 21) + (0..<21).map { UInt8(($0 + 1) % 4) },
      to: "data/\(ImageFiles.testLabels)")
    let run = ToolRun(workspace.training("--learning-rate", "0.01"))
    #expect(run.errors.contains(#/^training \d+\.\d\d%, test \d\.\d\d%: overfitting; try/#))
    // An average of the weights may be far behind those that the training accuracy is of.
    #expect(
      ToolRun(workspace.training("--learning-rate", "0.01", "--average-weights", "ema")).errors
        == "")
  }

  @Test func saysWhenAnAverageIsTooLong() {
    let run = ToolRun(
      "train", "--data", workspace.data, "--model", "small", "--batch", "2", "--average-weights",
      "ema")
    #expect(
      run.errors
        == "the average is over some 1,000 steps, and the run has 75; try --average-decay 0.87\n")
    let advice = [10, 75, 3_999, 4_000].map {
      TrainReport.advice(on: .exponential(decay: 0.999), steps: $0)
    }
    #expect(advice[0] == nil && advice[3] == nil)
    #expect(advice[2]?.hasSuffix("the run has 3,999; try --average-decay 0.9975") == true)
    #expect(TrainReport.advice(on: .none, steps: 75) == nil)
  }
}
