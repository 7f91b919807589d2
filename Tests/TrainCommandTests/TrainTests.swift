import ConvoyCommandsTestSupport
import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyTerminal
import ConvoyTraining
import Foundation
import Testing

@testable import ConvoyCommands

@Suite struct TrainTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  @Test func printsALineAnEpoch() throws {
    let run = ToolRun(workspace.training("--learning-rate", "0.01"))
    #expect(run.exitCode == .success)
    #expect(run.errors == "")
    #expect(run.lines.count == 7)
    #expect(run.lines[0] == "50 training and 21 test images of 1×8×8, 4 classes")
    #expect(run.lines[1].hasPrefix("5,668 parameters; "))
    #expect(run.lines[2] == "epoch    loss    train     test  test loss      time  samples/s")
    let epochs = run.epochRows
    #expect(epochs.map(\.number) == [1, 2, 3] && epochs.allSatisfy { $0.epochs == 3 })
    // Titles and figures end in the same columns.
    #expect(run.lines[2...5].map(\.count).max() == run.lines[2].count)
    #expect(try run.fingerprint.wholeMatch(of: #/[0-9a-f]{8}/#) != nil)

    // It learns what a network without an update could not: four classes, 25% by chance.
    #expect(try #require(Double(epochs[2].accuracy)) >= 90)
    #expect(try #require(Double(epochs[2].loss)) < #require(Double(epochs[0].loss)) / 2)
  }

  @Test(arguments: ["1", "4096"])
  func saysHowManyThreadsWork(threads: String) {
    let run = ToolRun(
      "train", "--data", workspace.data, "--batch", "16", "--threads", threads, "--steps", "1")
    let line = run.lines.dropFirst().first ?? ""
    if threads == "1" {
      #expect(line.contains("; 1 thread, "))
    } else {
      #expect(
        line.contains(
          #/; \d+ threads? \(4,096 requested, (\d+ cores? available|a step has work for \d+)\), /#),
        "\(line)")
    }
  }

  @Test(arguments: [
    (1, 1, 2, "1 thread"), (2, 2, 2, "2 threads"),
    (2, 8, 2, "2 threads (8 requested, 2 cores available)"),
    (1, 8, 1, "1 thread (8 requested, 1 core available)"),
    (17, 64, 32, "17 threads (64 requested, a step has work for 17)"),
    (1, 2, 8, "1 thread (2 requested, a step has work for 1)"),
  ])
  func saysWhyFewerThreadsWork(used: Int, requested: Int, cores: Int, text: String) {
    #expect(TrainReport.threads(used, requested: requested, cores: cores) == text)
  }

  /// They show up as a puzzling accuracy otherwise.
  @Test func saysWhichClassesHaveNoImages() throws {
    let labels = ImageFiles.labels(50).enumerated().map { index, label in
      index >= 8 && label == 2 ? 7 : label
    }
    try workspace.write(labels, to: "data/\(ImageFiles.trainingLabels)")
    let test = ImageFiles.labels(21).enumerated().map { index, label in
      index >= 8 && label == 2 ? 7 : label
    }
    try workspace.write(test, to: "data/\(ImageFiles.testLabels)")
    let run = ToolRun(workspace.training("--steps", "1"))
    #expect(run.lines.first?.hasSuffix(" 8 classes") == true)
    #expect(run.lines.dropFirst(2).first == "4 of 8 classes without training images: 2, 4, 5, 6")

    try workspace.write(
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 1200}]}"#, to: "net.json")
    let wide = ToolRun(workspace.training("--steps", "1", "--model", workspace.path("net.json")))
    #expect(
      wide.lines.dropFirst(2).first
        == "1,196 of 1,200 classes without training images: 2, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, …"
    )
  }

  /// Nine tenths of one class are right without having learned anything.
  @Test func rareClassesAreCounted() throws {
    func images(_ counts: [Int], names: [String]?) -> ImageSet {
      let labels = counts.enumerated().flatMap { Array(repeating: UInt16($0), count: $1) }
      return ImageSet(
        shape: ImageShape(channels: 1, height: 1, width: 1),
        pixels: PixelBytes([UInt8](repeating: 0, count: labels.count)), labels: labels,
        classNames: names, imagesFile: "", labelsFile: "")
    }
    let names = ["cracked", "intact"]
    let rare = images([3, 27], names: names)
    #expect(
      TrainReport.unbalancedClasses(rare) == "training images by class: cracked 3, intact 27")
    #expect(TrainReport.unbalancedClasses(images([10, 27], names: names)) == nil)
    #expect(
      TrainReport.unbalancedClasses(
        images(Array(repeating: 5, count: 20) + [2_000, 1], names: nil))
        == "training images by class: from 21 1 to 20 2,000")
    #expect(
      TrainReport.sameAnswer(0.9, .test, rare)?.hasPrefix(
        "90.00% is the share of intact among the test images") == true)
    let advice = "--class-weights balanced may help"
    #expect(TrainReport.sameAnswer(0.9, .test, rare)?.hasSuffix(advice) == true)
    #expect(
      TrainReport.sameAnswer(0.9, .test, rare, hasWeights: true)?.hasSuffix("--per-class tells")
        == true)
    #expect(TrainReport.sameAnswer(0.8, .test, rare) == nil)
    #expect(TrainReport.sameAnswer(1, .test, images([4], names: nil)) == nil)
    #expect(TrainReport.sameAnswer(.nan, .test, images([], names: nil)) == nil)
    // Of equal classes, none is named.
    #expect(TrainReport.sameAnswer(0.5, .validation, images([9, 9], names: nil)) == nil)
  }

  /// A part of one image judges one class of four.
  @Test func saysWhichClassesAreNotJudged() throws {
    let run = ToolRun(workspace.training("--steps", "1", "--validation", "0.02"))
    let line = try #require(run.lines.dropFirst(2).first)
    #expect(
      line.wholeMatch(of: /3 of 4 classes without validation images: \d, \d, \d/) != nil, "\(line)")
    #expect(
      run.lines.dropFirst(3).first == "only 1 validation image: each is 100.00% of the accuracy")
    let enough = ToolRun(workspace.training("--steps", "1", "--validation", "0.2")).output
    #expect(!enough.contains("without validation") && !enough.contains("only"))
  }

  @Test func writesTheModelThatItNames() throws {
    let run = workspace.trainModel("model.safetensors")
    #expect(run.exitCode == .success)
    #expect(run.lines.contains("model written to \(workspace.path("model.safetensors"))"))
    #expect(workspace.exists("model.safetensors"))
  }

  @Test(arguments: [
    // Four steps an epoch, three epochs.
    ("1", ["1"], "1"), ("4", ["1"], "4"), ("5", ["1", "2"], "5"), ("100", ["1", "2", "3"], "12"),
  ])
  func stopsAfterSteps(limit: String, epochs: [String], last: String) throws {
    let log = workspace.path("log")
    let run = ToolRun(workspace.training("--steps", limit, "--log", log, "--log-steps"))
    #expect(
      run.epochRows.map { "\($0.number)" } == epochs)
    #expect(!run.output.contains("test accuracy"))
    let steps = try LogLine.read(log).compactMap(\.step)
    #expect(steps == Array(1...(try #require(Int(last)))))
  }

  /// Each option alone gives other weights than every other.
  @Test func everyOptionReachesTraining() throws {
    let options = [
      [], ["--seed", "1"], ["--optimizer", "sgd"], ["--optimizer", "momentum"],
      ["--optimizer", "rmsprop"], ["--learning-rate", "0.01"], ["--loss", "hinge"],
      ["--loss", "mean-squared-error"], ["--label-smoothing", "0.1"],
      ["--class-weights", "1,2,0.5,3"],
      ["--mixup", "0.2"], ["--mixup", "1"], ["--cutmix", "1"],
      ["--class-weights", "balanced"], ["--drop-last", "--epochs", "2"],
      ["--optimizer", "lamb"], ["--optimizer", "muon"],
      ["--optimizer", "muon", "--vector-rate", "0.01"], ["--bias-rate-factor", "4"],
      ["--average-weights", "ema"],
      ["--average-weights", "lookahead"],
      ["--initialization", "he"], ["--distribution", "normal"], ["--l2", "0.1"],
      ["--dropout", "0.5"], ["--normalization", "unit"], ["--shuffle", "off"], ["--batch", "5"],
      ["--steps", "3"], ["--epochs", "2"], ["--model", "fast"],
      ["--model", "fast", "--precision", "bf16"],
    ]
    let sixteen = try Workspace(data: ImageFiles.mnist(size: 16))
    var found: [Substring: [String]] = [:]
    for option in options {
      let defaults = [("--epochs", "1"), ("--batch", "16")].filter { !option.contains($0.0) }
      let run = ToolRun(
        ["train", "--data", sixteen.data, "--threads", "2"]
          + defaults.flatMap { [$0.0, $0.1] } + option)
      let fingerprint = try run.fingerprint
      #expect(found[fingerprint] == nil, "\(option) as \(found[fingerprint] ?? [])")
      found[fingerprint] = option
    }
  }

  @Test func saysWherePrecisionMakesNothingFaster() throws {
    func run(_ model: String, _ options: String...) -> ToolRun {
      ToolRun(
        workspace.training(
          ["--model", workspace.path(model), "--steps", "1", "--precision", "bf16"] + options))
    }
    try workspace.write(
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 4}]}"#, to: "dense.json")
    #expect(run("dense.json").output.contains("--precision bf16 changes nothing: no convolution"))
    let note = "--precision bf16 is usually slower than fp32 here"
    try workspace.write(
      #"{"layers": [{"type": "convolution", "filters": 32, "kernelSize": 3, "padding": 1}, "#
        + #"{"type": "convolution", "filters": 32, "kernelSize": 3, "padding": 1}, "#
        + #"{"type": "flatten"}, {"type": "dense", "units": 4}]}"#, to: "network.json")
    let first = KernelDispatch.available[0].rawValue
    #expect(run("network.json", "--instruction-set", first).output.contains(note))
    let best = run("network.json")
    #expect(best.output.contains(", bf16\n"))
    let expected = TrainReport.bfloat16Note(
      hasDot: KernelDispatch.best.hasBFloat16Dot, isFast: KernelDispatch.hasFastBFloat16Dot)
    #expect(best.output.contains(note) == (expected != nil))
    #expect(best.output.contains(expected ?? ""))
  }

  @Test func saysWhyBFloat16IsSlower() throws {
    #expect(TrainReport.bfloat16Note(hasDot: true, isFast: true) == nil)
    let slow = try #require(TrainReport.bfloat16Note(hasDot: true, isFast: false))
    #expect(slow.hasSuffix("(AVX512-BF16) are slower than those of floats"))
    for isFast in [false, true] {
      let lacking = try #require(TrainReport.bfloat16Note(hasDot: false, isFast: isFast))
      #expect(lacking.hasSuffix("has no products of bfloat16 (AVX512-BF16)"))
    }
  }

  /// 50 images are three batches of 16 and two images more.
  @Test func leavesOutASmallLastBatch() throws {
    let log = workspace.path("log")
    let run = ToolRun(
      workspace.training("--drop-last", "--epochs", "2", "--log", log, "--log-steps"))
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(try LogLine.read(log).compactMap(\.step) == Array(1...6))

    let held = ToolRun(
      workspace.training("--validation", "0.8", "--drop-last", "--output", workspace.path("model")))
    expectRefusal(
      held, .usage,
      saying: ["--drop-last: expected at least 16 training images, one batch, found 10"])
    #expect(!workspace.exists("model"))
  }

  /// At a rate of next to nothing, all runs judge the same network.
  @Test func evaluationIsWithoutSmoothingClassWeightsAndMixing() throws {
    func losses(_ options: String...) throws -> (training: Substring, test: Substring) {
      let run = ToolRun(
        workspace.training(
          "--epochs", "1", "--optimizer", "sgd", "--learning-rate", "1e-30") + options)
      let row = try #require(run.epochRows.first, "\(run.errors)")
      return (row.loss, row.judgedLoss)
    }
    let plain = try losses()
    for options in [
      ["--label-smoothing", "0.5"], ["--class-weights", "1,9,1,1"], ["--mixup", "1"],
    ] {
      let other = try losses(options[0], options[1])
      #expect(other.training != plain.training, "\(options)")
      #expect(other.test == plain.test, "\(options)")
    }
  }

  @Test func beginsWithTheWeightsOfAFile() throws {
    workspace.trainModel("first", "--learning-rate", "0.01")
    // Steps so small that no weight changes by them.
    let run = workspace.trainModel(
      "second", "--initial-weights", workspace.path("first"), "--optimizer", "sgd",
      "--learning-rate", "1e-30")
    #expect(run.exitCode == .success)
    #expect(try workspace.bytes("second") == workspace.bytes("first"))
  }

  @Test func ratesBeyondSinglePrecisionAreTaken() throws {
    for rate in [["--learning-rate", "1e-300"], ["--dropout", "0.999999999999"]] {
      let run = ToolRun(workspace.training("--epochs", "1") + rate)
      #expect(run.exitCode == .success, "\(run.errors)")
    }
  }

  @Test func trainsOnRealDigits() throws {
    let data = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../data/mnist").standardizedFileURL
    let run = ToolRun(
      "train", "--data", data.path, "--steps", "40", "--batch", "32", "--threads", "2")
    #expect(
      run.output.hasPrefix(
        "60,000 training and 10,000 test images of 1×28×28, 10 classes\n52,138 parameters; "))
    let row = try #require(run.epochRows.first)
    #expect(try #require(Double(row.accuracy)) > 70)
  }

  /// Every optimizer and every schedule runs, and each makes something else of the same weights.
  @Test func optimizersAndSchedulesDiffer() throws {
    let workspace = try Workspace()
    var fingerprints: [String] = []
    for options in [
      ["--optimizer", "sgd"], ["--optimizer", "momentum"],
      ["--optimizer", "momentum", "--momentum", "0.5"],
      ["--optimizer", "nesterov"], ["--optimizer", "rmsprop"],
      ["--optimizer", "rmsprop", "--momentum", "0.5"],
      ["--optimizer", "adam"], ["--beta1", "0.7"], ["--beta2", "0.9"], ["--epsilon", "0.01"],
      ["--l2", "0.1"], ["--optimizer", "adamw"], ["--optimizer", "adamw", "--weight-decay", "0.5"],
      ["--optimizer", "lion"], ["--optimizer", "lion", "--beta1", "0.5"],
      ["--optimizer", "lion", "--beta2", "0.9"], ["--optimizer", "lion", "--weight-decay", "0.5"],
      ["--schedule", "step"], ["--schedule", "exponential"], ["--schedule", "cosine"],
      ["--schedule", "linear", "--schedule-points", "0:0.2,0.23:1,1:0.07"],
      ["--schedule", "one-cycle"], ["--warmup-epochs", "1"],
      ["--schedule", "cosine", "--warmup-epochs", "1.5"], ["--clip-norm", "0.1"],
    ] {
      let run = ToolRun(workspace.training("--epochs", "3") + options)
      #expect(run.exitCode == .success, "\(options): \(run.errors)")
      fingerprints.append(try run.fingerprint.description)
    }
    #expect(Set(fingerprints).count == fingerprints.count, "\(fingerprints)")
    let constant = ToolRun(workspace.training("--epochs", "3", "--schedule", "constant"))
    #expect(try constant.fingerprint == fingerprints[6])
  }
}
