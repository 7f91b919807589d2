import ConvoyCommandsTestSupport
import ConvoySafetensors
import ConvoyTerminal
import Foundation
import Testing

/// A file that does not hold the weights of this network is refused, by evaluate and by training.
@Suite struct WeightsRefusalTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.trainModel("weights", "--model", "article")
    try workspace.write("old model", to: "model")
  }

  /// Both commands refuse the file, and leave all others as they are.
  private func expectRefusals(
    saying words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try workspace.contents()
    expectRefusal(
      workspace.trainModel(
        "model", "--model", "article", "--initial-weights", workspace.path("weights")),
      saying: ["Error: \(workspace.path("weights")): "] + words, sourceLocation: sourceLocation)
    expectRefusal(
      workspace.evaluate("weights"),
      saying: ["Error: \(workspace.path("weights")): "] + words, sourceLocation: sourceLocation)
    #expect(try workspace.contents() == before, sourceLocation: sourceLocation)
  }

  @Test func aMissingFile() throws {
    try workspace.remove("weights")
    try expectRefusals(saying: "cannot open: No such file or directory")
  }

  @Test func aDirectory() throws {
    try workspace.remove("weights")
    try workspace.write("", to: "weights/file")
    try expectRefusals(saying: "cannot read: Is a directory")
  }

  /// A device without an end must not be read until memory is full.
  @Test(arguments: ["/dev/zero", "/dev/null"])
  func aDevice(path: String) throws {
    let message = "\(path): cannot read: Not a regular file"
    expectRefusal(
      ToolRun("evaluate", "--weights", path, "--data", workspace.data), saying: [message])
    expectRefusal(
      workspace.trainModel("model", "--initial-weights", path), saying: [message])
  }

  /// Longer than any that is read, and without a single block on the disk.
  @Test func aHugeFile() throws {
    let file = try FileHandle(forWritingTo: URL(filePath: workspace.path("weights")))
    try file.truncate(atOffset: UInt64(SafetensorsFile.largestFile) + 1)
    try file.close()
    let largest = SafetensorsFile.largestFile
    expectRefusal(
      workspace.evaluate("weights"),
      saying: ["cannot read: expected at most \(largest) bytes, found \(largest + 1)"])
  }

  @Test(arguments: [0, 7])
  func anEndInTheHeadersLength(count: Int) throws {
    try workspace.write(Array(workspace.bytes("weights").prefix(count)), to: "weights")
    try expectRefusals(saying: "header length: expected 8 bytes, found \(count)")
  }

  @Test func anEndInTheData() throws {
    try workspace.write(workspace.bytes("weights").dropLast(), to: "weights")
    try expectRefusals(saying: "data: expected", "bytes, found")
  }

  @Test func aDamagedHeader() throws {
    var bytes = try workspace.bytes("weights")
    bytes[8] = 0xFF
    try workspace.write(bytes, to: "weights")
    try expectRefusals(saying: "header, byte 8: expected", "found")
  }

  @Test func noFiniteNumber() throws {
    try workspace.edit("weights") { tensors, _ in
      let bias = tensors[2]
      tensors[2] = NamedTensor(
        name: bias.name, shape: bias.shape, values: [.nan] + bias.values.dropFirst())
    }
    try expectRefusals(saying: "tensor '4.bias': expected finite numbers, found NaN or infinity")
  }

  @Test func aMissingTensor() throws {
    try workspace.edit("weights") { tensors, _ in tensors.removeLast() }
    try expectRefusals(saying: "tensor '4.bias': expected shape [4], found none")
  }

  @Test func anotherShape() throws {
    try workspace.edit("weights") { tensors, _ in
      tensors[0] = NamedTensor(
        name: "0.weight", shape: [8, 9], values: tensors[0].values)
    }
    try expectRefusals(saying: "tensor '0.weight': expected shape [8, 1, 3, 3], found [8, 9]")
  }

  @Test func aTensorTooMany() throws {
    try workspace.edit("weights") { tensors, _ in
      tensors.append(NamedTensor(name: "9.weight", shape: [1], values: [0]))
    }
    try expectRefusals(
      saying: "tensor '9.weight': expected no such tensor in this network, found shape [1]")
  }

  @Test func anotherNetwork() throws {
    expectRefusal(
      workspace.trainModel(
        "model", "--model", "small", "--initial-weights", workspace.path("weights")),
      saying: ["weights: tensor '0.bias': expected shape [8], found none"])
    #expect(try workspace.text("model") == "old model")
  }

  @Test func imagesOfAnotherShape() throws {
    let larger = try Workspace(data: ImageFiles.mnist(size: 10))
    let weights = workspace.path("weights")
    expectRefusal(
      ToolRun("evaluate", "--weights", weights, "--data", larger.data),
      saying: [
        "data/\(ImageFiles.testImages): expected images of 1×8×8, "
          + "as the network was made for, found 1×10×10"
      ])
    expectRefusal(
      larger.trainModel("model", "--model", "article", "--initial-weights", weights),
      saying: ["\(weights): tensor '4.weight': expected shape [4, 128], found [4, 72]"])
    #expect(!larger.exists("model"))
  }

  /// Training needs the weights alone, which any framework may have written.
  @Test func noMetadata() throws {
    try workspace.edit("weights") { _, metadata in metadata = [:] }
    expectRefusal(
      workspace.evaluate("weights"),
      saying: [
        "weights: metadata 'architecture': expected one that convoy train wrote "
          + "(convoy import takes weights of others), found none"
      ])
    let run = workspace.trainModel(
      "model", "--model", "article", "--initial-weights", workspace.path("weights"))
    #expect(run.exitCode == .success)
  }

  private static let input =
    "metadata 'input': expected [channels, height, width], each from 1 to 1048576, found "

  @Test(arguments: [
    ("architecture", "[", "weights: architecture: 0: byte 1: expected a value, found the end"),
    (
      "architecture", #"{"layers":[{"type":"relu"}]}"#,
      "weights: architecture: the network's output: expected a vector"
    ),
    ("input", "[1,8]", "\(Self.input)'[1,8]'"),
    ("input", "[1,8,-8]", "\(Self.input)'[1,8,-8]'"),
    ("input", "[1,8,1048577]", "\(Self.input)'[1,8,1048577]'"),
    ("input", "[1,8,8,\"\"]", "\(Self.input)'[1,8,8,\"\"]'"),
    ("input", "8\n8", #"\#(Self.input)'8\n8'"#),
    (
      "normalization", "{}",
      "metadata 'normalization': expected a method, and for each channel a mean from"
    ),
    (
      "normalization", #"{"method":"unit","means":[0],"deviations":[0]}"#,
      "metadata 'normalization': expected a method, and for each channel a mean from 0.0 to 1.0 and a deviation from 1e-06 to 1.0; of floats, any finite mean and normal deviation, found '{"
    ),
    (
      "normalization", #"{"method":"unit","means":[0],"deviations":[1],"means":[0.5]}"#,
      "metadata 'normalization': expected a method"
    ),
    (
      "normalization", #"{"method":"unit","means":[0,0],"deviations":[1,1]}"#,
      "metadata 'normalization': expected a method, and for each channel a mean from 0.0 to 1.0 and a deviation from 1e-06 to 1.0; of floats, any finite mean and normal deviation, found '{"
    ),
    (
      "normalization", #"{"method":"unit","means":[1e300],"deviations":[1e-320]}"#,
      "metadata 'normalization': expected a method, and for each channel a mean from 0.0 to 1.0 and a deviation from 1e-06 to 1.0; of floats, any finite mean and normal deviation, found '{"
    ),
    (
      "input", "[1048576,1048576,1048576]",
      "the network's input: expected at most 2147483648 numbers in a sample, found 1048576×"
    ),
    (
      "loss", "hing",
      "metadata 'loss': expected one of cross-entropy, hinge, mean-squared-error, found 'hing'"
    ),
  ])
  func wrongMetadata(key: String, text: String, message: String) throws {
    try workspace.edit("weights") { _, metadata in metadata[key] = text }
    expectRefusal(workspace.evaluate("weights"), saying: [message])
    try workspace.edit("weights") { _, metadata in metadata[key] = nil }
    expectRefusal(workspace.evaluate("weights"), saying: ["metadata '\(key)': expected one"])
  }

  /// Whichever byte of the header is wrong, evaluate either works or says why not.
  @Test func everyDamagedByteIsSurvived() throws {
    let bytes = try workspace.bytes("weights")
    for place in stride(from: 0, to: 1_000, by: 9) {
      var damaged = bytes
      damaged[place] ^= 1 << UInt8(place % 8)
      try workspace.write(damaged, to: "weights")
      let run = workspace.evaluate("weights")
      if run.exitCode != .success { expectRefusal(run, saying: []) }
    }
  }
}
