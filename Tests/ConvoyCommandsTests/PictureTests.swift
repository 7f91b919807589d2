import ConvoyCommandsTestSupport
import ConvoyPictures
import ConvoySafetensors
import ConvoyTerminal
import ConvoyTestSupport
import Foundation
import Testing

/// Folders of pictures, and the pictures that augmentation makes.
@Suite struct PictureTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace.pictures() }

  private func train(_ arguments: String...) -> ToolRun {
    ToolRun(
      [
        "train", "--data", workspace.data, "--batch", "8", "--threads", "2", "--epochs", "20",
        "--model", "article", "--learning-rate", "0.01", "--test-fraction", "0.25",
        "--image-size", "8", "--output", workspace.path("model"),
      ] + arguments)
  }

  /// What macOS and Windows put beside pictures, in a folder of classes and in a class.
  @Test func filesOfSystemsAreNotLookedAt() throws {
    let alone = try train("--seed", "1").fingerprint
    for name in ["__MACOSX/dark/._1.png", "middle/Thumbs.db", "middle/desktop.ini", ".DS_Store"] {
      try workspace.write("beside pictures", to: "data/\(name)")
    }
    let run = train("--seed", "1")
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(try run.fingerprint == alone)
  }

  @Test func picturesOf16BitsAreToldOf() throws {
    #expect(!train().errors.contains("bits per channel"))
    let pixels = PNGBytes.compressed(
      (0..<8).flatMap { [0] + [UInt8](repeating: 7 * $0, count: 2 * 8) })
    try workspace.write(
      PNGBytes.file(
        PNGBytes.header(width: 8, height: 8, depth: 16, type: 0), PNGBytes.chunk("IDAT", pixels)),
      to: "data/light/0.png")
    let told =
      "\(workspace.path("data/light/0.png")) has 16 bits per channel, of which 8 are kept\n"
    #expect(train().errors == told)
    let file = workspace.path("packed")
    let packing = ToolRun(
      "prepare", workspace.data, "--image-size", "8", "--output", file)
    #expect(packing.errors == told)
    try workspace.write(Array("P5 1 1 65535 ".utf8) + [1, 2], to: "data/light/0.png")
    #expect(train().errors == told)
  }

  /// A folder of one picture under many names, or of pictures that lost their pixels on the way.
  @Test func equalImagesAreToldOf() throws {
    #expect(!train().output.contains("alike"))
    let one = try workspace.bytes("data/light/0.png")
    for name in ["dark", "light", "middle"] {
      for number in 0..<12 { try workspace.write(one, to: "data/\(name)/\(number).png") }
    }
    let note = "all training images are alike: there is nothing to learn from"
    #expect(train().lines.contains { $0 == note })
  }

  @Test func trainsAndIsEvaluatedByName() throws {
    let run = train("--fit", "crop")
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(run.lines.first?.hasPrefix("27 training and 9 test images of 1×8×8, 3 classes") == true)
    #expect(run.epochRows.last?.accuracy == "100.00")
    let file = try SafetensorsFile(contentsOf: workspace.path("model"))
    #expect(file.metadata["classes"] == #"["dark","light","middle"]"#)
    #expect(file.metadata["fit"] == "crop")
    // The run's own test images; of another seed, all. Then those of one class under a name that
    // sorts elsewhere, which are other data.
    let own = workspace.evaluate("model").output
    #expect(own.hasPrefix("test accuracy 100.00%, "))
    #expect(own.hasSuffix(" on 9 images (the test fraction of the run)\n"))
    #expect(
      own.dropLast("the test fraction of the run)\n".count + 2)
        == evaluate("--test-fraction", "0.25").output.dropLast())
    let all = evaluate("--seed", "1")
    #expect(all.output.hasSuffix(" on 36 images (all: the data has no test part)\n"))
    #expect(all.errors.hasPrefix("caution: "))
    #expect(evaluate("--test-fraction", "0.25").errors == "")
    #expect(evaluate("--test-fraction", "0.5").errors.hasPrefix("caution: "))
    try workspace.remove("data/dark")
    try workspace.remove("data/light")
    let other = workspace.evaluate("model")
    #expect(other.output.hasSuffix(" on 12 images (all of the data)\n"))
    #expect(
      other.errors
        == "caution: these are not the images of the run; on any that it trained on, the accuracy is "
        + "too high\n")
    expectRefusal(
      ToolRun("evaluate", "--weights", workspace.path("model")), .usage,
      saying: [
        "--data: expected a folder or file of images, which the model takes as 1×8×8, found none"
      ])
    // Other data with a part of its own to judge by.
    for part in ["train", "val"] {
      try workspace.write(
        try workspace.bytes("data/middle/1.png"), to: "parted/\(part)/middle/1.png")
    }
    let parted = ToolRun(
      "evaluate", "--weights", workspace.path("model"), "--data", workspace.path("parted"))
    #expect(parted.output.hasPrefix("validation accuracy "))
    #expect(parted.output.hasSuffix(" on 1 images (the data has no test part)\n"))
    #expect(parted.errors == "")
    try workspace.write(try workspace.bytes("data/middle/1.png"), to: "data/centre/1.png")
    expectRefusal(
      workspace.evaluate("model"),
      saying: ["data/centre: expected a class of the training images (dark, light, middle)"]
    )
  }

  private func evaluate(_ arguments: String...) -> ToolRun {
    ToolRun(
      ["evaluate", "--weights", workspace.path("model"), "--data", workspace.data] + arguments)
  }

  private struct Mistakes: Decodable {
    let mistakes: [Mistake]

    struct Mistake: Decodable {
      let file: String
      let label: String
    }
  }

  /// Each is a file of its class, and a picture that `predict` takes for the same other one.
  @Test func mistakesAreFiles() throws {
    _ = ToolRun(
      "train", "--data", workspace.data, "--batch", "8", "--model", "article", "--epochs", "1",
      "--learning-rate", "1e-6", "--test-fraction", "0.5", "--seed", "2", "--image-size", "8",
      "--output", workspace.path("model"))
    let found = try JSONDecoder().decode(
      Mistakes.self, from: Data(evaluate("--json", "--mistakes", "100").output.utf8)
    ).mistakes
    #expect(!found.isEmpty && Set(found.map(\.file)).count == found.count)
    for mistake in found {
      #expect(mistake.file.hasPrefix("\(workspace.data)/\(mistake.label)/"))
      let seen = ToolRun("predict", "--weights", workspace.path("model"), mistake.file).output
      #expect(seen.hasPrefix(mistake.file) && !seen.contains(": \(mistake.label) "))
    }
    let lines = evaluate("--mistakes", "1").lines
    #expect(lines.last?.hasPrefix("\(found[0].file): \(found[0].label) ") == true)
  }

  /// Names of classes come from folders; none of them steers the terminal.
  @Test func namesOfClassesAreEscaped() throws {
    let pictures = ImageFiles.pictures(
      of: ["a\u{7}", "b\u{1B}[2J"], in: "strange", contrast: 5)
    for (path, bytes) in pictures { try workspace.write(bytes, to: path) }
    let (data, model) = (workspace.path("strange"), workspace.path("strange.st"))
    _ = ToolRun(
      "train", "--data", data, "--model", "compact", "--epochs", "1", "--learning-rate", "1e-6",
      "--test-fraction", "0.5", "--batch", "3", "--output", model)
    let run = ToolRun(
      "evaluate", "--weights", model, "--data", data, "--per-class", "--confusion", "--mistakes",
      "9")
    #expect(run.output.contains(", taken for "), "\(run.output)\(run.errors)")
    #expect(!run.output.unicodeScalars.contains { $0 != "\n" && $0.value < 0x20 })
  }

  /// Ten outputs for three classes would be a model that nobody can read.
  @Test func aNetworkHasAnOutputForEachClass() throws {
    let json = """
      {"layers": [{"type": "flatten"}, {"type": "dense", "units": 10}]}
      """
    try workspace.write(json, to: "ten.json")
    expectRefusal(
      ToolRun(
        "train", "--data", workspace.data, "--image-size", "8", "--test-fraction", "0.25",
        "--model", workspace.path("ten.json")), .usage,
      saying: [
        "expected a network with 3 outputs, one for each class (dark, light, middle), found 10"
      ]
    )
  }

  /// A model file is a network too; its last layer follows the classes.
  @Test func aModelFileGivesItsNetwork() throws {
    _ = train()
    try workspace.remove("data/middle")
    let run = ToolRun(
      "train", "--data", workspace.data, "--image-size", "8", "--test-fraction", "0.25",
      "--batch", "8", "--epochs", "1", "--model", workspace.path("model"), "--output",
      workspace.path("other"))
    #expect(run.exitCode == .success, "\(run.errors)")
    func total(_ model: String, _ arguments: String...) -> Substring? {
      ToolRun(["summary", "--model", model] + arguments).lines.last
    }
    #expect(total(workspace.path("model")) != nil)
    #expect(
      total(workspace.path("model")) == total("article", "--input", "1x8x8", "--classes", "3"))
    #expect(
      total(workspace.path("other")) == total("article", "--input", "1x8x8", "--classes", "2"))
    expectRefusal(
      ToolRun("summary", "--model", workspace.path("data/dark/1.png")), saying: ["1.png"])
  }

  @Test func adviceNamesTheOption() throws {
    let arguments = ["train", "--data", workspace.data]
    expectRefusal(
      ToolRun(arguments + ["--image-size", "8"]),
      saying: ["a test part or a test fraction", "--test-fraction"])
    expectRefusal(
      ToolRun(arguments + ["--test-fraction", "0.2"]),
      saying: ["pictures of one size", "--image-size, such as 64"])
    let digits = try Workspace()
    expectRefusal(
      ToolRun(digits.training("--color", "rgb")), .usage,
      saying: ["--color, --fit, --skip-unreadable: expected a folder of pictures"])
    try workspace.write([0x89, 0x50, 0x4E, 0x47], to: "data/dark/3.png")
    expectRefusal(train(), saying: ["data/dark/3.png: ", "--skip-unreadable leaves them out"])
    let run = train("--skip-unreadable")
    #expect(run.exitCode == .success)
    #expect(run.errors.hasPrefix("skipped ") && run.errors.contains("data/dark/3.png"))
    #expect(run.errors.hasSuffix("\n1 unreadable picture skipped\n"))
    expectRefusal(
      train("--image-size", "8"), .usage, saying: ["--image-size: expected once, found again"])
  }

  /// All that keeps pictures from being read is one error, with the command that mends it.
  @Test func whatIsWrongIsToldTogether() throws {
    // Cut in its pixels: its header is sound.
    try workspace.write(
      Array(try workspace.bytes("data/dark/3.png").dropLast(30)), to: "data/dark/3.png")
    let run = ToolRun("train", "--data", workspace.data, "--model", "article", "--batch=8")
    expectRefusal(
      run,
      saying: [
        "Error: \(workspace.data): expected a test part or a test fraction, found images for training only; "
          + "expected pictures of one size, found ",
        "; \(workspace.path("data/dark/3.png")): truncated PNG picture: expected ",
      ])
    let command = try #require(run.errors.firstMatch(of: #/; try: convoy (.*)\n/#)).1
    #expect(
      command == "train --batch 8 --data \(workspace.data) --model article --test-fraction 0.1 "
        + "--image-size 64 --skip-unreadable")
    let mended = ToolRun(command.split(separator: " ").map(String.init))
    #expect(mended.exitCode == .success, "\(mended.errors)")
    // A command that needs no test part asks for none; a size that is given is not asked for.
    expectRefusal(
      ToolRun("prepare", workspace.data, "--output", workspace.path("it's")),
      saying: [
        "try: convoy prepare \(workspace.data) --output '\(workspace.path("it"))'\\''s' --image-size 64 --skip-unreadable\n"
      ])
    expectRefusal(
      ToolRun("train", "--data", workspace.data, "--image-size", "8"),
      saying: [
        "try: convoy train --data \(workspace.data) --image-size 8 --test-fraction 0.1 --skip-unreadable\n"
      ])
  }

  @Test func oneClassIsNotEnough() throws {
    let all = workspace.data
    for name in ["dark", "light"] { try workspace.remove("data/\(name)") }
    expectRefusal(
      ToolRun("train", "--data", all, "--image-size", "8", "--test-fraction", "0.2"),
      saying: ["data: expected at least two classes, found one, middle"])
    // One folder too high.
    for name in ["a", "b"] {
      try workspace.write(try workspace.bytes("data/middle/1.png"), to: "data/middle/\(name)/1.png")
    }
    expectRefusal(
      ToolRun("prepare", all, "--output", workspace.path("packed")),
      saying: ["if the 2 folders in it are the classes, give \(all)/middle"])
  }

  @Test func oneDoesNotOverwriteThem() throws {
    let picture = workspace.path("data/dark/1.png")
    expectRefusal(
      ToolRun(
        "augment", "--data", workspace.data, "--image-size", "8", "--test-fraction", "0.2",
        "--output", picture), .usage,
      saying: ["--output: expected a file that the run does not use otherwise"])
  }

  @Test func augmentationHasTheSameBitsOnAnyThreads() throws {
    let terms = "flip,crop:2,rotate:10"
    func train(_ terms: String, threads: String) -> ToolRun {
      ToolRun([
        "train", "--data", workspace.data, "--batch", "8", "--threads", threads, "--model",
        "article", "--test-fraction", "0.25", "--image-size", "8", "--augment", terms,
      ])
    }
    let runs = ["1", "2", "3"].map { train(terms, threads: $0) }
    #expect(runs[0].exitCode == .success, "\(runs[0].errors)")
    let fingerprints = try runs.map { try $0.fingerprint }
    #expect(Set(fingerprints).count == 1)
    #expect(try train("none", threads: "2").fingerprint != runs[0].fingerprint)
  }

  @Test(arguments: [
    ("flop", "--augment: ", "flip"), ("crop:9", "--augment: ", "at most 8"),
  ])
  func wrongTermsAreRefused(terms: String, beginning: String, words: String) {
    expectRefusal(train("--augment", terms), .usage, saying: [beginning, words])
  }

  /// Each row has the image first.
  @Test func sheet() throws {
    let run = ToolRun(
      "augment", "--data", workspace.data, "--image-size", "8", "--test-fraction", "0.25",
      "--augment", "translate:0.2", "--rows", "3", "--columns", "2", "--output",
      workspace.path("sheet.png"))
    #expect(run.exitCode == .success, "\(run.errors)")
    let sheet = try Picture.decode(path: workspace.path("sheet.png"))
    // Images of 8 times 8 pixels each, with gaps of 2.
    #expect(sheet.size == PictureSize(width: 2 + 3 * 66, height: 2 + 3 * 66))
  }
}
