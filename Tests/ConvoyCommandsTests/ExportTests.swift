import ConvoyCommandsTestSupport
import ConvoyTerminal
import Testing

@Suite struct ExportTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private func export(_ name: String, to output: String, _ arguments: String...) -> ToolRun {
    ToolRun(
      ["export", "--weights", workspace.path(name), "--output", workspace.path(output)] + arguments)
  }

  @Test func saysWhatTheFileTakesAndGives() throws {
    workspace.trainModel("model")
    let run = export("model", to: "model.onnx")
    #expect(run.exitCode == .success)
    #expect(run.errors == "")
    #expect(
      run.output
        == "input: images of 1×8×8, floats from 0 to 255; output: 4 probabilities; written to "
        + "\(workspace.path("model.onnx"))\n")
    let logits = export("model", to: "logits.onnx", "--logits")
    #expect(logits.output.contains("output: 4 logits;"))
    // Softmax is a node with inputs, an output, a name and an axis.
    #expect(try workspace.bytes("logits.onnx").count < workspace.bytes("model.onnx").count)
  }

  @Test func keepsTheModelAndTheOldFileOnErrors() throws {
    workspace.trainModel("model")
    try workspace.edit("model") { tensors, _ in tensors.removeFirst() }
    try workspace.write("old", to: "model.onnx")
    let before = try workspace.contents()
    expectRefusal(
      export("model", to: "model.onnx"), saying: ["tensor '0.", "expected shape", "found none"])
    expectRefusal(export("model", to: "model"), .usage, saying: ["--output", "does not use"])
    expectRefusal(ToolRun("export", "--output", "a"), .usage, saying: ["--weights"])
    #expect(try workspace.contents() == before)
  }
}
