import ConvoyCommandsTestSupport
import ConvoyTerminal
import Testing

/// Folders of pictures that are packed into a file, by `prepare` or for `--cache`.
@Suite struct PrepareTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace.pictures() }

  private var packed: String { workspace.path("pictures.packed") }

  private func prepare(_ arguments: String...) -> ToolRun {
    ToolRun(
      ["prepare", workspace.data, "--output", packed, "--image-size", "8"] + arguments)
  }

  private func train(data: String? = nil, _ arguments: String...) -> ToolRun {
    train(data: data ?? workspace.data, arguments)
  }

  private func train(data: String, _ arguments: [String]) -> ToolRun {
    ToolRun(
      [
        "train", "--data", data, "--batch", "8", "--threads", "2", "--epochs", "2",
        "--model", "article", "--learning-rate", "0.01",
      ] + arguments)
  }

  @Test func aPackedFileTrainsToTheSameBits() throws {
    let folder = train("--image-size", "8", "--test-fraction", "0.25")
    #expect(folder.exitCode == .success, "\(folder.errors)")
    let run = prepare()
    #expect(run.output == "36 training images of 1×8×8, 3 classes, written to \(packed)\n")
    let later = train(data: packed, "--test-fraction", "0.25")
    #expect(try later.fingerprint == folder.fingerprint, "\(later.errors)")
    #expect(
      prepare("--test-fraction", "0.25").output
        == "27 training, 9 test images of 1×8×8, 3 classes, written to \(packed)\n")
    let model = workspace.path("model")
    let drawn = train(data: packed, "--output", model)
    #expect(try drawn.fingerprint == folder.fingerprint)
    let test = ToolRun("evaluate", "--weights", model, "--data", packed)
    #expect(test.exitCode == .success && test.output.hasSuffix(" on 9 images\n"), "\(test.errors)")
  }

  /// Pictures that were cut are not judged as those that were squeezed, without a word.
  @Test func anotherFitIsTold() {
    let model = workspace.path("model")
    #expect(prepare("--fit", "crop").exitCode == .success)
    let run = train("--image-size", "8", "--test-fraction", "0.25", "--output", model)
    #expect(run.exitCode == .success, "\(run.errors)")
    let caution = "was packed with --fit crop, the model was trained with --fit stretch\n"
    let evaluation = ToolRun("evaluate", "--weights", model, "--data", packed)
    #expect(evaluation.errors.hasSuffix(caution) && evaluation.exitCode == .success)
    let prediction = ToolRun("predict", "--weights", model, packed)
    #expect(prediction.errors.contains(caution) && prediction.exitCode == .success)
    #expect(prepare().exitCode == .success)
    #expect(!ToolRun("predict", "--weights", model, packed).errors.contains("--fit"))
  }

  /// A run from the folder goes on from a packed file, and back.
  @Test(arguments: ["on", "blocks"])
  func aRunIsResumedFromEither(shuffle: String) throws {
    #expect(prepare().exitCode == .success)
    let checkpoint = workspace.path("run.ckpt")
    let options = [
      "--test-fraction", "0.25", "--shuffle", shuffle, "--validation", "0.2",
    ]
    let sized = options + ["--image-size", "8"]
    let whole = train(data: workspace.data, sized)
    #expect(whole.exitCode == .success, "\(whole.errors)")
    let line = "shuffling blocks of 4,096 images, within windows of 22"
    #expect(shuffle == "on" || whole.lines[2] == line)
    for (first, arguments, second, others) in [
      (workspace.data, sized, packed, []),
      (packed, options, workspace.data, ["--image-size", "8"]),
    ] {
      let run = train(data: first, arguments + ["--checkpoint", checkpoint])
      #expect(run.exitCode == .success, "\(run.errors)")
      let again = ToolRun(["train", "--resume", checkpoint, "--data", second] + others)
      #expect(try again.fingerprint == whole.fingerprint, "\(again.errors)")
      try workspace.remove("run.ckpt")
    }
    // Other pixels.
    _ = train(data: workspace.data, sized + ["--checkpoint", checkpoint])
    expectRefusal(
      ToolRun("train", "--resume", checkpoint, "--image-size", "9"), .usage,
      saying: ["--data: ", "checksums"])
  }

  @Test func theCacheIsUsed() throws {
    let options = ["--image-size", "8", "--test-fraction", "0.25", "--cache", packed]
    let plain = train(data: workspace.data, Array(options.dropLast(2)))
    let first = train(data: workspace.data, options)
    #expect(first.errors == "cache \(packed): made anew: there is none\n")
    let second = train(data: workspace.data, options)
    #expect(second.errors == "cache \(packed): used\n")
    #expect(try [first.fingerprint, second.fingerprint] == [plain.fingerprint, plain.fingerprint])
    let sheet = ToolRun(
      ["augment", "--data", workspace.data, "--output", workspace.path("sheet.png")] + options)
    #expect(sheet.errors == "cache \(packed): used\n")
  }

  @Test func refusals() throws {
    let digits = try Workspace()
    expectRefusal(
      ToolRun(digits.training("--cache", packed)), saying: ["--cache: ", "a folder of pictures"])
    #expect(prepare().exitCode == .success)
    expectRefusal(
      train(data: packed, "--test-fraction", "0.2", "--image-size", "9"), .usage,
      saying: ["--image-size, ", "expected 8x8, as its images are packed, found 9x9"])
    expectRefusal(train(data: packed), saying: ["--test-fraction"])
    expectRefusal(
      ToolRun(
        "prepare", workspace.data, "--output", workspace.path("data/dark/1.png")),
      .usage, saying: ["--output: "])
    expectRefusal(
      train("--image-size", "8", "--cache", packed, "--output", packed), .usage,
      saying: ["--output: "])
    expectRefusal(
      train("--image-size", "8", "--cache", workspace.path("data/dark/1.png")), .usage,
      saying: ["--cache: "])
  }
}
