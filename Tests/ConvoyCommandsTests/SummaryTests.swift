import ConvoyCommandsTestSupport
import ConvoyTerminal
import Testing

@Suite struct SummaryTests {
  @Test func printsLayersShapesParametersAndArithmetic() {
    let run = ToolRun("summary", "--model", "small")
    #expect(run.exitCode == .success)
    #expect(run.errors == "")
    #expect(
      run.output == """
           layer                         output    parameters  MFLOP
           input                         1×28×28
        0  convolution 8 3×3 padding 1   8×28×28           80  0.226
        1  relu                          8×28×28
        2  maxPooling 2×2                8×14×14
        3  convolution 16 3×3 padding 1  16×14×14       1,168  1.355
        4  relu                          16×14×14
        5  maxPooling 2×2                16×7×7
        6  flatten                       784
        7  dense 64                      64            50,240  0.301
        8  relu                          64
        9  dense 10                      10               650  0.004
           total                                       52,138  1.885

        """)
    #expect(ToolRun("summary").output == run.output)
  }

  /// A preset, to be changed and trained.
  @Test(arguments: ["mnist-tiny", "resnet20"])
  func aNetworkIsPrintedAsAFile(preset: String) throws {
    let workspace = try Workspace(data: [:])
    let run = ToolRun("summary", "--model", preset, "--json")
    #expect(run.exitCode == .success && run.lines.count > 5 && run.lines[0] == #"{"layers": ["#)
    try workspace.write(run.output, to: "net.json")
    let file = workspace.path("net.json")
    #expect(
      ToolRun("summary", "--model", file).output == ToolRun("summary", "--model", preset).output)
    #expect(ToolRun("summary", "--model", file, "--json").output == run.output)
  }

  @Test func namesTheNumbersOfEveryLayer() throws {
    let workspace = try Workspace(data: [:])
    try workspace.write(
      #"""
      {"layers": [
        {"type": "convolution", "filters": 7, "kernelSize": 5, "stride": 2, "padding": 3},
        {"type": "leakyRelu", "slope": 0.2}, {"type": "averagePooling", "kernelSize": 3},
        {"type": "sigmoid"}, {"type": "maxPooling", "kernelSize": 2, "stride": 1},
        {"type": "tanh"}, {"type": "identity"}, {"type": "flatten"},
        {"type": "dropout", "rate": 0.25}, {"type": "dense", "units": 3},
        {"type": "groupNormalization", "groups": 1}, {"type": "prelu"},
        {"type": "prelu", "shared": true}, {"type": "softmax"}
      ]}
      """#, to: "net.json")
    let run = ToolRun("summary", "--model", workspace.path("net.json"), "--input", "3x32x17")
    #expect(
      run.output == """
            layer                                 output   parameters  MFLOP
            input                                 3×32×17
         0  convolution 7 5×5 stride 2 padding 3  7×17×10         532  0.357
         1  leakyRelu 0.2                         7×17×10
         2  averagePooling 3×3                    7×5×3
         3  sigmoid                               7×5×3
         4  maxPooling 2×2 stride 1               7×4×2
         5  tanh                                  7×4×2
         6  identity                              7×4×2
         7  flatten                               56
         8  dropout 0.25                          56
         9  dense 3                               3               171  0.001
        10  groupNormalization of 1 group         3                 6
        11  prelu                                 3                 3
        12  prelu shared                          3                 1
        13  softmax                               3
            total                                                 713  0.358

        """)
  }

  /// Parameters as before, and how many of them are trained; no arithmetic of gradients that nobody
  /// wants.
  @Test func frozenLayersAreShown() throws {
    let workspace = try Workspace()
    try workspace.write(
      #"""
      {"layers": [
        {"type": "convolution", "filters": 2, "kernelSize": 3, "trainable": false},
        {"type": "batchNormalization", "trainable": false}, {"type": "flatten"},
        {"type": "dense", "units": 1250}, {"type": "dense", "units": 4, "trainable": false}
      ]}
      """#, to: "net.json")
    let model = ["--model", workspace.path("net.json")]
    #expect(
      ToolRun(["summary", "--input", "1x8x8"] + model).output == """
           layer                      output  parameters  MFLOP
           input                      1×8×8
        0  convolution 2 3×3 frozen   2×6×6           20  0.001
        1  batchNormalization frozen  2×6×6            4
        2  flatten                    72
        3  dense 1250                 1250        91,250  0.360
        4  dense 4 frozen             4            5,004  0.020
           total                                  96,278  0.381
           trained                                91,250

        """)
    let run = ToolRun(workspace.training(["--epochs", "1"] + model))
    #expect(run.lines[1].hasPrefix("96,278 parameters, 91,250 of them trained; "))
  }

  @Test(arguments: [
    ("small", "1x28x28", 1.89), ("fast", "1x28x28", 6.77), ("medium", "1x28x28", 25.0),
    ("vgg", "3x32x32", 919),
  ])
  func countsArithmetic(preset: String, input: String, megaflop: Double) throws {
    let total = try #require(ToolRun("summary", "--model", preset, "--input", input).lines.last)
    let found = try #require(total.split(separator: " ").last.flatMap { Double($0) })
    // Three digits.
    #expect(abs(found - megaflop) <= 0.005 * megaflop)
  }

  @Test func aConvolutionSaysWhatIsNotUsual() throws {
    let workspace = try Workspace(data: [:])
    let layers = [
      #"{"type": "convolution", "filters": 6, "kernelSize": [1, 3], "stride": [2, 1], "padding": [0, 1], "dilation": [1, 2], "groups": 3}"#,
      #"{"type": "convolution", "filters": 12, "kernelSize": 3, "padding": "same", "groups": 6}"#,
      #"{"type": "averagePooling", "kernelSize": 3, "stride": 2, "padding": 1}"#,
    ]
    try workspace.write(
      #"{"layers": [\#(layers.joined(separator: ", ")), {"type": "flatten"}]}"#, to: "net.json")
    let run = ToolRun("summary", "--model", workspace.path("net.json"), "--input", "3x9x9")
    #expect(run.exitCode == .success, "\(run.errors)")
    // 6 · 1 · 3 + 6 weights, 5 rows, 9 + 2 − 4 columns; 12 · 9 + 12 weights.
    for words in [
      "convolution 6 1×3 stride 2×1 padding 0×1 dilation 1×2 groups 3  6×5×7           24",
      "convolution 12 3×3 same padding groups 6                        12×5×7         120",
      "averagePooling 3×3 stride 2 padding 1                           12×3×4",
    ] {
      #expect(run.output.contains(words), "\(run.output)")
    }
  }

  /// Eight filters for each channel, whatever the images are.
  @Test(arguments: [("1x28x28", 8), ("3x32x32", 24), ("2x40x17", 16)])
  func whiteningFollowsTheChannels(input: String, filters: Int) {
    let run = ToolRun("summary", "--model", "airbench94", "--input", input)
    #expect(
      run.output.contains("convolution \(filters) 2×2 whitening frozen"),
      "\(run.output)\(run.errors)")
  }

  @Test(arguments: [
    ("mnist-tiny", "14  batchNormalization               16×6×6", "8,450"),
    ("digits", "18  batchNormalization                    64×4×4", "72,666"),
    ("sprint", "3  convolution 16 5×5                   16×8×8", "37,610"),
    ("fashion", "9  convolution 128 3×3 padding 1 no bias dirac 128×13×13", "679,720"),
  ])
  func recordsHaveTheParametersThatTheyName(preset: String, layer: String, parameters: String) {
    let run = ToolRun("summary", "--model", preset, "--input", "1x28x28")
    let lines = run.lines.map { $0.split(separator: " ") }
    #expect(lines.contains { $0.starts(with: layer.split(separator: " ")) }, "\(run.output)")
    #expect(lines.contains { $0.starts(with: ["total", parameters[...]]) }, "\(run.output)")
  }

  /// Layers inside a residual are listed by their place in it, as deep as they are.
  @Test func listsLayersInsideResiduals() throws {
    let workspace = try Workspace()
    let block =
      #"{"type": "residual", "layers": [{"type": "relu"}], "shortcut": [{"type": "tanh"}]}"#
    let nested = (1...30).reduce(#"{"type": "relu"}"#) { inner, _ in
      #"{"type": "residual", "layers": [\#(inner)]}"#
    }
    let branches = #"{"type": "concatenate", "branches": [[], [{"type": "relu"}]]}"#
    let ends = #"{"type": "flatten"}, {"type": "dense", "units": 4}"#
    try workspace.write(
      Array("{\"layers\": [\(block), \(nested), \(branches), \(ends)]}".utf8), to: "net.json")
    let run = ToolRun("summary", "--model", workspace.path("net.json"))
    #expect(run.exitCode == .success, "\(run.errors)")
    let places = run.output.split(separator: "\n").map { $0.split(separator: " ")[0] }
    #expect(places[2...4] == ["0", "0.layers.0", "0.shortcut.0"])
    #expect(places[35] == "1" + String(repeating: ".layers.0", count: 30)[...])
    #expect(places[36...37] == ["2", "2.branches.1.0"])
  }

  @Test func classesAreThePresetsOutputs() throws {
    let run = ToolRun("summary", "--model", "article", "--classes", "47")
    #expect(run.output.contains("dense 47"))
  }

  @Test func aConvolutionWithoutBiasesHasWeightsAlone() {
    let run = ToolRun("summary", "--model", "article")
    #expect(run.output.contains("convolution 8 3×3 no bias  8×26×26          72  "))
    #expect(run.output.contains(" 13,602 "))
  }

  /// Thirty layers near the limits: together more operations than 64 bits count.
  @Test func largeNetworksAreCounted() throws {
    let workspace = try Workspace(data: [:])
    let layer = #"{"type": "convolution", "filters": 45, "kernelSize": 1001, "padding": 500}"#
    let layers = Array(repeating: layer, count: 30).joined(separator: ", ")
    try workspace.write(
      #"{"layers": [\#(layers), {"type": "flatten"}]}"#, to: "net.json")
    let run = ToolRun(
      "summary", "--model", workspace.path("net.json"), "--input", "45x5900x5900")
    #expect(run.exitCode == .success, "\(run.errors)")
  }
}
