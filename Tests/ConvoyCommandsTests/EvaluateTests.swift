import ConvoyCommandsTestSupport
import ConvoyTerminal
import ConvoyTraining
import Testing

@Suite struct EvaluateTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// What evaluate prints is what training printed last, however the model sees its images.
  @Test(arguments: ["unit", "standard"], ["cross-entropy", "hinge"])
  func printsWhatTrainingPrinted(normalization: String, loss: String) throws {
    let training = workspace.trainModel(
      "model", "--normalization", normalization, "--loss", loss, "--dropout", "0.2")
    let printed = try #require(training.epochRows.last)
    let run = workspace.evaluate("model")
    #expect(run.exitCode == .success)
    #expect(
      run.output == "test accuracy \(printed.accuracy)%, loss \(printed.judgedLoss) on 21 images\n")
    #expect(run.errors == "")
  }

  @Test func theModelFileKeepsTheNormalization() throws {
    workspace.trainModel("unit", "--normalization", "unit")
    let unit = try ModelFile(contentsOf: workspace.path("unit")).normalization
    #expect(unit.method == .unit)
    #expect(unit.means == [0] && unit.deviations == [1])

    workspace.trainModel("standard", "--normalization", "standard")
    let standard = try ModelFile(contentsOf: workspace.path("standard")).normalization
    #expect(standard.method == .standard)
    let pixels = ImageFiles.images(50).dropFirst(16).map { Double($0) / 255 }
    let mean = pixels.reduce(0, +) / Double(pixels.count)
    let variance = pixels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pixels.count)
    // Exact sums of bytes, then a few roundings in double precision.
    #expect(abs(standard.means[0] - mean) < 1e-12)
    #expect(abs(standard.deviations[0] - variance.squareRoot()) < 1e-12)

    // And it matters: with another one the same weights say something else.
    try workspace.edit("standard") { _, metadata in
      metadata["normalization"] = #"{"method":"unit","means":[0],"deviations":[1]}"#
    }
    let other = workspace.evaluate("standard")
    #expect(other.exitCode == .success)
    workspace.trainModel("again", "--normalization", "standard")
    #expect(other.output != workspace.evaluate("again").output)
  }

  /// Without --data it is MNIST, which other networks are not for.
  @Test func othersNeedTheirData() throws {
    workspace.trainModel("model")
    expectRefusal(
      ToolRun("evaluate", "--weights", workspace.path("model")), .usage,
      saying: ["--data: expected a folder or file of images, which the model takes as 1×8×8"])
  }

  @Test func needsTheTestSetAlone() throws {
    workspace.trainModel("model")
    let before = workspace.evaluate("model")
    try workspace.remove("data/\(ImageFiles.trainingImages)")
    try workspace.remove("data/\(ImageFiles.trainingLabels)")
    #expect(workspace.evaluate("model").output == before.output)
    #expect(before.exitCode == .success)
  }
}
