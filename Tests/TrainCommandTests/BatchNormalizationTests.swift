import ConvoyCommandsTestSupport
import ConvoySafetensors
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
        "found 1 in a batch of 1; --drop-last leaves",
      ])
    #expect(try workspace.contents() == before)
    let run = train("--batch", "7", "--drop-last", "--epochs", "1", "--output", output)
    #expect(run.exitCode == .success, "\(run.errors)")
  }

  /// The file has the running statistics, so that a single image is judged as in its batch.
  @Test func theModelIsEvaluatedByRunningStatistics() throws {
    let model = workspace.path("model")
    let run = train("--batch", "10", "--epochs", "8", "--output", model)
    #expect(run.epochRows.last?.accuracy == "100.00", "\(run.output)")
    let evaluation = ToolRun("evaluate", "--data", workspace.data, "--weights", model)
    #expect(evaluation.output.hasPrefix("test accuracy 100.00%"), "\(evaluation.output)")
  }

  /// PyTorch's own counts are whole numbers; a variance below 0 has no root.
  @Test(arguments: [
    ("6.num_batches_tracked", Float(3.5), "a whole number from 0 to 16777216, found 3.5"),
    ("6.num_batches_tracked", 9.3e18, "a whole number from 0 to 16777216, found 9.3e+18"),
    ("1.running_var", -0.5, "variances of at least 0, found -0.5"),
  ])
  func impossibleStatisticsAreRefused(name: String, value: Float, message: String) throws {
    let model = workspace.path("model")
    #expect(train("--epochs", "1", "--output", model).exitCode == .success)
    try workspace.edit("model") { tensors, _ in
      tensors = tensors.map { tensor in
        tensor.name != name
          ? tensor
          : NamedTensor(
            name: name, shape: tensor.shape, values: [value] + tensor.values.dropFirst())
      }
    }
    expectRefusal(
      ToolRun("evaluate", "--data", workspace.data, "--weights", model),
      saying: ["model: tensor '\(name)': expected \(message)"])
    // No name or shape is amiss: less of the file is no remedy.
    let again = train("--epochs", "1", "--initial-weights", model)
    #expect(
      again.errors.contains(message) && !again.errors.contains("--partial"), "\(again.errors)")
  }

  @Test func summaryCountsWhatIsLearned() {
    let run = ToolRun("summary", "--model", workspace.path("net.json"), "--input", "1x8x8")
    #expect(run.output.contains(#/1  batchNormalization +8×8×8 +16\n/#), "\(run.output)")
  }
}
