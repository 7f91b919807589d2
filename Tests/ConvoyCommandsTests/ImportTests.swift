import ConvoyCommandsTestSupport
import ConvoySafetensors
import ConvoyTerminal
import ConvoyTraining
import Foundation
import Testing

@Suite struct ImportTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private func run(_ name: String, to output: String, _ arguments: String...) -> ToolRun {
    ToolRun(
      ["import", "--weights", workspace.path(name), "--output", workspace.path(output)] + arguments)
  }

  @Test func anExportedModelIsTheSameModel() throws {
    workspace.trainModel("model")
    #expect(
      ToolRun(
        "export", "--weights", workspace.path("model"), "--output", workspace.path("net.onnx")
      ).exitCode == .success)
    let run = run("net.onnx", to: "again")
    #expect(run.exitCode == .success)
    #expect(
      run.output
        == "input: images of 1×8×8; 5,668 parameters; written to \(workspace.path("again"))\n")
    #expect(try workspace.bytes("again") == workspace.bytes("model"))
  }

  /// The file of numbers beside a model is an input too.
  @Test func theNumbersBesideAModelAreNotWrittenOver() throws {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "ONNXTests/Fixtures")
    for name in ["external.onnx", "external.onnx.data"] {
      try workspace.write(
        Array(Data(contentsOf: fixtures.appending(path: name))), to: name)
    }
    let numbers = try workspace.bytes("external.onnx.data")
    expectRefusal(
      run("external.onnx", to: "external.onnx.data"), .usage, saying: ["--output: "])
    #expect(try workspace.bytes("external.onnx.data") == numbers)
    #expect(run("external.onnx", to: "model").exitCode == .success)
  }

  /// A file of other names, as PyTorch writes them.
  @Test func aStateDictFindsItsLayers() throws {
    workspace.trainModel("model")
    let names = ["0": "conv1", "3": "conv2", "7": "fc1", "9": "fc2"]
    try workspace.edit("model") { tensors, metadata in
      metadata = [:]
      tensors = tensors.map { tensor in
        let parts = tensor.name.split(separator: ".")
        return NamedTensor(
          name: "net.x_\(names[String(parts[0])] ?? "").\(parts[1])", shape: tensor.shape,
          values: tensor.values)
      }.sorted { $0.name < $1.name }
    }
    let run = run(
      "model", to: "again", "--model", "small", "--input", "1x8x8", "--classes", "4")
    #expect(run.exitCode == .success)
    #expect(run.lines.first == "0.weight is net.x_conv1.weight")
    #expect(run.lines.last?.contains("5,668 parameters, matched by shape;") == true)
    workspace.trainModel("trained")
    #expect(
      try ModelFile(contentsOf: workspace.path("again")).weights
        == ModelFile(contentsOf: workspace.path("trained")).weights)
    #expect(try ModelFile(contentsOf: workspace.path("again")).normalization.method == .unit)
  }

  @Test func classesGetNames() throws {
    workspace.trainModel("model")
    _ = ToolRun(
      "export", "--weights", workspace.path("model"), "-o", workspace.path("net.onnx"))
    try workspace.write("cat\r\nsmall dog\r\nhen\r\ncow\r\n", to: "names.txt")
    for (text, last) in [("cat,small dog,hen,cow", "cow"), (workspace.path("names.txt"), "cow")] {
      #expect(run("net.onnx", to: "again", "--classes", text).exitCode == .success)
      let names = try ModelFile(contentsOf: workspace.path("again")).classNames
      #expect(names == ["cat", "small dog", "hen", last])
    }
    // A preset has as many outputs as there are names.
    let preset = run(
      "model", to: "again", "--model", "small", "--input", "1x8x8", "--classes", "a,b,c,d")
    #expect(preset.exitCode == .success && preset.output.contains("matched by name"))
    let before = try workspace.contents()
    expectRefusal(
      run("net.onnx", to: "out", "--classes", "a,b,c"),
      saying: ["expected 4 names, one for each output, found 3"])
    expectRefusal(
      run("net.onnx", to: "out", "--classes", "a,b,a,c"), .usage,
      saying: ["--classes: expected a number, or a different name for each class, found 'a'"])
    expectRefusal(
      run("net.onnx", to: "out", "--classes", workspace.path("none")),
      saying: ["none: cannot open: No such file"])
    #expect(try workspace.contents() == before)
  }

  @Test func whatIsWrongIsOneLine() throws {
    try workspace.write("PK\u{3}\u{4} archive", to: "net.pt")
    try workspace.write("no model", to: "net.onnx")
    workspace.trainModel("model")
    let before = try workspace.contents()
    expectRefusal(run("net.pt", to: "out"), saying: ["net.pt", "safetensors.torch.save_file"])
    expectRefusal(run("net.onnx", to: "out"), saying: ["net.onnx: byte"])
    expectRefusal(run("model", to: "out"), .usage, saying: ["--model: expected one"])
    expectRefusal(
      run("model", to: "out", "--model", "small"), .usage, saying: ["--input: expected one"])
    expectRefusal(
      run("model", to: "out", "--model", "small", "--input", "1x8x8"),
      saying: ["tensor '9.weight': expected shape [10, 64], found [4, 64]"])
    expectRefusal(
      run("model", to: "out", "--normalization", "0.1"), .usage,
      saying: ["--normalization", "unit"])
    expectRefusal(run("net.onnx", to: "net.onnx"), .usage, saying: ["--output"])
    #expect(try workspace.contents() == before)
  }
}
