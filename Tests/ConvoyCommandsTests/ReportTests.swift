import ConvoyCommandsTestSupport
import ConvoyDatasets
import ConvoyFigures
import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoyPictures
import ConvoySafetensors
import ConvoyTerminal
import ConvoyTestSupport
import ConvoyTraining
import Foundation
import Testing

/// `convoy report` and `train --report`.
@Suite struct ReportTests {
  private let workspace: Workspace
  private var page: String { workspace.path("report.html") }

  init() throws { workspace = try Workspace() }

  @Test func aRunWritesItsReport() throws {
    let log = workspace.path("run.jsonl")
    let run = ToolRun(
      workspace.training("--epochs", "2", "--log", log, "--log-steps", "--report", page))
    #expect(run.exitCode == .success, "\(run.errors)")
    #expect(run.lines.last == "report written to \(page)")
    let html = try workspace.text("report.html")
    #expect(html.contains("<h1>small on data</h1>"))
    let accuracy = try #require(run.epochRows.last?.accuracy)
    #expect(html.contains("<dt>test accuracy</dt><dd>\(accuracy)%</dd>"))
    for title in ["Loss", "Accuracy", "Learning rate", "Gradient norm"] {
      #expect(html.contains("<h3>\(title)</h3>"), "\(title)")
    }
    for title in ["Classes", "Least certain", "Network", "Weights and gradients", "Settings"] {
      #expect(html.contains("<h2>\(title)</h2>"), "\(title)")
    }
    #expect(html.contains("<dt>--batch</dt><dd>16</dd>"))
    #expect(html.contains(" seen as ") && html.contains("0 convolution 8 3×3 padding 1"))
  }

  /// The run's choices hold for its report too.
  @Test func whatTheRunLeftOutStaysOut() throws {
    let pictures = ImageFiles.pictures(of: ["dark", "light"], in: "pictures", contrast: 99)
    for (path, bytes) in pictures { try workspace.write(bytes, to: path) }
    try workspace.write(Array("P5 4 4 255\n".utf8), to: "pictures/dark/7.pgm")
    let (log, model) = (workspace.path("log"), workspace.path("model"))
    let run = ToolRun(
      "train", "--data", workspace.path("pictures"), "--model", "compact", "--epochs", "1",
      "--test-fraction", "0.34", "--skip-unreadable", "--log", log, "--output", model)
    #expect(run.exitCode == .success, "\(run.errors)")
    let report = ToolRun("report", "--log", log, "--weights", model, "--output", page)
    #expect(report.exitCode == .success, "\(report.errors)")
    let page = try workspace.text("report.html")
    #expect(page.contains("<dt>test accuracy</dt><dd>\(run.epochRows[0].accuracy)%</dd>"))
  }

  @Test func aRunWithoutALogHasItsEpochs() throws {
    let log = workspace.path("run.jsonl")
    let logged = ToolRun(workspace.training("--epochs", "2", "--log", log, "--report", page))
    let expected = try workspace.text("report.html")
    let run = ToolRun(workspace.training("--epochs", "2", "--report", page))
    #expect(run.exitCode == .success && logged.exitCode == .success, "\(run.errors)")
    let html = try workspace.text("report.html")
    // All that tells no time or memory.
    for title in ["Loss", "Accuracy", "Learning rate"] {
      func chart(_ text: String) -> Substring {
        text.components(separatedBy: "<h3>\(title)</h3>").last?.prefix { $0 != "\u{1}" } ?? ""
      }
      #expect(
        chart(html).components(separatedBy: "</svg>")[0]
          == chart(expected).components(separatedBy: "</svg>")[0])
    }
    #expect(html.contains("<h2>Settings</h2>") && html.contains("Options of this run"))
  }

  @Test func logsAloneGiveCurves() throws {
    for (name, options) in [
      ("one", ["--learning-rate", "0.001"]),
      ("two", ["--learning-rate", "0.01", "--validation", "0.2"]),
    ] {
      let run = ToolRun(
        workspace.training(["--log", workspace.path("\(name).jsonl")] + options))
      #expect(run.exitCode == .success)
    }
    let run = ToolRun(
      "report", "--log", "\(workspace.path("one.jsonl")),\(workspace.path("two.jsonl"))",
      "--output", page)
    #expect(run.exitCode == .success && run.output == "report written to \(page)\n")
    let html = try workspace.text("report.html")
    #expect(html.contains("<h1>2 training runs</h1>") && html.contains("two, training"))
    #expect(html.contains("two, validation</li>") && html.contains("one, test</li>"))
    #expect(!html.contains("one, validation"))
    #expect(
      html.contains(
        "<th scope=\"row\">--learning-rate</th><td class=\"number\">0.001</td>"
          + "<td class=\"number\">0.01</td>"))
    #expect(!html.contains("Gradient norm") && !html.contains("<h2>Network"))
  }

  /// Ten seeds of two recipes are two colours, and two names for each curve.
  @Test func seedsShareAColourAndAName() throws {
    for optimizer in ["adam", "sgd"] {
      let run = ToolRun(
        workspace.training(
          "--epochs", "2", "--seeds", "0:2", "--optimizer", optimizer, "--log",
          workspace.path("\(optimizer).jsonl")))
      #expect(run.exitCode == .success, "\(run.errors)")
    }
    func report(_ names: [String]) throws -> String {
      let logs = names.map { workspace.path("\($0).jsonl") }.joined(separator: ",")
      #expect(ToolRun("report", "--log", logs, "--output", page).exitCode == .success)
      return try workspace.text("report.html")
    }
    let html = try report(["adam-0", "adam-1", "sgd-0", "adam-2", "sgd-1"])
    // Of losses and of accuracies.
    for name in ["adam-0 and 2 other seeds, test</li>", "sgd-0 and 1 other seed, training</li>"] {
      #expect(html.ranges(of: name).count == 2, "\(name)")
    }
    #expect(!html.contains("adam-1, t") && html.contains("curve s2") && !html.contains("curve s3"))
    let seeds = try report(["adam-0", "adam-1", "adam-2"])
    #expect(seeds.ranges(of: "</svg>test</li>").count == 2 && !seeds.contains("curve s3"))
  }

  @Test func aModelAloneGivesItsMistakes() throws {
    workspace.trainModel("model")
    let run = ToolRun(
      "report", "--weights", workspace.path("model"), "--data", workspace.data, "--output", page)
    #expect(run.exitCode == .success, "\(run.errors)")
    let html = try workspace.text("report.html")
    #expect(html.contains("<dt>images</dt><dd>21</dd>") && html.contains("<h2>Classes</h2>"))
    #expect(!html.contains("<h2>Training</h2>"))
  }

  /// A log and a model are of one run: the page takes its data, and refuses another's.
  @Test func onlyARunsOwnModelAndDataJoinItsLog() throws {
    var files = ImageFiles.mnist()
    files[ImageFiles.testImages]?[100] ^= 1
    let other = try Workspace(data: files)
    func train(_ name: String, in workspace: Workspace, _ options: String...) {
      let run = ToolRun(
        workspace.training(
          [
            "--epochs", "1", "--log", self.workspace.path("\(name).jsonl"), "--output",
            self.workspace.path(name),
          ] + options))
      #expect(run.exitCode == .success, "\(run.errors)")
    }
    func report(_ logs: [String], _ model: String, _ options: String...) -> ToolRun {
      let logs = logs.map { workspace.path("\($0).jsonl") }.joined(separator: ",")
      return ToolRun(
        ["report", "--log", logs, "--weights", workspace.path(model), "--output", page] + options)
    }
    train("own", in: other)
    train("large", in: workspace, "--model", "article")

    let alone = report(["own"], "own")
    #expect(alone.exitCode == .success, "\(alone.errors)")
    #expect(try workspace.text("report.html").contains("<h2>Classes</h2>"))
    #expect(report(["large", "own"], "own").exitCode == .success)
    try workspace.remove("report.html")
    let network = try TrainedNetwork(
      contentsOf: workspace.path("own"), kernels: KernelDispatch.best)
    let parameters = network.plan.parameterCount
    expectRefusal(
      report(["large"], "own"),
      saying: [
        "own: expected the network of ", "large.jsonl (",
        " parameters for 1×8×8 and 4 classes), found \(Figures.grouped(parameters)) parameters",
      ])
    for logs in [["own"], ["large", "own"]] {
      expectRefusal(
        report(logs, "own", "--data", workspace.data),
        saying: [
          "\(workspace.data): expected the test images of ",
          "own.jsonl, 21 images of 1×8×8 (checksum ",
          "), found 21 images of 1×8×8 (checksum ",
        ])
    }
    #expect(!workspace.exists("report.html"))
  }

  /// What the page shows of the last layer is what the network answers.
  @Test func layersGiveWhatTheNetworkAnswers() throws {
    workspace.trainModel("model")
    let network = try TrainedNetwork(
      contentsOf: workspace.path("model"), kernels: KernelDispatch.best)
    let images = try Dataset.loadTest(from: workspace.data, for: network.input).images
    let evaluator = try network.evaluator(on: images, threads: 1)
    let outputs = try evaluator.makeOutputs()
    _ = evaluator.evaluate(keeping: outputs)
    for image in [0, 20] {
      let layers = try network.layerOutputs(of: image, in: images)
      #expect(layers.last?.values == outputs.outputs(of: image))
      #expect(layers.flatMap { $0.layers.map(\.number) } == Array(0...9))
      #expect(layers.allSatisfy { $0.values.count == $0.shape.count })
      #expect(layers[0].layers.last?.output == layers[0].shape)
    }
  }

  /// The gradients beside the weights are those by which the loss changes; the network stays as it was.
  @Test func gradientsTellHowTheLossChanges() throws {
    workspace.trainModel("model")
    func network() throws -> TrainedNetwork {
      try TrainedNetwork(contentsOf: workspace.path("model"), kernels: KernelDispatch.best)
    }
    let whole = try network()
    let images = try Dataset.loadTest(from: workspace.data, for: whole.input).images
    func loss(_ network: TrainedNetwork) throws -> Double {
      try network.evaluator(on: images, threads: 1).evaluate().loss
    }
    let before = try loss(whole)
    let gradients = try #require(try whole.gradients(on: images, batch: 64, threads: 2))
    #expect(gradients.map(\.tensor.name) == whole.plan.learnedTensors.map(\.name))
    #expect(try loss(whole) == before)
    // Of single numbers of the first and the last tensor, by central differences.
    let step: Float = 1.0 / 256
    for place in [0, gradients.count - 1] {
      let (name, gradient) = (gradients[place].tensor.name, gradients[place].gradient)
      let number = try #require(gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) })
      func movedLoss(_ distance: Float) throws -> Double {
        try workspace.edit("model") { tensors, _ in
          tensors = tensors.map { tensor in
            guard tensor.name == name else { return tensor }
            var values = tensor.values
            values[number] += distance
            return NamedTensor(name: name, shape: tensor.shape, values: values)
          }
        }
        return try loss(network())
      }
      let (above, below) = (try movedLoss(step), try movedLoss(-2 * step))
      _ = try movedLoss(step)
      let slope = Float(above - below) / (2 * step)
      // A step may pass the corners of rectifiers.
      #expect(
        abs(slope - gradient[number]) < 0.05 * abs(slope),
        "\(name): slope \(slope), gradient \(gradient[number])")
    }
  }

  /// Maps of large images are shrunk, and of many channels fewer are shown: noise is not compressed.
  @Test func mapsOfLargeImagesStaySmall() throws {
    var generator = SeededGenerator(seed: 4)
    let bytes = (0..<240 * 200).map { _ in UInt8(generator.integer(in: 0...255)) }
    for number in 0..<6 {
      let rotated = bytes[number...] + bytes[..<number]
      try workspace.write(
        PNGFile.encode(Picture(width: 240, height: 200, channels: 1, bytes: Array(rotated))),
        to: "pictures/\(["a", "b"][number % 2])/\(number).png")
    }
    let layers = (0..<3).map { _ in
      #"{"type": "convolution", "filters": 32, "kernelSize": 1}, {"type": "tanh"}, "#
    }
    let end = #"{"type": "globalAveragePooling"}, {"type": "dense", "units": 2}"#
    try workspace.write("{\"layers\": [\(layers.joined())\(end)]}", to: "net.json")
    let run = ToolRun(
      "train", "--data", workspace.path("pictures"), "--test-fraction", "0.5", "--model",
      workspace.path("net.json"), "--epochs", "1", "--report", page)
    #expect(run.exitCode == .success, "\(run.errors)")
    // 32 maps of 48 × 40 are 61 kB; whole, three layers of two images would be 9 MB.
    let size = try workspace.bytes("report.html").count
    #expect(size < 1_500_000 && size > 300_000, "\(size) bytes")
  }

  @Test func theHeadlineTellsTheRun() throws {
    let log = workspace.path("run.jsonl")
    _ = ToolRun(
      workspace.training(
        "--epochs", "2", "--seed", "7", "--schedule", "cosine", "--learning-rate", "0.01", "--log",
        log, "--output", workspace.path("model")))
    func header(_ options: String...) throws -> String {
      let run = ToolRun(["report", "--output", page] + options)
      #expect(run.exitCode == .success, "\(run.errors)")
      return try workspace.text("report.html").components(separatedBy: "</header>")[0]
    }
    let own = try header("--log", log)
    for (name, value) in [
      ("network", "small"), ("data", workspace.data), ("optimizer", "adam"), ("batch", "16"),
      ("learning rate", "0.01"), ("schedule", "cosine"), ("epochs", "2"), ("seed", "7"),
    ] {
      #expect(own.contains("<dt>\(name)</dt><dd>\(value)</dd>"), "\(name) in \(own)")
    }
    let both = try header("--log", log, "--weights", workspace.path("model"))
    #expect(!both.contains("class=\"note"))

    // Of another seed, the model has another result.
    workspace.trainModel("other", "--seed", "1")
    let joined = try header("--log", log, "--weights", workspace.path("other"))
    #expect(joined.contains("class=\"note\">The log ends with a test accuracy of "), "\(joined)")

    let alone = try header("--weights", workspace.path("model"), "--data", workspace.data)
    for words in [
      "<h1>model</h1>", "parameters for 4 classes of images of 1×8×8.",
      "<dt>model</dt><dd>\(workspace.path("model"))</dd>", "<dt>loss</dt><dd>cross-entropy</dd>",
    ] {
      #expect(alone.contains(words), "\(words) in \(alone)")
    }
  }

  /// A run that ended before its epochs did, or has none yet, says so.
  @Test func aRunThatDidNotEndSaysSo() throws {
    let log = workspace.path("run.jsonl")
    _ = ToolRun(workspace.training("--epochs", "2", "--log", log, "--log-steps"))
    let lines = try workspace.text("run.jsonl").split(separator: "\n").map(String.init)
    func results(_ lines: [String]) throws -> String {
      try workspace.write(lines.map { $0 + "\n" }.joined(), to: "part.jsonl")
      _ = ToolRun("report", "--output", page, "--log", workspace.path("part.jsonl"))
      return try workspace.text("report.html").components(separatedBy: "</header>")[0]
    }
    #expect(try !results(lines).contains("<dt>result</dt>"))
    #expect(try results(Array(lines.prefix(3))).contains("<dt>result</dt><dd>no epoch yet</dd>"))
    let first = try #require(lines.firstIndex { $0.contains("trainingLoss") })
    #expect(try results(Array(lines[...first])).contains("<dt>epochs</dt><dd>1 of 2</dd>"))
    let step = #"{"epoch":1,"gradientNorm":1,"learningRate":1,"loss":"nan","step":3}"#
    #expect(
      try results(lines.prefix(3) + [step]).contains(
        "<dt>result</dt><dd>diverged in step 3</dd>"))
  }

  @Test func whatCannotBeReportedIsRefused() throws {
    let log = workspace.path("run.jsonl")
    try workspace.write("", to: "run.jsonl")
    expectRefusal(
      ToolRun("report", "--log", log, "--output", page),
      saying: ["\(log): expected the log of a run, found no whole line"])
    try workspace.write("{\"loss\":1,\"step\":1}\nnonsense\n", to: "run.jsonl")
    expectRefusal(
      ToolRun("report", "--log", log, "--output", page), saying: ["\(log): line 2: expected"])
    expectRefusal(
      ToolRun("report", "--log", workspace.path("none"), "--output", page), saying: ["none: "])
    expectRefusal(
      ToolRun("report", "--output", page), .usage, saying: ["expected --log or --weights"])
    expectRefusal(
      ToolRun("report", "--log", log, "--output", log), .usage, saying: ["--output: "])
    expectRefusal(
      ToolRun(workspace.training("--log", log, "--report", log)), .usage, saying: ["--report: "])
    #expect(!workspace.exists("report.html"))
  }
}
