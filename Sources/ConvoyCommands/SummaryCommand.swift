import ConvoyCommandLineOptions
import ConvoyFigures
import ConvoyNetworkOptions
import ConvoyNeuralNetwork
import ConvoyTerminal
import Foundation

/// `convoy summary`: the layers of a network, with shapes, parameters and arithmetic.
struct SummaryCommand: Command {
  static let description = CommandDescription(
    name: "summary",
    overview: "Print a network's layers, shapes, parameters and arithmetic.",
    discussion: "MFLOP are for one training sample, forward and backward: a multiply-add counts as "
      + "two, the first layer that is trained needs no gradient for its input, and a frozen one none "
      + "for its weights.",
    example: "convoy summary --model resnet20 --input 3x32x32",
    options: [
      NetworkOptions.model,
      .value(
        "input", "shape", help: "Channels, height and width of a sample.",
        default: "1x28x28, or the model file's"),
      .value(
        "classes", "count",
        help: "Outputs of the last layer of a preset, or of a model file's network.",
        default: "10, or the file's"),
      .flag("json", help: "Print the network as a JSON file that --model takes, and nothing else."),
    ], mainOption: "model")

  private let architecture: Network
  private let input: FeatureShape
  private let printsJSON: Bool

  init(_ options: ParsedOptions) throws {
    let classes = try options.integer("classes", in: 1...65_536)
    let file = try options.string("model").flatMap { try NetworkOptions.modelFile($0) }
    input =
      try NetworkOptions.input(options) ?? file?.input
      ?? FeatureShape(channels: 1, height: 28, width: 28)
    architecture = try NetworkOptions.architecture(options, input: input, classes: classes)
    printsJSON = options.flag("json")
  }

  func run(_ console: Console) throws {
    guard !printsJSON else { return try console.output(try architecture.jsonLines() + "\n") }
    let layers = try architecture.placedLayers(for: input)
    var table = TextTable(
      columns: [.right(""), .left("layer"), .left("output"), .right("parameters"), .right("MFLOP")])
    table.add(["", "input", "\(input)", "", ""])
    for layer in layers {
      table.add([
        layer.place, layer.layer.summary, "\(layer.output)",
        layer.parameters > 0 ? Figures.grouped(layer.parameters) : "",
        layer.operations > 0 ? Self.megaflop(Double(layer.operations)) : "",
      ])
    }
    table.add([
      "", "total", "", Figures.grouped(layers.reduce(0) { $0 + $1.parameters }),
      Self.megaflop(layers.reduce(0) { $0 + Double($1.operations) }),
    ])
    let trained = layers.reduce(0) { $0 + $1.trainedParameters }
    if layers.contains(where: { $0.trainedParameters < $0.parameters }) {
      table.add(["", "trained", "", Figures.grouped(trained), ""])
    }
    try console.output(table.text)
  }

  private static func megaflop(_ operations: Double) -> String {
    Figures.grouped(operations / 1e6, decimals: 3)
  }
}
