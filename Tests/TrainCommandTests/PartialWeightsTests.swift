import ConvoyCommandsTestSupport
import ConvoySafetensors
import ConvoyTerminal
import Testing

/// A file that fits a network in part gives it that part.
@Suite struct PartialWeightsTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// - Parameters:
  ///   - units: of the dense layer in the middle.
  ///   - normalizations: after the convolution.
  private func writeNetwork(units: Int, normalizations: Int = 1) throws {
    let normalization = #"{"type": "batchNormalization"}, "#
    try workspace.write(
      #"{"layers": [{"type": "convolution", "filters": 3, "kernelSize": 3}, "#
        + String(repeating: normalization, count: normalizations)
        + #"{"type": "flatten"}, {"type": "dense", "units": \#(units)}, "#
        + #"{"type": "dense", "units": 4}]}"#, to: "net.json")
  }

  /// Later runs take steps so small that no weight of the first changes by them.
  private func train(_ output: String, _ options: String...) -> ToolRun {
    ToolRun(
      workspace.training(
        "--model", workspace.path("net.json"), "--epochs", "1", "--optimizer", "sgd",
        "--learning-rate", output == "first" ? "0.01" : "1e-30", "--output", workspace.path(output))
        + options)
  }

  private func tensors(_ name: String) throws -> [String: NamedTensor] {
    let tensors = try SafetensorsFile(contentsOf: workspace.path(name)).tensors
    return Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0) })
  }

  @Test func whatFitsIsLoadedAndTheRestDrawn() throws {
    try writeNetwork(units: 7)
    #expect(train("first", "--seed", "1").exitCode == .success)
    try writeNetwork(units: 9)
    #expect(train("drawn").exitCode == .success)
    let first = workspace.path("first")
    let run = train(
      "second", "--initial-weights", first, "--partial", "--checkpoint", workspace.path("saved"))
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(
      run.lines[2] == "loaded 8 tensors (0.weight, 0.bias, 1.weight, 1.bias, 1.running_mean, "
        + "1.running_var, …) of \(first); left in it: 3 tensors (3.weight, 3.bias, 4.weight); "
        + "initialised: 3 tensors (3.weight, 3.bias, 4.weight)")
    let old = try tensors("first")
    let drawn = try tensors("drawn")
    let new = try tensors("second")
    for name in ["0.weight", "4.bias"] { #expect(new[name] == old[name], "\(name)") }
    for name in ["3.weight", "4.weight"] { #expect(new[name] == drawn[name], "\(name)") }
    // Four steps each.
    #expect(new["1.num_batches_tracked"]?.values == [8])

    // Resumed from the checkpoint, it needs neither the file nor the line.
    try workspace.remove("first")
    let before = try workspace.bytes("second")
    let resumed = ToolRun("train", "--resume", workspace.path("saved"))
    #expect(resumed.exitCode == .success, "\(resumed.errors)")
    #expect(!resumed.output.contains("loaded"))
    #expect(try workspace.bytes("second") == before)
  }

  @Test func aFileThatFitsAsAWholeLeavesNothing() throws {
    try writeNetwork(units: 2, normalizations: 0)
    #expect(train("first").exitCode == .success)
    let run = train("second", "--initial-weights", workspace.path("first"), "--partial")
    #expect(run.output.contains("; left in it: none; initialised: none\n"))
    #expect(try workspace.bytes("second") == workspace.bytes("first"))
  }

  @Test func aFileOfWhichNothingFitsIsRefused() throws {
    try writeNetwork(units: 5)
    #expect(train("first").exitCode == .success)
    try workspace.edit("first") { tensors, _ in
      tensors = tensors.map { NamedTensor(name: "x\($0.name)", shape: $0.shape, values: $0.values) }
    }
    let first = workspace.path("first")
    expectRefusal(
      train("second", "--initial-weights", first, "--partial"),
      saying: [
        "\(first): expected a tensor of this network, such as '0.weight' of shape [3, 1, 3, 3], "
          + "found none among 11"
      ])
  }

  /// A number that is none is refused in what is loaded, and of no matter elsewhere.
  @Test func onlyWhatIsLoadedMustBeFinite() throws {
    try writeNetwork(units: 6)
    #expect(train("first").exitCode == .success)
    try workspace.edit("first") { tensors, _ in
      tensors = tensors.map { tensor in
        tensor.name == "3.bias"
          ? NamedTensor(
            name: tensor.name, shape: tensor.shape, values: [Float](repeating: .nan, count: 6))
          : tensor
      }
    }
    let options = ["--initial-weights", workspace.path("first"), "--partial"]
    expectRefusal(
      train("second", options[0], options[1], options[2]),
      saying: ["tensor '3.bias': expected finite numbers, found NaN or infinity"])
    // --partial is no way out.
    let whole = train("second", options[0], options[1])
    #expect(whole.errors.hasSuffix("found NaN or infinity\n"))
    try writeNetwork(units: 8)
    #expect(train("second", options[0], options[1], options[2]).exitCode == .success)
  }

  /// The layers that `--freeze` counts keep what they were loaded with, in a resumed run too; the file
  /// that is written says so, and `--freeze 0` trains them again.
  @Test func theFirstLayersKeepWhatWasLoaded() throws {
    try writeNetwork(units: 7)
    #expect(train("first").exitCode == .success)
    let first = workspace.path("first")
    func training(_ output: String, _ options: String...) -> ToolRun {
      let common = [
        "--epochs", "2", "--initial-weights", first, "--output", workspace.path(output),
        "--checkpoint", workspace.path("saved"),
      ]
      return ToolRun(workspace.training(common + options))
    }
    let network = workspace.path("net.json")
    let run = training("second", "--model", network, "--freeze", "2")
    #expect(run.exitCode == .success, "\(run.errors)")
    let loaded = try tensors("first")
    func changed(_ name: String) throws -> [String] {
      let other = try tensors(name)
      return loaded.keys.filter { loaded[$0] != other[$0] }.sorted()
    }
    let rest = ["3.bias", "3.weight", "4.bias", "4.weight"]
    let measured = ["1.num_batches_tracked", "1.running_mean", "1.running_var"]
    #expect(try changed("second") == measured + rest)

    let before = try workspace.bytes("second")
    let resumed = ToolRun("train", "--resume", workspace.path("saved"))
    #expect(resumed.exitCode == .success, "\(resumed.errors)")
    #expect(try workspace.bytes("second") == before)
    let other = ToolRun("train", "--resume", workspace.path("saved"), "--freeze", "1")
    #expect(other.exitCode == .usage && other.errors.contains("'2'"), "\(other.errors)")

    #expect(training("third", "--model", workspace.path("second")).exitCode == .success)
    #expect(try changed("third") == measured + rest)
    let all = training("fourth", "--model", workspace.path("second"), "--freeze", "0")
    #expect(all.exitCode == .success, "\(all.errors)")
    #expect(try changed("fourth").count == 2 + 2 + measured.count + rest.count)

    // Weights for pixels that were normalised otherwise.
    let unit = training("sixth", "--model", network, "--normalization", "unit")
    #expect(
      unit.lines.contains {
        $0.wholeMatch(
          of:
            /pixels are normalised by means 0\.0000 and deviations 1\.0000; .*first was trained with means 0\.\d{4} and deviations 0\.\d{4}/
        ) != nil
      }, "\(unit.output)")
    #expect(!all.output.contains("pixels are normalised"))

    // Only its network is taken, and the run says so.
    let model = workspace.path("second")
    let anew = ToolRun(workspace.training("--model", model, "--epochs", "1"))
    #expect(
      anew.lines.contains(
        "the network of \(model), with new weights; --initial-weights \(model) begins with its own")
    )
    #expect(!all.output.contains("with new weights") && !run.output.contains("with new weights"))

    let refused = training("fifth", "--model", network, "--freeze", "5")
    #expect(refused.exitCode == .usage)
    #expect(
      refused.errors
        == "Error: --freeze: expected a number below the network's 5 layers, found '5'\n")
  }
}
