import ConvoyCommandsTestSupport
import ConvoyPictures
import ConvoyTerminal
import Foundation
import Testing

@Suite struct PredictTests {
  private let workspace: Workspace
  /// The labels of the test images, by number.
  private let labels = (0..<21).map { $0 % 4 }

  init() throws {
    workspace = try Workspace()
    train("model")
  }

  private func train(_ name: String) {
    _ = ToolRun(
      workspace.training(
        "--epochs", "8", "--learning-rate", "0.01", "--output", workspace.path(name)))
  }

  private func predict(_ arguments: String..., model: String = "model") -> ToolRun {
    ToolRun(["predict", "--weights", workspace.path(model), "--threads", "2"] + arguments)
  }

  /// The pixels of a test image.
  private func picture(_ number: Int) -> Picture {
    Picture(
      width: 8, height: 8, channels: 1,
      bytes: Array(ImageFiles.images(21).dropFirst(16 + number * 64).prefix(64)))
  }

  private struct Prediction: Decodable {
    let file: String
    let image: Int?
    let `class`: Int
    let label: String?
    let probability: Double?
    let score: Double?
    let top: [Answer]?

    struct Answer: Decodable {
      let `class`: Int
      let probability: Double?
    }
  }

  private func predictions(_ run: ToolRun) throws -> [Prediction] {
    try run.lines.map { try JSONDecoder().decode(Prediction.self, from: Data($0.utf8)) }
  }

  /// The images of a directory need no labels, and as many are right as evaluate says.
  @Test func agreesWithEvaluate() throws {
    let accuracy = try #require(
      workspace.evaluate("model").output.firstMatch(of: #/accuracy (\S+)%/#)?.1)
    try workspace.remove("data/\(ImageFiles.testLabels)")
    let run = predict("--json", "--top", "9", workspace.data)
    #expect(run.exitCode == .success, "\(run.errors)")
    let all = try predictions(run)
    #expect(all.map(\.image) == Array(0..<21))
    let correct = zip(all, labels).count { $0.class == $1 }
    #expect(String(format: "%.2f", Double(correct) / 21 * 100) == accuracy)
    for prediction in all {
      let top = try #require(prediction.top)
      let probabilities = top.compactMap(\.probability)
      #expect(top.count == 4 && top[0].class == prediction.class)
      #expect(probabilities == probabilities.sorted(by: >))
      #expect(prediction.probability == probabilities[0])
      // A few roundings of numbers below one.
      let sum: Double = probabilities.reduce(0, +)
      #expect(abs(sum - 1) < 1e-12)
    }
  }

  /// A picture is what its pixels are, whatever file they come in.
  @Test func picturesAreAsTheirPixels() throws {
    let expected = try predictions(predict("--json", workspace.data))
    for number in 0..<3 {
      try workspace.write(
        PNGFile.encode(picture(number).converted(to: .rgb)), to: "new/\(number).png")
    }
    try workspace.write("no picture", to: "new/notes")
    let found = try predictions(predict("--json", workspace.path("new")))
    #expect(found.map(\.file) == (0..<3).map { workspace.path("new/\($0).png") })
    #expect(found.map(\.probability) == expected.prefix(3).map(\.probability))
    #expect(found.map(\.class) == expected.prefix(3).map(\.class))
    // Of another size, the picture is brought to the model's.
    let large = PictureSheet(rows: [[picture(0)]], scale: 5, gap: 0).picture()
    try workspace.write(PNGFile.encode(large), to: "large.png")
    let shrunk = try predictions(predict("--json", workspace.path("large.png")))
    #expect(shrunk[0].probability == expected[0].probability)
  }

  @Test func linesNameFileClassAndProbability() throws {
    try workspace.write(PNGFile.encode(picture(2)), to: "a\n.png")
    let run = predict("--top", "2", workspace.path("a\n.png"))
    #expect(run.lines.count == 1)
    #expect(run.output.contains(#/a\\n\.png: 2 \d+\.\d\d%, \d \d+\.\d\d%\n/#))
    let named = predict(workspace.data)
    #expect(named.lines[20].hasPrefix("\(workspace.data), image 20: "))
  }

  @Test func writesKagglesTable() throws {
    let rows = (0..<3).map { number in
      picture(number).bytes.map(String.init).joined(separator: ",")
    }
    let header = (0..<64).map { "pixel\($0)" }.joined(separator: ",")
    try workspace.write(([header] + rows).joined(separator: "\n"), to: "test.csv")
    let run = predict("--csv", workspace.path("submission.csv"), workspace.path("test.csv"))
    #expect(run.output == "3 predictions written to \(workspace.path("submission.csv"))\n")
    let classes = try predictions(predict("--json", workspace.path("test.csv"))).map(\.class)
    #expect(
      try workspace.text("submission.csv")
        == "ImageId,Label\n1,\(classes[0])\n2,\(classes[1])\n3,\(classes[2])\n")
    let comma = workspace.path("a,b.png")
    try workspace.write(PNGFile.encode(picture(0)), to: "a,b.png")
    let whole = predict(
      "--csv", workspace.path("whole.csv"), "--probabilities", workspace.path("test.csv"))
    #expect(whole.exitCode == .success, "\(whole.errors)")
    let table = try workspace.text("whole.csv").split(separator: "\n").map {
      $0.split(separator: ",").map(String.init)
    }
    #expect(table[0] == ["ImageId", "Label", "0", "1", "2", "3"] && table.count == 4)
    for row in table.dropFirst() {
      let numbers = row.dropFirst(2).compactMap { Double($0) }
      #expect(numbers.count == 4 && abs(numbers.reduce(0, +) - 1) < 1e-6)
      #expect(numbers.firstIndex(of: numbers.max() ?? 0).map { "\($0)" } == row[1])
    }
    _ = predict("--csv", workspace.path("submission.csv"), comma)
    #expect(
      try workspace.text("submission.csv") == "ImageId,Label\n\"\(comma)\",\(classes[0])\n")
  }

  /// Dark figures on light ground, for a network of light ones.
  @Test func noticesInvertedPictures() throws {
    func image(_ number: Int, inverted: Bool = false) -> [UInt8] {
      (0..<64).map { place in
        let (row, column) = (place / 8, place % 8)
        let isLight =
          (row == 2 || row == 3) == (number % 2 == 0) && (2..<6).contains(column)
          && (1..<7).contains(row)
        return isLight != inverted ? 255 : 0
      }
    }
    let images = ImageFiles.header(0x803, 40, 8, 8) + (0..<40).flatMap { image($0) }
    let labels = ImageFiles.header(0x801, 40) + (0..<40).map { UInt8($0 % 2) }
    for name in [ImageFiles.trainingImages, ImageFiles.testImages] {
      try workspace.write(images, to: "data/\(name)")
    }
    for name in [ImageFiles.trainingLabels, ImageFiles.testLabels] {
      try workspace.write(labels, to: "data/\(name)")
    }
    train("lines")
    func write(_ name: String, inverted: Bool) throws {
      let bytes = image(1, inverted: inverted)
      try workspace.write(
        PNGFile.encode(Picture(width: 8, height: 8, channels: 1, bytes: bytes)), to: name)
    }
    try write("light.png", inverted: false)
    try write("dark.png", inverted: true)
    let light = predict(workspace.path("light.png"), model: "lines")
    #expect(light.errors == "")
    let dark = predict(workspace.path("dark.png"), model: "lines")
    #expect(
      dark.errors
        == "the image is light at the edges, where the training images are dark: try --invert\n")
    let inverted = predict("--invert", workspace.path("dark.png"), model: "lines")
    #expect(inverted.errors == "")
    #expect(inverted.output.split(separator: ":").last == light.output.split(separator: ":").last)
    #expect(
      predict("--invert", workspace.data, model: "lines").errors
        == "40 of 40 images are light at the edges, where the training images are dark: leave out "
        + "--invert\n")
  }

  @Test func scoresOfOtherLossesAreNoProbabilities() throws {
    workspace.trainModel("hinge", "--loss", "hinge")
    let first = try predictions(predict("--json", workspace.data, model: "hinge"))[0]
    #expect(first.probability == nil && first.score != nil)
    #expect(!predict(workspace.data, model: "hinge").output.contains("%"))
    let evaluation = ToolRun(
      "evaluate", "--weights", workspace.path("hinge"), "--data", workspace.data, "--calibration")
    #expect(evaluation.lines[1] == "no calibration error: the model's scores are no probabilities")
  }

  @Test func damagedPicturesAreNamedOrLeftOut() throws {
    let good = PNGFile.encode(picture(0))
    try workspace.write(good, to: "new/a.png")
    try workspace.write(Array(good.dropLast(20)), to: "new/b.png")
    expectRefusal(
      predict(workspace.path("new")), saying: ["new/b.png", "--skip-unreadable leaves them out"])
    let run = predict("--skip-unreadable", workspace.path("new"))
    #expect(run.exitCode == .success && run.lines.count == 1)
    #expect(run.errors.hasSuffix("1 unreadable picture skipped\n"))
  }

  @Test func refusesWhatItCannotPredict() throws {
    expectRefusal(predict(), .usage, saying: ["Missing argument '<path> ...'."])
    expectRefusal(predict("-", "-"), .usage, saying: ["-: expected once, found again"])
    for name in ["none.png", "none.dat", "none"] {
      expectRefusal(predict(workspace.path(name)), saying: [name, "No such file"])
    }
    try workspace.write("no picture", to: "notes.txt")
    expectRefusal(predict(workspace.path("notes.txt")), saying: ["notes.txt"])
    expectRefusal(predict(workspace.path("empty")), saying: ["empty"])
    expectRefusal(
      predict("--json", "--csv", workspace.path("t"), workspace.data), .usage,
      saying: ["found both"])
    expectRefusal(
      predict("--csv", workspace.path("model"), workspace.data), .usage,
      saying: ["--csv", "a file that the run does not use otherwise"])
    expectRefusal(
      predict("--csv", workspace.path("data/\(ImageFiles.testImages)"), workspace.data), .usage,
      saying: ["--csv", "a file that the run does not use otherwise"])
    try workspace.write(ImageFiles.images(5, size: 10), to: "other/\(ImageFiles.testImages)")
    expectRefusal(
      predict(workspace.path("other/\(ImageFiles.testImages)")), saying: ["1×8×8", "1×10×10"])
    // Which of both is meant?
    try workspace.write(PNGFile.encode(picture(0)), to: "data/0.png")
    expectRefusal(predict(workspace.data), saying: ["MNIST", "pictures"])
    try workspace.write("nothing", to: "empty/notes.txt")
    expectRefusal(predict(workspace.path("empty")), saying: ["empty"])
  }
}
