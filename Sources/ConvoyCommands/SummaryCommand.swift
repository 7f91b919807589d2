import CommandLineOptions
import Foundation
import NeuralNetwork

/// `convoy summary`: the layers of a network, with shapes, parameters and arithmetic.
struct SummaryCommand {
  static let description = CommandDescription(
    name: "summary",
    overview: "Print a network's layers, shapes, parameters and arithmetic.",
    discussion: "MFLOP are for one training sample, forward and backward: a multiply-add counts as "
      + "two, and the first layer with weights needs no gradient for its input.",
    options: [
      NetworkOptions.model,
      .value(
        "input", "shape", help: "Channels, height and width of a sample.", default: defaultInput),
      .value("classes", "count", help: "Outputs of a preset's last layer.", default: "10"),
    ])

  private static let defaultInput = "1x28x28"

  private let architecture: Architecture
  private let input: FeatureShape

  init(_ options: ParsedOptions) throws {
    let classes = try options.integer("classes", in: 1...65_536) ?? 10
    let text = options.string("input") ?? Self.defaultInput
    let sizes = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard sizes.count == 3, sizes.allSatisfy({ (1...65_536).contains($0) }) else {
      throw UsageError.invalidValue(
        option: "--input", expected: "channels, height and width as 3x32x32", found: text,
        suggestion: nil)
    }
    input = FeatureShape(channels: sizes[0], height: sizes[1], width: sizes[2])
    architecture = try NetworkOptions.architecture(options, input: input, classes: classes)
  }

  func run(_ console: Console) throws {
    let costs = try architecture.costs(for: input)
    var table = TextTable(
      columns: [.right(""), .left("layer"), .left("output"), .right("parameters"), .right("MFLOP")])
    table.add(["", "input", "\(input)", "", ""])
    for (index, (layer, cost)) in zip(architecture.layers, costs).enumerated() {
      table.add([
        "\(index)", layer.summary, "\(cost.output)",
        cost.parameters > 0 ? "\(cost.parameters)" : "",
        cost.operations > 0 ? Self.megaflop(Double(cost.operations)) : "",
      ])
    }
    table.add([
      "", "total", "", "\(costs.reduce(0) { $0 + $1.parameters })",
      Self.megaflop(costs.reduce(0) { $0 + Double($1.operations) }),
    ])
    try console.output(table.text)
  }

  private static func megaflop(_ operations: Double) -> String {
    String(format: "%.3f", operations / 1e6)
  }
}
