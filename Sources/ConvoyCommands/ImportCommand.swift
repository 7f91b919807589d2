import ConvoyCommandLineOptions
import ConvoyFigures
import ConvoyFileAccess
import ConvoyNetworkOptions
import ConvoyNeuralNetwork
import ConvoyONNX
import ConvoySafetensors
import ConvoyTerminal
import ConvoyTraining
import Foundation

/// `convoy import`: a network of other software as a model file.
struct ImportCommand: Command {
  static let description = CommandDescription(
    name: "import",
    overview: "Make a model file of an ONNX file or of a PyTorch state_dict in safetensors.",
    discussion:
      "evaluate, export and train --initial-weights take the model file. Imported networks get the "
      + "loss cross-entropy, which includes a final softmax. A state_dict has no order of layers: where "
      + "its names are not the network's and layers are alike, an ONNX file is safer, or --names says "
      + "which is which. PyTorch folds batch normalisation into convolutions unless the model is "
      + "exported in evaluation mode with training=TrainingMode.PRESERVE, do_constant_folding=False.",
    example: "convoy import --weights model.onnx --classes cat,dog --output model.st",
    options: [
      .value("weights", "file", help: "The ONNX or safetensors file to read.", isRequired: true),
      .value(
        "output", "file", help: "The model file to write.", isRequired: true,
        aliases: ["-o"]),
      .value(
        "model", "model",
        help:
          "The network of the weights: a preset or a JSON file. Weights are matched by name, else in "
          + "the order of the graph, else by shape and order; what was not matched by name is printed.",
        default: "the graph of an ONNX file"),
      .value(
        "names", "file",
        help:
          "What the network's tensors are called in the file, line by line: '0.weight is stem.0.weight'. "
          + "Without it, import prints such lines where names differ, and refuses to guess."),
      .value(
        "input", "shape", help: "Channels, height and width of a sample, such as 3x32x32.",
        default: "what an ONNX file says"),
      .value(
        "classes", "count|names|file",
        help:
          "Outputs of a preset's last layer; or their names, between commas or as the lines of a file.",
        default: "10"),
      .value(
        "normalization", "unit|bytes|means:deviations",
        help:
          "What the network takes for a pixel: byte / 255 (unit), the byte, or (byte / 255 − mean) "
          + "/ deviation, as 0.49,0.48,0.45:0.25,0.24,0.26. Sub and Div at the start of a graph come "
          + "after it.",
        default: "unit; bytes for files that convoy export wrote"),
    ], mainOption: "weights")

  private let weights: String
  private let output: String
  private let model: String?
  private let names: String?
  private let input: FeatureShape?
  private let classes: Int
  private let classNames: [String]?
  private let pixels: PixelInput?

  init(_ options: ParsedOptions) throws {
    weights = try options.requiredString("weights")
    output = try options.requiredString("output")
    model = options.string("model")
    names = options.string("names")
    if names != nil, model == nil {
      throw UsageError.invalidCombination("--names: expected --model beside it, found none")
    }
    input = try NetworkOptions.input(options)
    classNames = try options.string("classes").flatMap(Self.classNames)
    classes =
      try classNames?.count ?? options.integer("classes", in: 1...65_536) ?? 10
    pixels = try options.string("normalization").map { text throws(UsageError) in
      guard let pixels = Self.pixels(text) else {
        throw .notAmong(
          ["unit", "bytes"], or: "means and deviations above 0, as 0.1307:0.3081",
          option: "--normalization", found: text)
      }
      return pixels
    }
    try OutputPath.check(
      "output", output,
      isNoneOf: [weights] + [model, names, options.string("classes")].compactMap(\.self),
      norIn: nil)
  }

  /// The names of classes, between commas or as the lines of a file; nil for a number.
  private static func classNames(_ text: String) throws -> [String]? {
    if Int(text) != nil { return nil }
    var names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if names.count == 1 {
      let lines = String(decoding: try FileContents.read(text, limit: 1 << 20), as: UTF8.self)
        .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      // The last line may have an end.
      names = (lines.last == "" ? lines.dropLast() : lines[...]).map(String.init)
    }
    names = names.map { $0.trimmingCharacters(in: .whitespaces) }
    guard names.count <= 65_536 else {
      throw UsageError.invalidValue(
        option: "--classes", expected: "65,536 names at most", found: "\(names.count)",
        suggestion: nil)
    }
    var seen: Set<String> = []
    if let wrong = names.first(where: { $0.isEmpty || !seen.insert($0).inserted }) {
      throw UsageError.invalidValue(
        option: "--classes", expected: "a number, or a different name for each class",
        found: wrong, suggestion: nil)
    }
    return names
  }

  private static func pixels(_ text: String) -> PixelInput? {
    switch text {
    case "unit": return .unit
    case "bytes": return .bytes
    default:
      let lists = text.split(separator: ":", omittingEmptySubsequences: false).map { list in
        list.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
      }
      guard lists.count == 2, lists[0].count == lists[1].count,
        lists[0].allSatisfy(\.isFinite), lists[1].allSatisfy({ $0 > 0 && $0.isFinite })
      else { return nil }
      return .standard(means: lists[0], deviations: lists[1])
    }
  }

  func run(_ console: Console) throws {
    let imported = try imported()
    let file = imported.file
    let match = imported.match
    if let match, match.way != .names, match.way != .list {
      for name in match.names where match.way != .graph || name.network != name.file {
        let alike =
          name.alike > 1
          ? " (\(name.isGuess ? "a guess, " : "")of \(name.alike) layers that are alike)" : ""
        try console.print("\(name.network) is \(name.file)\(alike)".onOneLine)
      }
    }
    do throws(AmbiguousTensors) {
      try match?.requireCertainty(path: weights)
    } catch {
      throw Guess(tensors: error)
    }
    try file.write(to: output)
    let layers = try file.architecture.placedLayers(for: file.inputShape)
    let parameters = layers.reduce(0) { $0 + $1.parameters }
    let matched = match.map { ", matched \(Self.words($0))" } ?? ""
    try console.print(
      "input: images of \(file.inputShape); \(Figures.grouped(parameters)) parameters\(matched); "
        + "written to \(output.onOneLine)")
  }

  private struct Guess: Error, CustomStringConvertible {
    let tensors: AmbiguousTensors

    var description: String {
      "\(tensors); the lines above are a guess: --names FILE takes them, corrected where they are wrong"
    }
  }

  private static func words(_ match: TensorMatch) -> String {
    let isAmbiguous = match.names.contains { $0.alike > 1 }
    return switch match.way {
    case .names: "by name"
    case .graph: "in the order of the graph"
    case .shapesInGraph: "by shape" + (isAmbiguous ? ", then in the order of the graph" : "")
    case .shapes: "by shape" + (isAmbiguous ? ", then in the order of their names" : "")
    case .list: "by --names"
    }
  }

  private func imported() throws -> ImportedModel {
    switch try ImportedFormat(of: weights) {
    case .onnx:
      let graph = try ONNXModel(contentsOf: weights)
      try OutputPath.check("output", output, isNoneOf: graph.externalFiles, norIn: nil)
      var settings = ImportedModel.Settings(
        input: input, pixels: pixels, classNames: classNames)
      if let model {
        settings.architecture = try NetworkOptions.architecture(
          named: model, input: try ImportedModel.input(of: graph, or: input, path: weights),
          classes: classes)
      }
      settings.names = try names.map(TensorNames.init(contentsOf:))
      return try ImportedModel(graph, settings, kernels: NetworkOptions.anyKernels, path: weights)
    case .safetensors:
      guard let model, let input else {
        throw UsageError.invalidCombination(
          "--\(model == nil ? "model" : "input"): expected one, since a file of weights does not say it; "
            + "found none")
      }
      return try ImportedModel(
        stateDict: try unsafe SafetensorsFile(contentsOf: weights).tensors,
        architecture: try NetworkOptions.architecture(
          named: model, input: input, classes: classes),
        input: input, pixels: pixels, classNames: classNames,
        names: try names.map(TensorNames.init(contentsOf:)), kernels: NetworkOptions.anyKernels,
        path: weights)
    }
  }
}
