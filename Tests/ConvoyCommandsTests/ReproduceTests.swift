import ConvoyCommandLineOptions
import ConvoyCommandsTestSupport
import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyTerminal
import ConvoyTraining
import Foundation
import Testing

@testable import ConvoyCommands

/// The command on data that a network learns in a few steps: what it prints, logs and promises.
@Suite struct ReproduceTests {
  private let workspace: Workspace
  private var log: String { workspace.path("log") }

  /// Images as large as the deepest of the networks needs.
  init() throws { workspace = try Workspace(data: ImageFiles.mnist(size: 16)) }

  private func reproduce(_ arguments: String...) -> ToolRun {
    ToolRun(
      ["reproduce", "--data", workspace.data, "--threads", "2", "--log", log] + arguments)
  }

  /// Test labels that are not those of the images: what was learned is worth nothing.
  private func spoilTestLabels() throws {
    let labels = ImageFiles.header(0x801, 21) + (0..<21).map { UInt8(($0 + 1) % 4) }
    try workspace.write(labels, to: "data/\(ImageFiles.testLabels)")
  }

  /// A line of the log.
  private struct Line: Decodable {
    struct Run: Decodable {
      let seed: UInt64
      let trainingAccuracy: Double
      let testAccuracy: Double
      let weights: String
      let seconds: Double
    }
    let experiment: String
    let options: String
    let runs: [Run]
    let meanTrainingAccuracy: Double
    let meanTestAccuracy: Double
    let testAccuracyDeviation: Double?
    let meanSeconds: Double
  }

  private func logged() throws -> [Line] {
    try workspace.text("log").split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
  }

  /// What the log holds may be all there is of an earlier run.
  @Test func aNetworkThatDoesNotFitCostsNoLog() throws {
    for (name, bytes) in ImageFiles.mnist(size: 8) {
      try workspace.write(bytes, to: "data/\(name)")
    }
    try workspace.write("precious", to: "log")
    expectRefusal(reproduce("fast99"), saying: ["the preset ", "does not fit"])
    #expect(try workspace.text("log") == "precious")
  }

  @Test func articlePrintsItsRowsBesideTheArticles() throws {
    // As many as two epochs at the smallest rate need.
    for (name, bytes) in ImageFiles.mnist(size: 16, count: 1_000) {
      try workspace.write(bytes, to: "data/\(name)")
    }
    let run = reproduce("article", "--seed", "3")
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(run.errors == "")
    let titles = "epochs   rate  training accuracy  article's  test accuracy  article's   seconds"
    #expect(run.lines.first.map(String.init) == titles)
    let row =
      #/ +(\d)  +(0\.\d+)  +([01]\.\d{4})  +(0\.\d{4})  +([01]\.\d{4})  +(0\.\d{4})  +[\d.]+ s/#
    let rows = try run.lines.dropFirst().map { try #require($0.wholeMatch(of: row), "\($0)") }
    #expect(
      rows.map { [$0.1, $0.2, $0.4, $0.6] } == [
        ["3", "0.01", "0.9645", "0.9450"], ["3", "0.1", "0.9706", "0.9380"],
        ["3", "0.001", "0.9234", "0.9205"], ["2", "0.01", "0.9446", "0.9385"],
        ["2", "0.1", "0.9460", "0.9400"], ["2", "0.001", "0.9069", "0.9130"],
      ])
    let lines = try logged()
    #expect(lines.map { $0.runs.map(\.seed) } == Array(repeating: [3], count: 6))
    #expect(lines.map { String(format: "%.4f", $0.meanTestAccuracy) } == rows.map { "\($0.5)" })
    #expect(lines.allSatisfy { $0.testAccuracyDeviation == nil })
    #expect(
      lines[1].options
        == "--batch 1 --normalization unit --model article --optimizer sgd --learning-rate 0.1")
  }

  @Test func articleFailsBelowTheArticlesAccuracy() throws {
    try spoilTestLabels()
    let run = reproduce("article")
    expectError(
      run,
      saying: [
        "expected test accuracies of at least the article's, found lower ones for "
          + "3 epochs at 0.01, 3 epochs at 0.1, 3 epochs at 0.001, 2 epochs at 0.01, "
          + "2 epochs at 0.1, 2 epochs at 0.001"
      ])
    #expect(run.lines.count == 7)
    #expect(try logged().count == 6)
  }

  @Test func improvementsMeasuresEachAloneAndAllTogether() throws {
    let run = reproduce("improvements")
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(run.errors == "")
    let lines = try logged()
    #expect(
      lines.map(\.experiment) == [
        "baseline", "longer training", "deeper network", "dropout", "L2", "mini-batches",
        "momentum", "RMSProp", "Adam", "all together",
      ])
    #expect(run.lines.count == 1 + lines.count)
    for (line, printed) in zip(lines, run.lines.dropFirst()) {
      #expect(line.runs.map(\.seed) == [0, 1, 2])
      let accuracies = line.runs.map(\.testAccuracy)
      let mean = accuracies.reduce(0, +) / 3
      let variance = accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2
      // Sums of three numbers up to 1.
      #expect(abs(line.meanTestAccuracy - mean) < 1e-15)
      #expect(abs(try #require(line.testAccuracyDeviation) - variance.squareRoot()) < 1e-12)
      #expect(abs(line.meanSeconds - line.runs.reduce(0) { $0 + $1.seconds } / 3) < 1e-12)
      #expect(printed.hasPrefix(line.experiment + " "))
      #expect(
        printed.contains(
          String(format: "%.2f%% ± %.2f%% ", 100 * mean, 100 * variance.squareRoot())))
    }
    // Every experiment is another one.
    #expect(Set(lines.map(\.options)).count == lines.count)
  }

  @Test func fast99PrintsEverySeedAndTheirMean() throws {
    let run = reproduce("fast99", "--seed", "18446744073709551614")
    let line = try #require(try logged().first)
    #expect(line.runs.map(\.seed) == [.max - 1, .max, 0, 1, 2])
    let options =
      "--epochs 1 --batch 256 --data \(workspace.data) --model fast --learning-rate 0.01 --beta1 0.7 "
      + "--beta2 0.9 --schedule one-cycle"
    #expect(line.options == options)
    #expect(run.lines.count == 9)
    #expect(run.lines.first == "convoy train \(options) --seed …")
    for (printed, run) in zip(run.lines.dropFirst(2), line.runs) {
      #expect(printed.hasPrefix("\(run.seed) "))
      #expect(printed.contains(String(format: " %.2f%% ", 100 * run.testAccuracy)))
    }
    #expect(run.lines[7].hasPrefix("mean "))
    // A process takes time to start.
    let time = #/with the start of the process and reading the data: ([\d.]+) s/#
    let seconds = try #require(run.lines[8].wholeMatch(of: time)?.1)
    #expect(try #require(Double(seconds)) > line.meanSeconds)
  }

  /// The command that a record prints trains the same weights.
  @Test(arguments: ["fast99", "sprint", "mini", "tiny"])
  func aRecordIsWhatItsCommandTrains(subject: String) throws {
    for (name, bytes) in ImageFiles.mnist(size: 20) {
      try workspace.write(bytes, to: "data/\(name)")
    }
    let run = reproduce(subject, "--seed", "5")
    let line = try #require(try logged().first)
    let words = try #require(run.lines.first).split(separator: " ").map(String.init)
    #expect(words.prefix(2) == ["convoy", "train"] && words.suffix(2) == ["--seed", "…"])
    expectTraining(Array(words.dropFirst().dropLast()) + ["5"], gives: line.runs[0].weights)
    #expect(words.contains(workspace.data))
  }

  /// A record of other data than MNIST never takes MNIST for them.
  @Test(arguments: [
    (["fashion"], "/usr/share/datasets/fashion-mnist"), (["fashion", "--data", "here"], "here"),
    (["mini"], "data/mnist"), (["article"], "data/mnist"), (["mini", "--data", "here"], "here"),
  ])
  func aRecordHasDataOfItsOwn(words: [String], data: String) throws {
    guard case .options(let options) = try ReproduceCommand.description.parse(words) else {
      Issue.record("\(words) ask for help")
      return
    }
    #expect(try ReproduceCommand(options).data == data)
  }

  @Test func saysWhereMissingDataComesFrom() {
    let advised = DataOptions.advised(.missingDirectory(directory: AccuracyRecord.fashionData))
    #expect("\(advised)".contains("dataset-fashion-mnist"))
    let run = ToolRun("reproduce", "mini", "--data", workspace.path("missing"))
    expectError(run, saying: ["expected a directory with a data set"])
  }

  /// A folder without a test part: no advice that this command could not take.
  @Test func advisesNoOptionOfOtherCommands() throws {
    for name in ["a/0", "a/1", "b/0", "b/1"] {
      try workspace.write(
        Array("P5 2 2 255\n".utf8) + [1, 2, 3, 4], to: "pictures/\(name).pgm")
    }
    let run = ToolRun("reproduce", "mini", "--data", workspace.path("pictures"))
    expectError(run, saying: ["expected a test part"])
    #expect(!run.errors.contains("--test-fraction, such as"))
  }

  /// The weights are the same, and what they are worth is not.
  @Test func anExperimentMaySeeTestImagesInSeveralWays() throws {
    let shape = ImageShape(channels: 1, height: 16, width: 16)
    let test = ImageSet(
      shape: shape, pixels: (0..<500 * 256).map { UInt8(truncatingIfNeeded: $0 * $0 / 61) },
      labels: (0..<500).map { UInt16($0 % 4) })
    let training = try Dataset.load(from: workspace.data).training
    let runner = ExperimentRunner(
      dataset: Dataset(training: training, test: test, classes: 4), threads: 2,
      kernels: KernelDispatch.best,
      console: Console(output: { _ in }, error: { _ in }, errorIsTerminal: false), log: nil)
    let results = try [TestTimeAugmentation.none, .flip, .flipAndShift].map {
      try runner.run(Experiment("seen", averaging: $0), seeds: [0])
    }
    #expect(results.map(\.tta) == [nil, "flip", "flip+shift"])
    let runs = results.map { $0.runs[0] }
    #expect(Set(runs.map(\.weights)).count == 1)
    #expect(Set(runs.map(\.testAccuracy)).count > 1)
  }

  /// Also where it ends within an epoch.
  @Test func anExperimentMayEndWithinAnEpoch() throws {
    let experiment = Experiment("short") {
      $0.epochs = 4
      $0.batchSize = 10
      $0.steps = 7
      $0.optimizer.learningRate = 0.01
    }
    let runner = ExperimentRunner(
      dataset: try Dataset.load(from: workspace.data), threads: 2, kernels: KernelDispatch.best,
      console: Console(output: { _ in }, error: { _ in }, errorIsTerminal: false), log: nil)
    let result = try runner.run(experiment, seeds: [3])
    expectTraining(
      ["train"] + experiment.options().split(separator: " ").map(String.init)
        + ["--data", workspace.data, "--seed", "3"],
      gives: result.runs[0].weights)
  }

  private func expectTraining(_ words: [String], gives weights: String) {
    let trained = ToolRun(words + ["--threads", "2"])
    #expect(trained.lines.last == "weights CRC-32 \(weights)", "\(trained.errors)")
  }

  @Test func fast99FailsBelowItsPromise() throws {
    try spoilTestLabels()
    expectError(
      reproduce("fast99"),
      saying: ["expected a mean test accuracy of at least 98.95%, found "])
  }

  @Test func aTerminalSeesHowFarAnExperimentIs() {
    let run = ToolRun(
      ["reproduce", "article", "--data", workspace.data, "--threads", "1"], errorIsTerminal: true)
    #expect(run.lines.count == 7)
    #expect(run.errors.contains("\r3 epochs at 0.1, seed 0 "))
    #expect(!run.output.contains("\r"))
  }

  @Test func theLogIsNotTheData() throws {
    let before = try workspace.contents()
    expectRefusal(
      ToolRun(
        "reproduce", "article", "--data", workspace.data, "--log",
        "\(workspace.data)/\(ImageFiles.testLabels)"),
      .usage, saying: ["--log: expected a file that the run does not use otherwise"])
    #expect(try workspace.contents() == before)
  }

  @Test func imagesTooSmallForTheNetworkAreRefused() throws {
    let small = try Workspace()
    let run = ToolRun("reproduce", "fast99", "--data", small.data)
    expectError(run, saying: ["the preset fast: layer ", "does not fit its input of"])
  }
}
