import ConvoyCommandsTestSupport
import ConvoyFigures
import ConvoyTerminal
import ConvoyTraining
import Foundation
import Testing

/// Several runs: of seeds, side by side, and of growing rates.
@Suite struct SeveralRunsTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  @Test func seedsGiveARowEachAndTheirMean() throws {
    let run = ToolRun(workspace.training("--epochs", "2", "--seeds", "3:5"))
    #expect(run.exitCode == .success && run.errors == "")
    // After what is trained on what.
    let lines = Array(run.lines.dropFirst(2))
    let rows = lines.map { $0.split(separator: " ").map(String.init) }
    #expect(lines.count == 6 && rows[4].first == "mean")
    var accuracies: [Double] = []
    for (row, seed) in zip(rows[1...3], 3...) {
      let alone = ToolRun(workspace.training("--epochs", "2", "--seed", "\(seed)"))
      let last = try #require(alone.epochRows.last)
      #expect(
        row == [
          "\(seed)", "2", String(last.loss), "\(last.trainingAccuracy)%", "\(last.accuracy)%",
          String(last.judgedLoss),
        ])
      // In images, so that no rounding of percents is added.
      accuracies.append((try #require(Double(last.accuracy)) * 21 / 100).rounded() / 21)
    }
    let mean = accuracies.reduce(0, +) / 3
    let deviation = (accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2).squareRoot()
    #expect(
      lines[5]
        == "test accuracy \(Figures.percent(mean, within: deviation)) over 3 seeds")
  }

  @Test func eachSeedHasALog() throws {
    func train(_ log: String, _ options: String...) -> ToolRun {
      ToolRun(
        workspace.training(
          ["--epochs", "1", "--seeds", "3:4", "--log", workspace.path(log)] + options))
    }
    let both = train("log.jsonl")
    #expect(both.exitCode == .success, "\(both.errors)")
    let alone = workspace.path("alone")
    _ = ToolRun(workspace.training("--epochs", "1", "--seed", "4", "--log", alone))
    let logs = [3, 4].map { workspace.path("log-\($0).jsonl") }
    #expect(try LogLine.read(logs[1]).last?.testLoss == LogLine.read(alone).last?.testLoss)
    #expect(try LogLine.read(logs[0]).last?.testLoss != LogLine.read(alone).last?.testLoss)
    let compared = ToolRun(["compare"] + logs)
    #expect(compared.lines.count == 2 && compared.lines[1].hasPrefix("   2 "), "\(compared)")

    let models = ToolRun(
      workspace.training(
        "--epochs", "1", "--seeds", "3:4", "--output", workspace.path("m.st")))
    #expect(
      models.lines.last
        == "models written to \(workspace.path("m-3.st")) to \(workspace.path("m-4.st"))")
    _ = ToolRun(
      workspace.training("--epochs", "1", "--seed", "4", "--output", workspace.path("one.st")))
    #expect(try workspace.bytes("m-4.st") == workspace.bytes("one.st"))
    #expect(try workspace.bytes("m-3.st") != workspace.bytes("one.st") && !workspace.exists("m.st"))
    expectRefusal(
      ToolRun(
        workspace.training(
          "--seeds", "3:4", "--output", workspace.path("x.st"), "--log", workspace.path("x.st"))),
      .usage, saying: ["a file that the run does not use otherwise"])

    // The name that was given is of none of them.
    expectRefusal(
      ToolRun("compare", workspace.path("log.jsonl")), .usage,
      saying: ["expected the log of each seed, such as \(logs[0]) to \(logs[1]), found "])

    // The second log is found wrong before the first run.
    try workspace.write("", to: "a.b/run-4/file")
    expectRefusal(train("a.b/run"), saying: ["a.b/run-4: cannot open: Is a directory"])
    expectRefusal(
      train("c.x", "--cache", workspace.path("c-4.x")), .usage,
      saying: ["--log: expected a file that the run does not use otherwise", "c-4.x"])
  }

  @Test(arguments: [
    (["--seeds", "3"], "such as 0:4, found '3'. Did you mean '0:2'?"),
    (["--seeds", "5:3"], "--seeds: expected the first and the last"),
    (["--seeds", "0:1000"], "--seeds: expected the first and the last"),
    (["--seeds", "0:1", "--seed", "3"], "--seeds: expected no --seed beside it"),
    (["--seeds", "0:1", "--report", "x"], "--seeds: expected no --report beside it"),
  ])
  func otherSeedsAreRefused(options: [String], message: String) {
    expectRefusal(ToolRun(workspace.training(options)), .usage, saying: [message])
  }

  /// As a run's and a resumed run's are.
  @Test func aFileOfTwoNamesIsOne() throws {
    try workspace.write(
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 4}]}"#, to: "net.json")
    let logs = ["net.json", "data/../net.json"].enumerated().map { seed, name in
      let log = workspace.path("\(seed).jsonl")
      _ = ToolRun(
        workspace.training(
          "--epochs", "1", "--seed", "\(seed)", "--model", workspace.path(name), "--log", log))
      return log
    }
    let run = ToolRun(["compare"] + logs)
    #expect(run.exitCode == .success && run.lines.count == 2, "\(run.output)\(run.errors)")
  }

  @Test func runsAreComparedByWhatDiffers() throws {
    var logs: [String] = []
    for (optimizer, seed) in [("adam", 0), ("sgd", 0), ("adam", 1)] {
      let log = workspace.path("\(optimizer)-\(seed).jsonl")
      logs.append(log)
      _ = ToolRun(
        workspace.training(
          "--epochs", "2", "--optimizer", optimizer, "--seed", "\(seed)", "--log", log))
    }
    let run = ToolRun(["compare"] + logs)
    #expect(run.exitCode == .success, "\(run.errors)")
    let rows = run.lines.map { $0.split(separator: " ").map(String.init) }
    #expect(run.lines.count == 3)
    #expect(rows[0].first == "optimizer" && !rows[0].contains("batch") && !rows[0].contains("log"))
    let adam = try #require(rows.first { $0.contains("adam") })
    let accuracies = try [logs[0], logs[2]].map { log in
      try #require(LogLine.read(log).last?.testAccuracy)
    }
    let mean = (accuracies[0] + accuracies[1]) / 2
    let deviation = abs(accuracies[0] - accuracies[1]) / 2.0.squareRoot()
    #expect(
      adam.joined(separator: " ").contains(" 2 2 ")
        && adam.joined(separator: " ").contains(Figures.percent(mean, within: deviation)))
    #expect(try #require(rows.first { $0.contains("sgd") }).contains("1"))
    let svg = workspace.path("runs.svg")
    #expect(ToolRun(["compare", "--svg", svg] + logs).output == run.output)
    let drawn = try workspace.text("runs.svg")
    #expect(drawn.hasPrefix("<svg xmlns=") && drawn.ranges(of: "<circle").count == 4)
    #expect(drawn.contains("optimizer adam, learning-rate 0.001 (mean of 2 runs)</text>"))
    let first = try [logs[0], logs[2]].map { log in
      try #require(LogLine.read(log).first { $0.testAccuracy != nil }?.testAccuracy)
    }
    #expect(
      drawn.contains(", epoch 1: \(String(format: "%.4g", 50 * (first[0] + first[1])))%</title>"),
      "\(drawn)")
    expectRefusal(ToolRun(["compare", "--svg", logs[0]] + logs), .usage, saying: ["--svg: "])
    try workspace.write("{\"epoch\":1", to: "cut.jsonl")
    expectRefusal(
      ToolRun("compare", workspace.path("cut.jsonl")),
      saying: ["cut.jsonl: expected the log of a run"])
    expectRefusal(ToolRun("compare"), .usage, saying: ["Missing argument '<log> ...'."])
  }

  /// Where lines are longer than the terminal's, options are below the results, each on its line.
  @Test func aWideTableIsFolded() throws {
    let augmentation = "flip,crop:1,rotate:5"
    let logs = ["a", "b"].map { workspace.path("\($0).jsonl") }
    for (log, options) in zip(logs, [["--augment", augmentation], ["--learning-rate", "0.01"]]) {
      let run = ToolRun(workspace.training(["--epochs", "1", "--log", log] + options))
      #expect(run.exitCode == .success, "\(run.errors)")
    }
    let whole = ToolRun(["compare"] + logs)
    #expect(whole.lines.count == 3 && whole.lines[0].hasPrefix("learning-rate "), "\(whole)")
    let width = try #require(whole.lines.map(\.count).max())
    #expect(ToolRun(["compare"] + logs, columns: width).output == whole.output)
    let folded = ToolRun(["compare"] + logs, columns: width - 1)
    #expect(folded.lines.allSatisfy { $0.count < width }, "\(folded)")
    let rows = folded.lines.map { $0.split(separator: " ").map(String.init) }
    #expect(rows[0].prefix(2) == ["row", "runs"] && rows[1].prefix(2) == ["1", "1"])
    #expect(
      rows[3...] == [
        [], ["row", "option"], ["1", "learning-rate", "0.001"], ["augment", augmentation], [],
        ["2", "learning-rate", "0.01"], ["augment", "none"],
      ], "\(folded)")
  }

  /// A run without an epoch has a row, and a run with two logs counts once.
  @Test func unfinishedAndRepeatedRunsSaySo() throws {
    func train(_ name: String, _ options: String...) throws -> [String] {
      let log = workspace.path("\(name).jsonl")
      let run = ToolRun(
        workspace.training(["--epochs", "2", "--log", log, "--log-steps"] + options))
      #expect(run.exitCode == .success, "\(run.errors)")
      return try workspace.text("\(name).jsonl").split(separator: "\n").map(String.init)
    }
    func compare(_ names: String...) -> ToolRun {
      ToolRun(["compare"] + names.map { workspace.path("\($0).jsonl") })
    }
    let lines = try train("whole")
    _ = try train("again")
    _ = try train("other", "--seed", "1")
    let repeated = compare("whole", "again", "other")
    #expect(repeated.lines.count == 3 && repeated.lines[1].hasPrefix("   2 "), "\(repeated)")
    let (again, whole) = (workspace.path("again.jsonl"), workspace.path("whole.jsonl"))
    #expect(
      repeated.output.hasSuffix("\n\(again): the same run as \(whole), seed 0; counted once\n"))

    let step = #"{"epoch":1,"gradientNorm":1,"learningRate":1,"loss":"nan","step":3}"#
    let header = lines[0].replacing(
      #""learning-rate":"0.001""#, with: #""learning-rate":"9""#)
    #expect(header != lines[0], "\(header)")
    try workspace.write(
      [header, lines[1], step].map { $0 + "\n" }.joined(), to: "diverged.jsonl")
    try workspace.write(header.replacing(":\"9\"", with: ":\"8\"") + "\n", to: "new.jsonl")
    let unfinished = compare("whole", "diverged", "new")
    #expect(unfinished.exitCode == .success, "\(unfinished.errors)")
    #expect(unfinished.lines.count == 4, "\(unfinished)")
    #expect(unfinished.lines[2].hasPrefix("9 ") && unfinished.lines[3].hasPrefix("8 "))
    #expect(unfinished.lines[2].contains("  1  diverged in step 3  "), "\(unfinished)")
    #expect(unfinished.lines[3].contains(" no epoch yet  "), "\(unfinished)")
    #expect(compare("new").lines.count == 2)
    let svg = workspace.path("runs.svg")
    #expect(
      ToolRun(
        "compare", "--svg", svg, workspace.path("whole.jsonl"), workspace.path("new.jsonl")
      ).exitCode == .success)
    #expect(try workspace.text("runs.svg").ranges(of: "<text x=\"44.0\"").count == 1)
  }

  /// Also beside a run whose optimizer does not have the number. A log counts once, however it is named.
  @Test func numbersOfAnOptimizerTellItsRowsApart() {
    for (name, options) in [
      ("a", ["--beta1", "0.8"]), ("b", ["--beta1", "0.7"]), ("c", ["--optimizer", "sgd"]),
    ] {
      _ = ToolRun(
        workspace.training(["--epochs", "1", "--log", workspace.path("\(name).jsonl")] + options))
    }
    let logs = ["a", "b", "c", "../\(workspace.url.lastPathComponent)/a"].map {
      workspace.path("\($0).jsonl")
    }
    let run = ToolRun(["compare"] + logs)
    let rows = run.lines.map { $0.split(separator: " ").map(String.init) }
    #expect(run.lines.count == 4 && rows[0].contains("beta1"), "\(run)")
    #expect(rows[1].contains("0.8") && rows[2].contains("0.7") && rows[3].contains("–"), "\(run)")
    #expect(rows.dropFirst().allSatisfy { $0.contains("1") }, "\(run)")
  }

  @Test func aSweepTellsWhatItBeganWith() {
    workspace.trainModel("model")
    let sweep = ["--partial", "--initial-weights", workspace.path("model")]
    let told = ToolRun(workspace.training(["--epochs", "1"] + sweep)).lines.filter {
      $0.hasPrefix("loaded ")
    }
    let run = ToolRun(
      [
        "find-rate", "--data", workspace.data, "--model", "small", "--batch", "16", "--sweep", "20",
      ] + sweep)
    #expect(told.count == 1 && run.lines.first == told.first, "\(run)\(told)")
  }

  @Test func aSweepSuggestsARate() throws {
    let svg = workspace.path("rate.svg")
    let run = ToolRun(
      "find-rate", "--data", workspace.data, "--model", "small", "--batch", "16", "--threads", "2",
      "--sweep", "60", "--svg", svg)
    #expect(run.exitCode == .success, "\(run.errors)")
    let line = try #require(run.lines.last)
    let rate = try #require(line.firstMatch(of: #/^try --learning-rate (\S+)$/#))
    #expect((1e-5...1).contains(try #require(Double(rate.1))))
    // At that rate it learns.
    let training = ToolRun(workspace.training("--learning-rate", String(rate.1)))
    #expect(try #require(Double(training.epochRows.last?.accuracy ?? "")) > 50)
    #expect(run.output.contains("•") && run.output.contains("1e-06"))
    let text = try workspace.text("rate.svg")
    #expect(text.hasPrefix("<svg ") && text.contains("<polyline points=\""))
    // Each suggestion is marked in both.
    let marks = run.lines[run.lines.count - 2].components(separatedBy: "   ")
    #expect(marks.map { $0.prefix(1) } == ["◆", "▲"] && text.ranges(of: "<circle").count == 2)
    for mark in marks {
      let words = mark.dropFirst(2).replacing(" at ", with: " ")
      #expect(text.contains(">\(words)</text>") && run.output.ranges(of: mark.prefix(1)).count == 2)
    }
    expectRefusal(
      ToolRun("find-rate", "--from", "1", "--to", "0.1"), .usage,
      saying: ["--to: expected a rate above 1"])
  }

  @Test func eventsAreWrittenForTensorBoard() throws {
    let run = ToolRun(
      workspace.training("--epochs", "2", "--tensorboard", workspace.path("board")))
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(try run.fingerprint == ToolRun(workspace.training("--epochs", "2")).fingerprint)
    let files = try workspace.contents().filter { $0.key.hasPrefix("board/events.out.tfevents.") }
    #expect(files.count == 1)
    let bytes = try #require(files.values.first)
    // The version, two epochs of four steps each, and a record an epoch.
    let text = String(decoding: bytes, as: UTF8.self)
    for name in ["loss/step", "learning rate", "gradient norm"] {
      #expect(text.ranges(of: name).count == 8, "\(name)")
    }
    #expect(text.ranges(of: "accuracy/test").count == 2)
  }

  /// The steps of an epoch that does not end are seen too: the third diverges.
  @Test func theEventsOfAnUnfinishedEpochAreWritten() throws {
    let run = ToolRun(
      workspace.training(
        "--epochs", "1", "--optimizer", "sgd", "--learning-rate", "1000", "--tensorboard",
        workspace.path("board")))
    #expect(run.exitCode == .failure, "\(run.errors)")
    let files = try workspace.contents().filter { $0.key.hasPrefix("board/events.out.tfevents.") }
    let text = String(decoding: try #require(files.values.first), as: UTF8.self)
    #expect(text.ranges(of: "loss/step").count >= 2)
  }

  /// What a checkpoint counts as trained is on the board, even if the run is killed: who resumes it
  /// does not take those steps again.
  @Test func theEventsBeforeACheckpointAreWritten() throws {
    let process = try ToolProcess([
      "train", "--data", workspace.data, "--model", "small", "--batch", "1", "--threads", "1",
      "--epochs", "1000000", "--checkpoint", workspace.path("run.ckpt"), "--checkpoint-every", "1",
      "--tensorboard", workspace.path("board"),
    ])
    try workspace.wait(for: "run.ckpt")
    process.send(SIGKILL)
    _ = process.wait()
    let steps = try Checkpoint(contentsOf: workspace.path("run.ckpt")).state.stepNumber
    let files = try workspace.contents().filter { $0.key.hasPrefix("board/events.out.tfevents.") }
    let text = String(decoding: try #require(files.values.first), as: UTF8.self)
    #expect(text.ranges(of: "loss/step").count >= steps && steps > 0)
  }
}
