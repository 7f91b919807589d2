import ConvoyCommandsTestSupport
import ConvoyTerminal
import FoundationEssentials
import Testing

/// A network that cannot be is refused with the name of its file, layer and sizes.
@Suite struct ArchitectureRefusalTests {
  static let wrongFiles: [(json: String, message: String)] = [
    ("", "byte 0: expected a value, found the end"),
    (#"{"layers": ["#, "layers 0: byte 12: expected a value, found the end"),
    (String(repeating: "[", count: 100_000), "expected at most 64 levels of nesting, found '['"),
    (String(repeating: #"{"layers":"#, count: 100_000), "expected at most 64 levels of nesting"),
    ("[]", "expected an object, found an array"),
    (#"{"layer": []}"#, "expected 'layers', found none"),
    (#"{"layers": 3}"#, "layers: expected a list, found 3"),
    (#"{"layers": [3]}"#, "layers 0: expected an object, found 3"),
    (#"{"layers": []}"#, "the network's output: expected at least one layer, found none"),
    (#"{"layers": [], "loss": 3}"#, "loss: expected only layers, found 'loss'"),
    (
      #"{"layers": [{"type": "maxPooling", "kernelSize": 5000}]}"#,
      "layer 0 (maxPooling): expected kernelSize from 1 to 4096, found 5000"
    ),
    (#"{"layers": [{"units": 3}]}"#, "layers 0: expected 'type', found none"),
    (
      #"{"layers": [{"type": "conv"}]}"#,
      "layers 0.type: expected a layer type (convolution, batchNormalization, groupNormalization, maxPooling, "
        + "averagePooling, globalMaxPooling, globalAveragePooling, flatten, dense, dropout, relu, relu6, leakyRelu, elu, sigmoid, tanh, silu, hardSwish, "
        + "gelu, prelu, softmax, scale, identity, "
        + "residual, concatenate, repeat), "
        + "found 'conv'"
    ),
    (#"{"layers": [{"type": "two\nlines"}]}"#, #"found 'two\nlines'"#),
    (
      #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 4, "unit": 5}]}"#,
      "layers 1.unit: expected only bias, initialization, trainable, type, units in a dense layer, found 'unit'"
    ),
    (#"{"layers": [{"type": "dense"}]}"#, "layers 0: expected 'units', found none"),
    (
      #"{"layers": [{"type": "concatenate", "branches": 3}]}"#,
      "layers 0.branches: expected a list of lists of layers, found 3"
    ),
    (
      #"{"layers": [{"type": "concatenate", "branches": [[], [{"type": "dense"}]]}]}"#,
      "layers 0.branches 1 0: expected 'units', found none"
    ),
    (
      #"{"layers": [{"type": "concatenate", "branches": []}]}"#,
      "layer 0 (concatenate): expected at least one branch in 'branches', found none"
    ),
    (
      #"{"layers": [{"type": "concatenate", "branches": [[], [{"type": "maxPooling", "kernelSize": 2}]]}]}"#,
      "they cannot be concatenated"
    ),
    (
      #"{"layers": [{"type": "concatenate", "branches": [[], [{"type": "flatten"}]]}]}"#,
      "they cannot be concatenated"
    ),
    (
      #"{"layers": [{"type": "repeat", "times": 0, "layers": [{"type": "relu"}]}]}"#,
      "layers 0.times: expected from 1 to 4096, found 0"
    ),
    (
      #"{"layers": [{"type": "repeat", "times": 2, "layers": []}]}"#,
      "layers 0.layers: expected at least one layer, found none"
    ),
    (
      #"{"layers": [{"type": "repeat", "times": 2, "layers": [{"type": "relu"}], "time": 3}]}"#,
      "layers 0.time: expected only layers, times, type in a repeat layer, found 'time'"
    ),
    (
      #"{"layers": [{"type": "repeat", "times": 2, "layers": [{"type": "dense"}]}]}"#,
      "layers 0.layers 0: expected 'units', found none"
    ),
    (
      #"{"layers": [{"type": "relu"}, {"type": "repeat", "times": 2, "layers": [{"type": "repeat", "times": 2048, "layers": [{"type": "relu"}]}]}]}"#,
      "layers: expected at most 4096 layers, found 4097"
    ),
    (
      #"{"layers": [{"type": "repeat", "times": 4096, "layers": [{"type": "repeat", "times": 4096, "layers": [{"type": "relu"}]}]}]}"#,
      "layers 0: expected at most 4096 layers, found 16777216"
    ),
    (
      #"{"layers": [{"type": "dense", "units": "4"}]}"#,
      "layers 0.units: expected a whole number, found a string"
    ),
    (
      #"{"layers": [{"type": "dense", "units": null}]}"#,
      "layers 0.units: expected a whole number, found null"
    ),
    (
      #"{"layers": [{"type": "dense", "units": 2.5}]}"#,
      "layers 0.units: expected a whole number that fits 64 bits, found 2.5"
    ),
    (
      #"{"layers": [{"type": "dense", "units": 1e400}]}"#,
      "layers 0.units: expected a whole number that fits 64 bits, found 1e400"
    ),
    (
      #"{"layers": [{"type": "dense", "units": 99999999999999999999}]}"#,
      "layers 0.units: expected a whole number that fits 64 bits, found 99999999999999999999"
    ),
    (
      #"{"layers": [{"type": "dense", "units": -0}]}"#,
      "layer 0 (dense): expected units from 1 to 2147483648, found 0"
    ),
    (
      #"{"layers": [{"type": "batchNormalization", "momentum": 1.5}]}"#,
      "layer 0 (batchNormalization): expected momentum from 0 to 1, found 1.5"
    ),
    (
      #"{"layers": [{"type": "batchNormalization", "epsilon": 0}]}"#,
      "layer 0 (batchNormalization): expected epsilon from 1.1754944e-38 to 1000000, found 0.0"
    ),
    (
      #"{"layers": [{"type": "batchNormalization", "samples": 0}]}"#,
      "layer 0 (batchNormalization): expected samples from 1 to 2147483648, found 0"
    ),
    (
      #"{"layers": [{"type": "groupNormalization"}]}"#,
      "layers 0: expected 'groups', found none"
    ),
    (
      #"{"layers": [{"type": "groupNormalization", "groups": 0}]}"#,
      "layer 0 (groupNormalization): expected groups from 1 to 2147483648, found 0"
    ),
    (
      #"{"layers": [{"type": "groupNormalization", "groups": 1, "epsilon": 0}]}"#,
      "layer 0 (groupNormalization): expected epsilon from 1.1754944e-38 to 1000000, found 0.0"
    ),
    (
      #"{"layers": [{"type": "dropout", "rate": -1e999}]}"#,
      "layers 0.rate: expected a number that fits single precision, found -1e999"
    ),
    (
      #"{"layers": [{"type": "dropout", "rate": 1e60}]}"#,
      "layers 0.rate: expected a number that fits single precision, found 1e60"
    ),
    (
      #"{"layers": [{"type": "dense", "units": 99999999999}]}"#,
      "layer 0 (dense): expected units from 1 to 2147483648, found 99999999999"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 2, "kernelSize": 3, "stride": 0}]}"#,
      "layer 0 (convolution): expected stride from 1 to 1048576, found 0"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 2, "kernelSize": 3, "padding": -1}]}"#,
      "layer 0 (convolution): expected padding from 0 to 2147483648, found -1"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 2, "kernelSize": [3, 0]}]}"#,
      "layer 0 (convolution): expected kernelSize from 1 to 1024, found 0"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 2, "kernelSize": [3, 1, 2]}]}"#,
      "layers 0.kernelSize: expected a whole number or a list of two, rows and columns, found a list of 3"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 2, "kernelSize": "3"}]}"#,
      "layers 0.kernelSize: expected a whole number or a list of two, rows and columns, found"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 2, "kernelSize": 3, "padding": "sane"}]}"#,
      #"layers 0.padding: expected numbers or 'same', found 'sane'"#
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 2, "kernelSize": 3, "padding": true}]}"#,
      "layers 0.padding: expected a whole number or a list of two, rows and columns, or \"same\", found a truth value"
    ),
    // A border of gradients, and a map spread for groups, that no memory holds.
    (
      #"{"layers": [{"type": "convolution", "filters": 536870912, "kernelSize": 2, "dilation": 46338, "padding": 23169}]}"#,
      "numbers"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 2, "kernelSize": 8}, {"type": "convolution", "filters": 1073741824, "kernelSize": 1, "groups": 2, "padding": 16383, "stride": 32767}]}"#,
      "are beyond 2147483648 numbers"
    ),
    (
      #"{"layers": [{"type": "concatenate", "branches": [\#(String(repeating: "[], ", count: 256))[]]}]}"#,
      "layer 0 (concatenate): expected at most 256 branches, found 257"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 2, "kernelSize": 3, "stride": 2, "padding": "same"}]}"#,
      #"layer 0 (convolution): expected stride 1 with "same" padding, found 2"#
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 2, "kernelSize": 3, "dilation": 0}]}"#,
      "layer 0 (convolution): expected dilation from 1 to 1048576, found 0"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 2, "kernelSize": 3, "dilation": [1, 4]}]}"#,
      "its 3×9 dilated kernel is larger than the 8×8 map"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 4, "kernelSize": 3, "groups": 2}]}"#,
      "its 2 groups do not divide the 1 channels of its input"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 4, "kernelSize": 3}, {"type": "convolution", "filters": 3, "kernelSize": 3, "groups": 2}]}"#,
      "its 2 groups do not divide the 3 filters"
    ),
    (
      #"{"layers": [{"type": "maxPooling", "kernelSize": 3, "padding": 2}]}"#,
      "layer 0 (maxPooling): expected padding from 0 to 1, found 2"
    ),
    (
      #"{"layers": [{"type": "dropout", "rate": 1}]}"#,
      "layer 0 (dropout): expected rate from 0 up to but not including 1, found 1.0"
    ),
    (
      #"{"layers": [{"type": "relu"}, {"type": "dense", "units": 4}]}"#,
      "layer 1 (dense) does not fit its input of 1×8×8: it needs a vector; put a flatten before it"
    ),
    (
      #"{"layers": [{"type": "flatten"}, {"type": "maxPooling", "kernelSize": 2}]}"#,
      "layer 1 (maxPooling) does not fit its input of 64: it needs a map"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 2, "kernelSize": 9}]}"#,
      "layer 0 (convolution) does not fit its input of 1×8×8: its 9×9 kernel is larger than the 8×8"
    ),
    (
      #"{"layers": [{"type": "convolution", "filters": 2, "kernelSize": 3}]}"#,
      "the network's output: expected a vector with a number a class (flatten and dense give one), "
        + "found a map of 2×6×6"
    ),
  ]

  @Test(arguments: wrongFiles)
  func aWrongFileIsRefused(json: String, message: String) throws {
    let workspace = try Workspace()
    let file = workspace.path("net.json")
    try workspace.write(json, to: "net.json")
    try workspace.write("old model", to: "model")
    let before = try workspace.contents()
    expectRefusal(
      workspace.trainModel("model", "--model", file), saying: ["Error: \(file): ", message])
    expectRefusal(
      ToolRun("summary", "--model", file, "--input", "1x8x8"),
      saying: ["Error: \(file): ", message])
    #expect(try workspace.contents() == before)
  }

  /// The last of two would win with a lenient reader, and another network be trained than was meant.
  @Test(arguments: [
    (
      #"{"layers": [{"type": "relu"}, {"type": "dense", "units": 3, "units": 4}]}"#,
      "layers 1: byte 60: expected distinct names, found 'units' again"
    ),
    (
      #"{"layers": [{"type": "relu", "t\u0079pe": "tanh"}]}"#,
      "layers 0: byte 29: expected distinct names, found 'type' again"
    ),
    (#"{"layers": [], "layers": []}"#, "byte 15: expected distinct names, found 'layers' again"),
  ])
  func fieldsGivenTwiceAreRefused(json: String, message: String) throws {
    let workspace = try Workspace(data: [:])
    try workspace.write(json, to: "net.json")
    expectRefusal(
      ToolRun("summary", "--model", workspace.path("net.json")),
      saying: ["net.json: \(message)"])
  }

  @Test func filesBeyondTheLimitsAreRefused() throws {
    let workspace = try Workspace(data: [:])
    let file = workspace.path("net.json")
    try workspace.write(Array(repeating: 0x20, count: 1 << 20 + 1), to: "net.json")
    expectRefusal(
      ToolRun("summary", "--model", file),
      saying: ["net.json: cannot read: expected at most 1048576 bytes, found 1048577"])
    let layers = Array(repeating: #"{"type":"flatten"}"#, count: 4_097).joined(separator: ",")
    try workspace.write(#"{"layers":[\#(layers)]}"#, to: "net.json")
    expectRefusal(
      ToolRun("summary", "--model", file),
      saying: ["net.json: layers: expected at most 4096 layers, found 4097"])
    expectRefusal(
      ToolRun("summary", "--model", "/dev/zero"),
      saying: ["/dev/zero: cannot read: Not a regular file"])
  }

  /// Some editors write one. What else begins a file of two or four bytes a character is told apart
  /// from JSON that is wrong.
  @Test func aByteOrderMarkIsAcceptedAndOtherEncodingsAreNamed() throws {
    let workspace = try Workspace(data: [:])
    let file = workspace.path("net.json")
    let text = #"{"layers": [{"type": "flatten"}, {"type": "dense", "units": 3}]}"#
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    try workspace.write(mark + Array(text.utf8), to: "net.json")
    let run = ToolRun("summary", "--model", file)
    #expect(run.exitCode == .success, "\(run.errors)")
    try workspace.write(text, to: "net.json")
    #expect(run.output == ToolRun("summary", "--model", file).output)
    try workspace.write(mark + mark + Array(text.utf8), to: "net.json")
    expectRefusal(
      ToolRun("summary", "--model", file),
      saying: ["net.json: byte 3: expected a value, found byte 0xef"])

    for encoding: String.Encoding in [
      .utf16, .utf16LittleEndian, .utf16BigEndian, .utf32, .utf32LittleEndian, .utf32BigEndian,
    ] {
      try workspace.write(Array(try #require(text.data(using: encoding))), to: "net.json")
      expectRefusal(
        ToolRun("summary", "--model", file),
        saying: ["net.json: byte 0: expected text in UTF-8, found UTF-16 or UTF-32"])
    }
  }

  /// In single precision it would be 1.
  @Test func aRateJustBelow1StaysBelowIt() throws {
    let workspace = try Workspace(data: [:])
    try workspace.write(
      #"{"layers": [{"type": "flatten"}, {"type": "dropout", "rate": 0.99999999999}, {"type": "dense", "units": 3}]}"#,
      to: "net.json")
    let run = ToolRun("summary", "--model", workspace.path("net.json"))
    #expect(run.output.contains("dropout 0.9999999"), "\(run.output)\(run.errors)")
  }

  /// Sizes that are each allowed, but would together make a plan of many gigabytes.
  @Test func networksWhosePlanWouldBeHugeAreRefused() throws {
    let workspace = try Workspace()
    let file = workspace.path("net.json")
    let narrow = #"{"type": "convolution", "filters": 1, "kernelSize": 1, "padding": 504}"#
    let wide = #"{"type": "convolution", "filters": 1, "kernelSize": 1000, "stride": 1000}"#
    let end = #"{"type": "flatten"}, {"type": "dense", "units": 4}"#
    try workspace.write(
      #"{"layers": [\#(narrow), \#(wide), \#(end)]}"#, to: "net.json")
    expectRefusal(
      workspace.trainModel("model", "--model", file),
      saying: [
        "net.json: layer 1 (convolution) does not fit its input of 1×1016×1016: "
          + "expected at most 65536 positions in strides over all layers, found 1000000"
      ])
    let units = (0..<4).map { _ in
      #"{"type": "dense", "units": 33554432}, {"type": "dense", "units": 4}"#
    }
    try workspace.write(
      #"{"layers": [{"type": "flatten"}, \#(units.joined(separator: ", "))]}"#, to: "net.json")
    expectRefusal(
      workspace.trainModel("model", "--model", file),
      saying: ["expected at most ", "what is left of this machine's"])
  }

  @Test func aMissingFileIsRefused() throws {
    let workspace = try Workspace()
    expectRefusal(
      workspace.trainModel("model", "--model", workspace.path("net.json")),
      saying: ["net.json: cannot open: No such file or directory"])
    expectRefusal(
      workspace.trainModel("model", "--model", workspace.path("data")),
      saying: ["data: cannot read: Is a directory"])
    #expect(!workspace.exists("model"))
  }

  @Test func anONNXFileIsToBeImported() throws {
    let workspace = try Workspace()
    let run = ["--model", workspace.path("net.onnx")]
    expectRefusal(
      ToolRun(workspace.training(run)), saying: ["net.onnx: cannot open: No such file or directory"]
    )
    try workspace.write([8, 7, 18, 0], to: "net.onnx")
    expectRefusal(
      ToolRun(workspace.training(run)),
      saying: ["net.onnx: expected ", "found the name of an ONNX file; convoy import makes"])
  }

  @Test func aPresetForLargerImagesIsRefused() {
    expectRefusal(
      ToolRun("summary", "--model", "vgg", "--input", "3x4x4"),
      saying: [
        "--model vgg: layer 14 (maxPooling) does not fit its input of 256×1×1: its 2×2 kernel is "
          + "larger than the 1×1"
      ])
  }
}
