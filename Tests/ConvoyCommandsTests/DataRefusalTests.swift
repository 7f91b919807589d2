import ConvoyCommandsTestSupport
import ConvoyTerminal
import Testing

/// A data set that is not what it should be ends with exit code 1, and no file is touched.
@Suite struct DataRefusalTests {
  /// A way to spoil the data set.
  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: [String]
    let apply: @Sendable (Workspace) throws -> Void

    init(
      _ name: String, saying words: String...,
      apply: @escaping @Sendable (Workspace) throws -> Void
    ) {
      testDescription = name
      self.words = words
      self.apply = apply
    }

    /// Puts `bytes` in a file's place.
    static func file(_ name: String, _ bytes: [UInt8], saying words: String...) -> Damage {
      Damage(name, words: ["data/\(name): ", "expected", "found"] + words) {
        try $0.write(bytes, to: "data/\(name)")
      }
    }

    private init(
      _ name: String, words: [String], apply: @escaping @Sendable (Workspace) throws -> Void
    ) {
      testDescription = name
      self.words = words
      self.apply = apply
    }
  }

  static let damages: [Damage] = [
    Damage("no directory", saying: "data: expected a directory with a data set, found nothing") {
      try $0.remove("data")
    },
    Damage("no file", saying: "data: expected \(ImageFiles.trainingLabels)", "found only") {
      try $0.remove("data/\(ImageFiles.trainingLabels)")
    },
    Damage("a damaged archive", saying: "labels-idx1-ubyte.gz: damaged at compressed byte") {
      try $0.remove("data/\(ImageFiles.testLabels)")
      // A header as gzip's, and a block of a type that there is not.
      try $0.write(
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + Array(repeating: 0xFF, count: 40),
        to: "data/\(ImageFiles.testLabels).gz")
    },
    .file(
      ImageFiles.trainingImages, ImageFiles.images(50).dropLast(),
      saying: "truncated: expected 3216 bytes, found the end after 3215"),
    .file(
      ImageFiles.testImages, ImageFiles.header(0x1803, 21, 8, 8),
      saying: "wrong magic number at byte 0: expected 0x00000803, found 0x00001803"),
    .file(
      ImageFiles.trainingLabels, ImageFiles.labels(49),
      saying: "expected 50 labels, as many as images in", "found 49"),
    .file(ImageFiles.trainingLabels, ImageFiles.header(0x801, 0), saying: "at least one image"),
    .file(
      ImageFiles.testLabels, ImageFiles.labels(21, first: 1),
      saying: "expected labels below 4, as in the training set, found 4 for image 3"),
    .file(
      ImageFiles.testImages, ImageFiles.images(21, size: 10),
      saying: "expected images of", "8", "10"),
  ]

  @Test(arguments: damages)
  func aSpoiltDataSetIsRefused(damage: Damage) throws {
    let workspace = try Workspace()
    try workspace.write("old model", to: "model")
    try workspace.write("old log", to: "log")
    try damage.apply(workspace)
    let before = try workspace.contents()
    expectRefusal(
      workspace.trainModel("model", "--log", workspace.path("log")), saying: damage.words)
    #expect(try workspace.contents() == before)
  }

  @Test func partsOfRecordsAreRefused() throws {
    var files = ImageFiles.cifar10()
    files["cifar-10-batches-bin/data_batch_2.bin"]?.removeLast()
    let workspace = try Workspace(data: files)
    expectRefusal(
      workspace.trainModel("model"),
      saying: ["data_batch_2.bin: expected a multiple of 3073 bytes, found \(11 * 3073 - 1)"])
    #expect(!workspace.exists("model"))
  }

  @Test func labelsBeyondTheNetworksOutputsAreRefused() throws {
    let workspace = try Workspace()
    try workspace.write(
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 2}]}"#, to: "net.json")
    expectRefusal(
      workspace.trainModel("model", "--model", workspace.path("net.json")),
      saying: [
        "data/\(ImageFiles.trainingLabels): image 2: expected a label below 2, the network's outputs, found 2"
      ])
    #expect(!workspace.exists("model"))
  }

  @Test func evaluateRefusesWhatTheModelWasNotMadeFor() throws {
    let workspace = try Workspace()
    workspace.trainModel("model")
    try workspace.write(ImageFiles.labels(21, first: 1), to: "data/\(ImageFiles.testLabels)")
    expectRefusal(
      workspace.evaluate("model"),
      saying: [
        "data/\(ImageFiles.testLabels): image 3: expected a label below 4, the network's outputs, found 4"
      ])
    try workspace.write(ImageFiles.images(21, size: 10), to: "data/\(ImageFiles.testImages)")
    expectRefusal(
      workspace.evaluate("model"),
      saying: [
        "data/\(ImageFiles.testImages): expected images of 1×8×8, as the network was made for, found 1×10×10"
      ])
    try workspace.write([0], to: "data/\(ImageFiles.testImages)")
    expectRefusal(
      workspace.evaluate("model"),
      saying: ["\(ImageFiles.testImages): truncated: expected", "found"])
  }

  @Test func classWeightsMustFitTheClasses() throws {
    let workspace = try Workspace()
    try workspace.write("1\n2\n0.5\n", to: "weights.txt")
    expectRefusal(
      ToolRun(workspace.run("model", ["--class-weights", workspace.path("weights.txt")])), .usage,
      saying: [
        "--class-weights: expected 4 numbers, one for each output of the network, found 3"
      ])
    try workspace.write("1\n2\n0.5\nx\n", to: "weights.txt")
    expectRefusal(
      ToolRun(workspace.run("model", ["--class-weights", workspace.path("weights.txt")])),
      saying: ["weights.txt: line 4: expected numbers, 0 or from 1e-30 to 1e+30, ", "found 'x'"])
  }
}
