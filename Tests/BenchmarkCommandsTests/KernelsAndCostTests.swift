import ConvoyTerminal
import Foundation
import Testing

@Suite struct KernelsAndCostTests {
  @Test func kernelsAreComparedAndTimed() throws {
    let run = try Workspace().run("kernels", "--batch", "8", "--json")
    #expect(run.exitCode == .success, "\(run.errors)")
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let result = try #require((report["results"] as? [[String: Any]])?.first)
    let rows = try #require(result["rows"] as? [[String: Any]])
    let names = Set(rows.compactMap { $0["kernel"] as? String })
    #expect(names.isSuperset(of: ["convolve", "convolveAndMaxPool", "weightGradient", "sumSlots"]))
    for row in rows {
      #expect(try #require(row["worstError"] as? Double) <= 1)
      #expect(try #require(row["calls"] as? Int) > 0)
    }
  }

  /// Pairs of convolutions as in `vgg`, and what the other networks have: together they call every
  /// kernel that a step can call, but those of a softmax within the network.
  @Test func noKernelOfAStepIsMissing() throws {
    let workspace = try Workspace()
    try workspace.write(
      """
      {"layers": [
        {"type": "convolution", "filters": 24, "kernelSize": 3, "padding": 1}, {"type": "relu"},
        {"type": "convolution", "filters": 24, "kernelSize": 3, "padding": 1}, {"type": "relu"},
        {"type": "convolution", "filters": 24, "kernelSize": 3, "padding": 1}, {"type": "relu"},
        {"type": "maxPooling", "kernelSize": 2}, {"type": "averagePooling", "kernelSize": 2},
        {"type": "flatten"}, {"type": "dropout", "rate": 0.5}, {"type": "dense", "units": 10}
      ]}
      """, to: "pairs.json")
    let run = ToolRun(
      "kernels", "--model", workspace.path("pairs.json"), "--input", "1x12x12", "--batch", "8",
      "--rounds", "1", "--seconds", "0.0001", "--warm-up", "0.0001", "--json")
    #expect(run.exitCode == .success, "\(run.errors)")
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let result = try #require((report["results"] as? [[String: Any]])?.first)
    let rows = try #require(result["rows"] as? [[String: Any]])
    let names = Set(rows.compactMap { $0["kernel"] as? String })
    #expect(
      names == [
        "convolve", "weightGradient", "sumPixels", "listPooledGradients", "listedWeightGradient",
        "listedInputGradient", "winogradInput", "winogradOutput", "winogradOutputGradient",
        "winogradFilters", "winogradFilterGradient", "maxPool", "averagePool",
        "averagePoolGradient", "activate", "activationGradient", "softmaxCrossEntropy",
        "normalize", "copyRows", "multiply", "areFinite", "sumSlots", "sumFilterSlots",
        "transposeTile",
      ])
    let convolutions = try #require(
      (result["convolutions"] as? [String: Any])?["rows"] as? [[String: Any]])
    let passes = convolutions.map { "\($0["layer"] ?? "") \($0["pass"] ?? "")" }
    #expect(
      passes == [
        "0 forward", "0 weight gradient", "0 update",
        "2 forward", "2 weight gradient", "2 input gradient", "2 update",
        "4 forward", "4 weight gradient", "4 input gradient", "4 update",
      ])
  }

  private static let networks: [String] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Benchmarks/networks").standardized
    let files = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return ["article", "small", "fast", "medium"] + (files ?? []).map(\.path).sorted()
  }()

  @Test(arguments: networks)
  func kernelsOfEveryNetworkAreCompared(model: String) {
    #expect(Self.networks.contains { $0.hasSuffix("strides.json") })
    expectKernelsAreCompared("--model", model)
  }

  /// On smaller samples than its own, whose reference takes a minute.
  @Test func kernelsOfTheLargestNetworkAreCompared() {
    expectKernelsAreCompared("--model", "vgg", "--input", "3x8x8")
  }

  /// Strides that divide neither kernel nor map, that are larger than the kernel, and a map of one row.
  @Test(arguments: ["3x43x54", "2x1x31"])
  func kernelsOfOddStridesAreCompared(input: String) throws {
    let workspace = try Workspace()
    try workspace.write(
      """
      {"layers": [
        {"type": "convolution", "filters": 16, "kernelSize": 3, "padding": 1}, {"type": "relu"},
        {"type": "convolution", "filters": 9, "kernelSize": 5, "stride": 2, "padding": 2},
        {"type": "relu"},
        {"type": "convolution", "filters": 16, "kernelSize": 4, "stride": 3, "padding": 2},
        {"type": "convolution", "filters": 8, "kernelSize": 1, "stride": 2},
        {"type": "convolution", "filters": 8, "kernelSize": 2, "stride": 3, "padding": 1},
        {"type": "tanh"}, {"type": "flatten"}, {"type": "dense", "units": 10}
      ]}
      """, to: "strides.json")
    expectKernelsAreCompared("--model", workspace.path("strides.json"), "--input", input)
  }

  /// The tiles of several samples are multiplied at a time: each sample's transforms are the same
  /// kernel's calls.
  @Test func kernelsOfSmallMapsAreCompared() throws {
    let workspace = try Workspace()
    try workspace.write(
      """
      {"layers": [
        {"type": "convolution", "filters": 32, "kernelSize": 3, "padding": 1}, {"type": "relu"},
        {"type": "convolution", "filters": 32, "kernelSize": 3, "padding": 1}, {"type": "relu"},
        {"type": "flatten"}, {"type": "dense", "units": 10}
      ]}
      """, to: "small.json")
    let run = expectKernelsAreCompared(
      "--model", workspace.path("small.json"), "--input", "3x8x8", batch: 32)
    let rows = run.output.split(separator: "\n").map { $0.split(separator: " ") }
    for transform in ["winogradInput", "winogradOutput", "winogradOutputGradient"] {
      let calls = rows.filter { $0.first == transform[...] }.map { Int($0[2]) ?? 0 }
      #expect(!calls.isEmpty && calls.allSatisfy { $0 > 0 && $0.isMultiple(of: 32) }, "\(calls)")
    }
  }

  /// As `train` refuses it; a forward pass needs no statistics.
  @Test func aBatchTooSmallForAVarianceIsRefused() throws {
    let workspace = try Workspace()
    let model = workspace.path("flat.json")
    try workspace.write(
      """
      {"layers": [
        {"type": "flatten"}, {"type": "batchNormalization"}, {"type": "dense", "units": 10}
      ]}
      """, to: "flat.json")
    let brief = ["--rounds", "1", "--seconds", "0.0001", "--warm-up", "0.0001"]
    for command in ["kernels", "scaling"] {
      let run = ToolRun([command, "--model", model, "--batch", "1"] + brief)
      #expect(
        run.errors.contains("expected at least 2 values per channel, to measure"), "\(run.errors)")
    }
    let forward = ToolRun(
      ["peers", "--peers", "none", "--forward", "--model", model, "--batch", "1", "--pause", "0"]
        + brief)
    #expect(forward.exitCode == .success, "\(forward.errors)")
  }

  @discardableResult
  private func expectKernelsAreCompared(_ arguments: String..., batch: Int = 2) -> ToolRun {
    let run = ToolRun(
      [
        "kernels", "--batch", String(batch), "--rounds", "1", "--seconds", "0.0001", "--warm-up",
        "0.0001",
      ] + arguments)
    #expect(run.exitCode == .success, "\(run.errors)")
    return run
  }

  @Test func costTellsTimeAndMemory() throws {
    let run = ToolRun(
      "cost", "--study", "batch", "--values", "2,4", "--peers", "none", "--pause", "0", "--threads",
      "1",
      "--rounds", "1", "--seconds", "0.002", "--warm-up", "0.002")
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(run.lines(of: "batch").count == 2)
    #expect(run.lines(of: "batch").allSatisfy { $0.hasSuffix(" MiB") })
  }

  @Test func refusesValuesForSeveralStudies() {
    #expect(ToolRun("cost", "--values", "2").exitCode == .usage)
  }
}
