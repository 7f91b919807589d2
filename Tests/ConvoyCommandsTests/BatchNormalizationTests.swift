import ConvoyTerminal
import Testing

@Suite struct BatchNormalizationTests {
  /// 50 images of four classes.
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    try workspace.write(
      """
      {"layers": [
        {"type": "convolution", "filters": 8, "kernelSize": 3, "padding": 1, "bias": false},
        {"type": "batchNormalization"}, {"type": "relu"}, {"type": "maxPooling", "kernelSize": 2},
        {"type": "flatten"}, {"type": "dense", "units": 8}, {"type": "batchNormalization"},
        {"type": "gelu"}, {"type": "dense", "units": 4}
      ]}
      """, to: "net.json")
  }

  private func train(_ arguments: String...) -> ToolRun {
    ToolRun(
      ["train", "--data", workspace.data, "--model", workspace.path("net.json")] + arguments)
  }

  /// The last batch of seven is of one image, whose dense outputs have no variance.
  @Test func aBatchTooSmallForAVarianceIsRefused() throws {
    let before = try workspace.contents()
    let output = workspace.path("model")
    expectRefusal(
      train("--batch", "7", "--output", output), .usage,
      saying: [
        "--batch: layer 6 (batchNormalization): expected at least 2 values per channel",
        "found 1 in a batch of 1; --drop-last",
      ])
    #expect(try workspace.contents() == before)
    let run = train("--batch", "7", "--drop-last", "--epochs", "1", "--output", output)
    #expect(run.exitCode == .success, "\(run.errors)")
  }

  /// The file has the running statistics, so that a single image is judged as in its batch.
  @Test func theModelIsEvaluatedByRunningStatistics() throws {
    let model = workspace.path("model")
    let run = train("--batch", "10", "--epochs", "8", "--output", model)
    let accuracy = try #require(
      run.output.firstMatch(of: #/test accuracy [0-9.]+%, test loss [0-9.]+, [^\n]*\nmodel/#))
    #expect(accuracy.output.contains("100.00%"), "\(run.output)")
    let evaluation = ToolRun("evaluate", "--data", workspace.data, "--weights", model)
    #expect(evaluation.output.hasPrefix("test accuracy 100.00%"), "\(evaluation.output)")
  }

  @Test func summaryCountsWhatIsLearned() {
    let run = ToolRun("summary", "--model", workspace.path("net.json"), "--input", "1x8x8")
    #expect(run.output.contains(#/1  batchNormalization +8×8×8 +16\n/#), "\(run.output)")
  }
}
