import ConvoyCommandsTestSupport
import ConvoyTerminal
import Testing

/// Images held back choose the epoch; the test images are for the end.
@Suite struct ValidationTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  @Test func epochsAreJudgedByTheImagesHeldBack() throws {
    let log = workspace.path("log")
    let run = ToolRun(workspace.training("--validation", "0.2", "--log", log))
    #expect(run.exitCode == .success)
    #expect(run.lines[0].hasPrefix("40 training, 10 validation and 21 test images of 1×8×8"))
    #expect(run.epochLines.count == 3)
    #expect(run.lines[2].contains(" valid  valid loss ") && !run.lines[2].contains("test"))
    let pattern = #/test accuracy \d+\.\d\d%, loss \d+\.\d{4} on 21 images/#
    #expect(run.lines[6].wholeMatch(of: pattern) != nil)
    let fields = try LogLine.fields(log)
    #expect(fields[1].contains("validationLoss") && !fields[1].contains("testLoss"))
    #expect(fields[4] == ["testLoss", "testAccuracy"])
  }

  /// Ten validation images have few accuracies; losses tell more epochs apart.
  @Test func theBestEpochIsJudgedByItsLoss() throws {
    let (checkpoint, log) = (workspace.path("run.ckpt"), workspace.path("log"))
    func kept(_ run: ToolRun) throws -> String {
      String(try #require(run.lines.first { $0.hasPrefix("kept epoch ") }).prefix { $0 != ":" })
    }
    // A third of the labels are wrong, so that no epoch is right.
    let labels = ImageFiles.labels(50).enumerated().map { index, label in
      index >= 8 && index % 3 == 0 ? (label + 1) % 4 : label
    }
    try workspace.write(labels, to: "data/\(ImageFiles.trainingLabels)")
    var differs = false
    for seed in 0..<8 {
      let options = [
        "--validation", "0.2", "--keep", "best", "--epochs", "6", "--learning-rate", "0.05",
        "--seed", "\(seed)",
      ]
      let run = ToolRun(
        workspace.training(
          options + ["--judge-by", "loss", "--checkpoint", checkpoint, "--log", log]))
      #expect(run.exitCode == .success, "\(run.errors)")
      let lines = try LogLine.read(log)
      let losses = lines.compactMap(\.validationLoss)
      let accuracies = lines.compactMap(\.validationAccuracy)
      let least = try #require(losses.indices.min { losses[$0] < losses[$1] })
      let most = try #require(
        accuracies.indices.max {
          (accuracies[$0], -losses[$0]) < (accuracies[$1], -losses[$1])
        })
      #expect(try kept(run) == "kept epoch \(least + 1)")
      #expect(try kept(ToolRun("train", "--resume", checkpoint)) == kept(run))
      #expect(try kept(ToolRun(workspace.training(options))) == "kept epoch \(most + 1)")
      differs = differs || most != least
      try workspace.remove("log")
      try workspace.remove("run.ckpt")
    }
    #expect(differs)
    expectRefusal(
      ToolRun(workspace.training("--judge-by", "loss")), .usage,
      saying: ["--judge-by loss: expected --validation"])
  }

  /// A folder of pictures has no test part, and none has to be taken from it.
  @Test func validationTakesThePlaceOfATest() throws {
    let pictures = ImageFiles.pictures(of: ["dark", "light"], in: "pictures", contrast: 99)
    for (path, bytes) in pictures { try workspace.write(bytes, to: path) }
    let (log, model) = (workspace.path("log"), workspace.path("model"))
    let command = [
      "train", "--data", workspace.path("pictures"), "--model", "compact", "--epochs", "2",
    ]
    expectError(
      ToolRun(command), saying: ["expected a test part", "--validation may have none"])
    let validated = command + ["--validation", "0.34"]
    let run = ToolRun(
      validated + ["--output", model, "--log", log, "--report", workspace.path("page")])
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(run.lines[0].hasPrefix("8 training and 4 validation images of 1×4×4"))
    #expect(run.lines[2] == "only 4 validation images: each is 25.00% of the accuracy")
    #expect(run.lines[3].contains(" valid  valid loss ") && !run.output.contains("test"))
    #expect(!(try LogLine.fields(log)).contains(["testLoss", "testAccuracy"]))
    let page = try workspace.text("page")
    #expect(page.contains("validation accuracy") && !page.contains("test accuracy"))
    let last = try #require(run.epochRows.last)
    let result = "validation accuracy \(last.accuracy)"
    #expect(ToolRun(validated + ["--quiet"]).output.contains("\(result)%, loss"))
    let seeds = ToolRun(validated + ["--seeds", "0:1"])
    #expect(seeds.lines[3].hasSuffix(" valid  valid loss"))
    #expect(seeds.output.contains("\nvalidation accuracy "))
    // What is there to be judged later is all of it.
    let report = ToolRun(
      "report", "--log", log, "--weights", model, "--output", workspace.path("later"))
    #expect(report.exitCode == .success)
    #expect(
      report.errors.contains("has no test part; on images that the network was trained on, "))
  }

  /// So does a folder's own validation part, in every command that judges.
  @Test func aValidationPartTakesThePlaceOfATest() throws {
    for part in ["train", "val"] {
      let pictures = ImageFiles.pictures(
        of: ["dark", "light"], in: "parts/\(part)", contrast: part == "val" ? 90 : 99)
      for (path, bytes) in pictures { try workspace.write(bytes, to: path) }
    }
    let (data, log, model) = (
      workspace.path("parts"), workspace.path("log"), workspace.path("model")
    )
    let run = ToolRun(
      "train", "--data", data, "--model", "compact", "--epochs", "3", "--log", log, "--output",
      model, "--report", workspace.path("page"))
    #expect(run.lines.first?.hasPrefix("12 training and 12 validation images") == true)
    let last = try #require(run.epochRows.last)
    let evaluation = ToolRun("evaluate", "--weights", model, "--data", data)
    #expect(
      evaluation.output.hasPrefix(
        "validation accuracy \(last.accuracy)%, loss \(last.judgedLoss) on 12"),
      "\(evaluation)")
    let report = ToolRun(
      "report", "--log", log, "--weights", model, "--output", workspace.path("p"))
    #expect(report.exitCode == .success && report.errors == "", "\(report.errors)")
    #expect(try workspace.text("p").contains("validation accuracy"))
    expectError(
      ToolRun("reproduce", "mini", "--data", data), saying: ["expected a test part"])
    // Another size alone is the only thing to mend.
    try workspace.write(Array("P5 2 2 255\n".utf8) + [1, 2, 3, 4], to: "parts/val/dark/7.pgm")
    let sizes = ToolRun("train", "--data", data)
    expectError(sizes, saying: ["--image-size"])
    #expect(!sizes.errors.contains("test"))
  }

  /// Where no test follows, the epoch that is kept is what the run gave.
  @Test func theKeptEpochIsTheResult() throws {
    let pictures = ImageFiles.pictures(of: ["dark", "light"], in: "pictures", contrast: 6)
    for (path, bytes) in pictures { try workspace.write(bytes, to: path) }
    let log = workspace.path("log")
    let command = [
      "train", "--data", workspace.path("pictures"), "--model", "compact", "--epochs", "4",
      "--validation", "0.34", "--keep", "best", "--optimizer", "sgd", "--learning-rate", "0.5",
    ]
    func kept(_ run: ToolRun) -> (epoch: Substring, accuracy: Substring, loss: Substring)? {
      run.output.firstMatch(
        of: #/kept epoch (\d+): validation accuracy ([\d.]+)%, loss ([\d.]+)/#
      ).map { ($0.1, $0.2, $0.3) }
    }
    // The first whose last epoch is not the best.
    let seed = try #require(
      (1...9).first { seed in
        let run = ToolRun(command + ["--seed", "\(seed)"])
        return run.epochRows.last.map { $0.judgedLoss != kept(run)?.loss } ?? false
      })
    let run = ToolRun(command + ["--seed", "\(seed)", "--log", log])
    let kept = try #require(kept(run))
    #expect(try LogLine.fields(log).last == ["keptEpoch"])
    let row = "\(kept.accuracy)%"
    #expect(
      ToolRun(command + ["--seeds", "\(seed):\(seed)"]).output.hasSuffix(
        "\(kept.accuracy)% over 1 seed\n"))
    let compared = ToolRun("compare", log)
    #expect(compared.lines[1].contains(row) && compared.lines[1].contains(String(kept.loss)))
    #expect(compared.lines[0].hasSuffix("time"))
    // Beside a run that was tested, it says so.
    let tested = workspace.path("tested")
    _ = ToolRun(workspace.training("--log", tested))
    let both = ToolRun("compare", tested, log).lines
    #expect(both[0].hasSuffix("judged on"))
    #expect(both.dropFirst().contains { $0.hasSuffix("  validation") })
    #expect(both.dropFirst().contains { $0.hasSuffix("  test") })
  }

  /// The weights kept are those that the run had after that epoch.
  @Test(arguments: [[], ["--average-weights", "ema", "--average-decay", "0.5"]])
  func keepsTheBestEpoch(average: [String]) throws {
    // At this rate it learns and then forgets.
    let options =
      average + [
        "--validation", "0.3", "--optimizer", "sgd", "--learning-rate", "0.5", "--seed", "4",
        "--output", workspace.path("best"),
      ]
    let run = ToolRun(workspace.training("--epochs", "3", "--keep", "best") + options)
    #expect(run.exitCode == .success, "\(run.errors)")
    let kept = try #require(run.output.firstMatch(of: #/kept epoch (\d+): /#)).1
    let scores = run.epochRows.map { row in
      (Double(row.accuracy) ?? 0, Double(row.judgedLoss) ?? 0)
    }
    let best = scores.indices.max {
      (scores[$0].0, -scores[$0].1) < (scores[$1].0, -scores[$1].1)
    }
    #expect(Int(kept) == best.map { $0 + 1 })
    let short = ToolRun(workspace.training("--epochs", String(kept)) + options)
    #expect(try short.fingerprint == run.fingerprint)
    #expect(
      workspace.evaluate("best").output.dropLast()
        == run.lines.first { $0.hasPrefix("test accuracy") } ?? "")
  }

  /// Of a run that its reader ends, the best epoch so far is kept as well.
  @Test func theBestEpochIsKeptWhereTheRunIsEnded() throws {
    func run(epochs: Int, _ name: String, end: Int? = nil) -> ToolRun {
      ToolRun(
        workspace.training(
          "--epochs", "\(epochs)", "--keep", "best", "--validation", "0.3", "--optimizer", "sgd",
          "--learning-rate", "0.5", "--seed", "4", "--output", workspace.path(name))
      ) {
        if let end, EpochRow.number(of: $0) == end { throw ClosedOutput() }
      }
    }
    let whole = run(epochs: 3, "whole")
    let kept = try #require(whole.output.firstMatch(of: #/kept epoch (\d+): /#))
    let best = try #require(Int(kept.1))
    #expect(best < 3, "it forgets")
    #expect(run(epochs: 6, "ended", end: 3).errors.contains("model written to "))
    #expect(try workspace.bytes("ended") == workspace.bytes("whole"))
  }

  /// What L2 blows up is no number at last: here in the images held back, as an epoch is one step. Such an
  /// epoch is never the best, no checkpoint holds it, and the best one's model is written.
  @Test func anEpochWithoutANumberIsNeverTheBest() throws {
    let run = ToolRun([
      "train", "--data", workspace.data, "--model", "article", "--batch", "64", "--epochs", "20",
      "--optimizer", "sgd", "--learning-rate", "100", "--l2", "1000", "--validation", "0.2",
      "--keep", "best", "--output", workspace.path("best"), "--checkpoint",
      workspace.path("saved"),
    ])
    expectError(
      run, saying: ["finite loss in evaluation", "; the model of epoch ", " is written"])
    #expect(!run.epochLines.isEmpty && !run.output.contains("nan"))
    #expect(workspace.evaluate("best").exitCode == .success)
    expectError(
      ToolRun(["train", "--resume", workspace.path("saved")]),
      saying: ["finite loss in evaluation"])
  }

  /// Images held back are as black as those trained on, and the test images are white: with weights so large
  /// only the last test has no finite loss. It names the epoch that was the last, and the model is written.
  @Test func aTestWithoutANumberComesAfterTheModel() throws {
    let size = 8
    for (images, labels, count, shade) in [
      (ImageFiles.trainingImages, ImageFiles.trainingLabels, 20, UInt8(0)),
      (ImageFiles.testImages, ImageFiles.testLabels, 4, 255),
    ] {
      try workspace.write(
        ImageFiles.header(0x803, count, size, size)
          + Array(repeating: shade, count: count * size * size), to: "data/\(images)")
      try workspace.write(
        ImageFiles.header(0x801, count) + (0..<count).map { UInt8($0 % 2) },
        to: "data/\(labels)")
    }
    try workspace.write(
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 2}]}"#, to: "net.json")
    let network = [
      "train", "--data", workspace.data, "--model", workspace.path("net.json"),
      "--normalization", "unit", "--optimizer", "sgd", "--batch", "4", "--output",
      workspace.path("model"),
    ]
    // L2 lets the weights, whose inputs are zero, grow by 1 − 360 · 1000 in each of seven steps: from 0.3 at
    // the most to 2 · 10³⁸. A sum of some overflows.
    let run = ToolRun(
      network + [
        "--epochs", "9", "--steps", "7", "--learning-rate", "360", "--l2", "1000",
        "--validation", "0.2", "--quiet",
      ])
    expectError(
      run,
      saying: ["epoch 2, step 7, layer 1 (dense 2): ", "; the model of epoch 2 is written"])
    #expect(workspace.exists("model"))
  }

  @Test func stopsWhenPatienceIsOver() throws {
    // Steps so small that no epoch is better than the first.
    let options = ["--validation", "0.2", "--optimizer", "sgd", "--learning-rate", "1e-30"]
    let run = ToolRun(workspace.training("--epochs", "9", "--early-stopping", "2") + options)
    #expect(run.epochLines.count == 3)
    #expect(run.lines.contains("stopped after epoch 3: no improvement since epoch 1"))
    #expect(ToolRun(workspace.training("--epochs", "9") + options).epochLines.count == 9)
    let three = ToolRun(workspace.training("--epochs", "3") + options)
    #expect(try three.fingerprint == run.fingerprint)
  }

  @Test func anyNumberOfThreadsHoldsBackTheSame() throws {
    let runs = ["1", "3"].map { threads in
      ToolRun(
        "train", "--data", workspace.data, "--model", "small", "--threads", threads, "--validation",
        "0.2", "--keep",
        "best")
    }
    #expect(try runs[0].fingerprint == runs[1].fingerprint)
  }
}
