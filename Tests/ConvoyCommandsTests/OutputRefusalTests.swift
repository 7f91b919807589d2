import ConvoyCommandsTestSupport
import ConvoyTerminal
import Foundation
import Testing

/// Where nothing can be written, training does not begin; where it fails later, old files stay.
@Suite struct OutputRefusalTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  @Test(
    arguments: ["--output", "--log"],
    [
      ("missing/file", "No such file or directory"), ("data", "Is a directory"),
      ("old/file", "Not a directory"), ("pipe", "o"), ("dangling", "o"),
    ])
  func anUnwritablePathIsRefusedFirst(option: String, target: (name: String, reason: String)) throws
  {
    try workspace.write("old model", to: "old")
    // What the system says of a pipe without a reader differs.
    if target.name == "pipe" { #expect(mkfifo(workspace.path("pipe"), 0o600) == 0) }
    if target.name == "dangling" {
      #expect(symlink(workspace.path("nowhere"), workspace.path("dangling")) == 0)
    }
    let path = workspace.path(target.name)
    // Even before data that is missing too.
    for data in [workspace.data, workspace.path("nowhere")] {
      let run = ToolRun("train", "--data", data, "--epochs", "1", option, path)
      expectRefusal(run, saying: ["Error: \(path): cannot ", target.reason])
    }
    #expect(try workspace.text("old") == "old model")
    #expect(!workspace.exists("missing"))
  }

  /// Links and dots do not hide that two paths are one file.
  @Test func whatTheRunReadsIsNotWritten() throws {
    try workspace.write(
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 4}]}"#, to: "net.json")
    workspace.trainModel("model")
    try workspace.write("1,1,1,2", to: "weights")
    try workspace.write(#"{"seed": 3}"#, to: "options.json")
    #expect(symlink(workspace.path("."), workspace.path("here")) == 0)
    let before = try workspace.contents()
    let labels = "here/data/\(ImageFiles.trainingLabels)"
    for (option, name) in [
      ("--log", "here/net.json"), ("--output", "./net.json"), ("--log", "model"),
      ("--log", labels), ("--output", labels), ("--output", "here/weights"),
      ("--log", "here/weights"), ("--checkpoint", "weights"),
      ("--log", "here/options.json"), ("--output", "options.json"),
      ("--checkpoint", "options.json"),
    ] {
      let run = ToolRun(
        workspace.training(
          "--epochs", "1", "--model", workspace.path("net.json"), "--initial-weights",
          workspace.path("model"), "--class-weights", workspace.path("weights"),
          "--options", workspace.path("options.json"), option, workspace.path(name)))
      expectRefusal(
        run, .usage, saying: ["\(option): expected a file that the run does not use otherwise"])
    }
    expectRefusal(
      ToolRun(
        workspace.training(
          "--output", workspace.path("here/new"), "--log", workspace.path("new"))),
      .usage, saying: ["--log: expected a file"])
    expectRefusal(
      ToolRun(
        "predict", "--weights", workspace.path("model"), "--csv", workspace.path("here/model"), "-"),
      .usage, saying: ["--csv: expected a file that the run does not use otherwise"])
    expectRefusal(
      ToolRun(
        "import", "--weights", workspace.path("model"), "--classes", workspace.path("options.json"),
        "--output", workspace.path("options.json")),
      .usage, saying: ["--output: expected a file that the run does not use otherwise"])
    #expect(try workspace.contents() == before)
  }

  /// A second name of a file does not hide it.
  /// Wherever it lies; a sheet of pictures takes the place of an earlier one.
  @Test func aPictureIsNotReplaced() throws {
    workspace.trainModel("model")
    let sheet = ["augment", "--data", workspace.data, "--output", workspace.path("sheet.png")]
    for _ in 1...2 { #expect(ToolRun(sheet).exitCode == .success) }
    let before = try workspace.bytes("sheet.png")
    let model = ["--weights", workspace.path("model"), "--data", workspace.data]
    for (option, arguments) in [
      ("--log", workspace.training()), ("--output", workspace.training()),
      ("--report", workspace.training()), ("--confusion-csv", ["evaluate"] + model),
      ("--csv", ["predict", "--weights", workspace.path("model"), workspace.path("sheet.png")]),
      ("--output", ["page", "--weights", workspace.path("model")]),
    ] {
      expectRefusal(
        ToolRun(arguments + [option, workspace.path("sheet.png")]), .usage,
        saying: ["\(option): expected a file that may be replaced, not a picture", "(PNG)"])
    }
    #expect(try workspace.bytes("sheet.png") == before)
  }

  @Test func aHardLinkToWhatIsReadIsNotWritten() throws {
    try workspace.write(
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 4}]}"#, to: "net.json")
    for name in ["net.json", "data/\(ImageFiles.trainingLabels)"] {
      #expect(link(workspace.path(name), workspace.path("second")) == 0)
      let before = try workspace.bytes(name)
      expectRefusal(
        ToolRun(
          workspace.training(
            "--model", workspace.path("net.json"), "--log", workspace.path("second"))),
        .usage, saying: ["--log: expected a file that the run does not use otherwise"])
      #expect(try workspace.bytes(name) == before)
      try workspace.remove("second")
    }
  }

  /// A directory of data is what the system finds under its name: behind a link, `..` is the parent of
  /// what the link leads to, and `~` is a name like any other.
  @Test func theDirectoryOfDataIsTheSystems() throws {
    for (name, bytes) in ImageFiles.mnist() {
      for directory in ["real/pictures", "~"] {
        try workspace.write(bytes, to: "\(directory)/\(name)")
      }
    }
    try workspace.write("", to: "real/inner/file")
    #expect(symlink(workspace.path("real/inner"), workspace.path("link")) == 0)
    for data in ["link/../pictures", "~", "~/"] {
      let end = try ToolProcess(
        ["train", "--data", data, "--epochs", "1", "--checkpoint", "run.ckpt"],
        limits: "cd '\(workspace.path("."))'"
      ).wait()
      #expect(end.exitCode == 0, "\(data): \(end.errors)")
      let again = ToolRun("train", "--resume", workspace.path("run.ckpt"))
      #expect(again.exitCode == .success, "\(data): \(again.errors)")
    }
    let labels = workspace.path("real/pictures/\(ImageFiles.trainingLabels)")
    expectRefusal(
      ToolRun(
        "train", "--data", workspace.path(".") + "/link/../pictures", "--log", labels), .usage,
      saying: ["--log: expected a file that the run does not use otherwise"])
  }

  /// A log or model in the file that a stream goes to would overwrite it, or be overwritten.
  @Test(arguments: ["--output", "--log", "--checkpoint"], ["> results", "2> results"])
  func whatAStreamGoesToIsNotWritten(option: String, redirection: String) throws {
    for path in ["results", redirection.hasPrefix("2") ? "/dev/stderr" : "/dev/stdout"] {
      let end = try ToolProcess(
        workspace.training("--epochs", "1", option, path),
        limits: "cd '\(workspace.path("."))'; exec \(redirection)"
      ).wait()
      #expect(end.exitCode == 64)
      let message =
        "Error: \(option): expected a file that the run does not use otherwise, found '\(path)'\n"
      #expect(
        try workspace.text("results") + end.errors == message, "\(option) \(path)")
    }
  }

  /// Names that look the same are two files.
  @Test func namesAreComparedByTheirBytes() throws {
    let names = ["\u{E9}", "e\u{301}"]
    let run = ToolRun(
      workspace.training(
        "--epochs", "1", "--output", workspace.path(names[0]), "--log", workspace.path(names[1])))
    #expect(run.exitCode == .success, "\(run.errors)")
    let found = try FileManager.default.contentsOfDirectory(atPath: workspace.path("."))
    #expect(Set(found.map { Array($0.utf8) }).isSuperset(of: names.map { Array($0.utf8) }))
  }

  /// Of what lies beside the data set only its own files are read.
  @Test func aRunMayWriteIntoTheDirectoryOfItsData() throws {
    let files = ["run.ckpt", "run.jsonl", "model.safetensors"].map { "\(workspace.data)/\($0)" }
    let options = [
      "--checkpoint", files[0], "--checkpoint-every", "3", "--log", files[1], "--output", files[2],
    ]
    let whole = ToolRun(workspace.training() + options)
    #expect(whole.exitCode == .success, "\(whole.errors)")
    let again = ToolRun("train", "--resume", files[0])
    #expect(again.exitCode == .success, "\(again.errors)")
    #expect(try again.fingerprint == whole.fingerprint)
    #expect(ToolRun(workspace.training() + options).exitCode == .success)
  }

  /// What is no file yet must not become one of the data set, for the next run to read.
  @Test(arguments: [
    "t10k-images-idx3-ubyte.gz", "data_batch_7.bin", "cifar-10-batches-bin/test_batch.bin",
    "emnist-letters-train-labels-idx1-ubyte",
  ])
  func nothingTakesTheNameOfData(name: String) throws {
    try workspace.write("", to: "data/cifar-10-batches-bin/readme")
    let before = try workspace.contents()
    for option in ["--output", "--log", "--checkpoint"] {
      expectRefusal(
        ToolRun(workspace.training(option, "\(workspace.data)/\(name)")), .usage,
        saying: ["\(option): expected a file that the run does not use otherwise"])
    }
    #expect(try workspace.contents() == before)
    // Elsewhere it is a name as any other.
    #expect(workspace.trainModel("model-\(name.replacing("/", with: "-"))").exitCode == .success)
  }

  /// Told before any memory is asked for.
  @Test func whatDoesNotFitIntoMemoryIsRefused() throws {
    try workspace.write(
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 33000000}, {"type": "dense", "units": 60}, {"type": "dense", "units": 4}]}"#,
      to: "net.json")
    try workspace.write(
      #"{"layers": [{"type": "convolution", "filters": 60000, "kernelSize": 1, "padding": 80}, {"type": "convolution", "filters": 8, "kernelSize": 2, "stride": 1000000}, {"type": "flatten"}, {"type": "dense", "units": 4}]}"#,
      to: "wide.json")
    for (name, batch) in [("net.json", "16"), ("wide.json", "1000000")] {
      let run = ToolRun(
        "train", "--data", workspace.data, "--model", workspace.path(name), "--batch", batch)
      expectRefusal(
        run,
        saying: [
          "training with batches of \(batch): expected at most ", "what is left of this machine's",
        ])
    }
  }

  @Test(.disabled(if: geteuid() == 0, "No permission stops the superuser."))
  func aDirectoryWithoutPermissionIsRefusedFirst() throws {
    let data = workspace.path("data")
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: data)
    expectRefusal(
      ToolRun(workspace.training("--output", "\(data)/model")), saying: ["Permission denied"])
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: data)
  }

  @Test func aDirectoryThatGoesAwayIsReported() throws {
    try workspace.write("old model", to: "models/model")
    let directory = workspace.path("models")
    let run = ToolRun(workspace.training("--epochs", "1", "--output", "\(directory)/model")) {
      if EpochRow.number(of: $0) == 1 { try FileManager.default.removeItem(atPath: directory) }
    }
    expectError(
      run, saying: ["models/model: cannot write: ", "/models: No such file or directory"])
    #expect(run.epochLines.count == 1)
  }

  /// Whatever ends a run before its first line.
  @Test func aRunThatNeverBeginsLeavesTheLog() throws {
    try workspace.write("of another run\n", to: "run.jsonl")
    try workspace.write("a file", to: "board")
    let run = ToolRun(
      workspace.training(
        "--log", workspace.path("run.jsonl"), "--tensorboard", workspace.path("board/events")))
    expectError(run, saying: ["board/events: cannot open: "])
    #expect(try workspace.text("run.jsonl") == "of another run\n")
  }

  @Test func aRunThatDivergesStopsAndSpoilsNothing() throws {
    try workspace.write("old model", to: "model")
    let diverging = ["--optimizer", "sgd", "--learning-rate", "1000", "--epochs", "1"]
    let runs = ["1", "2", "5"].map { threads in
      ToolRun(
        [
          "train", "--data", workspace.data, "--model", "small", "--batch", "16", "--threads",
          threads, "--output",
          workspace.path("model"), "--checkpoint", workspace.path("run.ckpt"),
          "--checkpoint-every", "1",
        ] + diverging)
    }
    for run in runs {
      expectError(
        run,
        saying: [
          "epoch 1, step 3, layer 9 (dense 4): expected a finite loss, found NaN or infinity",
          "--learning-rate", "--clip-norm",
        ])
      #expect(run.errors == runs[0].errors)
      #expect(run.epochLines.isEmpty)
    }
    #expect(try workspace.text("model") == "old model")
    // What was good is still there, and leads to the same end, and the log tells it.
    let again = ToolRun(
      "train", "--resume", workspace.path("run.ckpt"), "--log", workspace.path("run.jsonl"))
    let last = try #require(workspace.text("run.jsonl").split(separator: "\n").last)
    #expect(
      last == #"{"epoch":1,"layer":"9 (dense 4)","nonFinite":"loss","step":3}"#)
    _ = ToolRun("report", "--log", workspace.path("run.jsonl"), "--output", workspace.path("page"))
    #expect(try workspace.text("page").contains("<dt>result</dt><dd>diverged in step 3</dd>"))
    #expect(again.output.contains("resuming after step 2 "))
    #expect(again.errors == runs[0].errors)
  }

  @Test func resultsThatCannotBePrintedEndTheRun() throws {
    struct Full: Error, CustomStringConvertible {
      var description: String { "standard output: cannot write: No space left on device" }
    }
    let run = ToolRun(workspace.training("--output", workspace.path("model"))) {
      if EpochRow.number(of: $0) == 2 { throw Full() }
    }
    expectError(
      run,
      saying: [
        "standard output: cannot write: No space left on device; the model so far is written to "
      ])
    #expect(
      ToolRun(workspace.training("--epochs", "2", "--output", workspace.path("same"))).errors == "")
    #expect(try workspace.bytes("model") == workspace.bytes("same"))
    for arguments in [["--help"], ["summary"]] {
      expectRefusal(ToolRun(arguments) { _ in throw Full() }, saying: ["No space left on device"])
    }
  }

  @Test func aRefusedRunLeavesNoPartialFile() throws {
    let before = try workspace.contents().keys.sorted()
    workspace.trainModel("model", "--log", workspace.path("log"), "--model", "/no.json")
    #expect(try workspace.contents().keys.sorted() == before)
    expectRefusal(
      ToolRun(
        workspace.training("--tensorboard", workspace.path("board"), "--class-weights", "1,2")),
      .usage, saying: ["--class-weights: "])
    #expect(!workspace.exists("board"))
  }
}
