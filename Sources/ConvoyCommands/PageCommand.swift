import ConvoyCommandLineOptions
import ConvoyFigures
import ConvoyNetworkOptions
import ConvoyPage
import ConvoyTerminal
import ConvoyTraining
import Foundation

/// `convoy page`: a model file as a page that runs it in a browser.
struct PageCommand: Command {
  static let description = CommandDescription(
    name: "page",
    overview: "Write a trained model as one HTML page that runs it.",
    discussion: "Open the page in a browser: draw, or drop a picture, and see the answer and every "
      + "layer's maps. It loads nothing and sends nothing.",
    example: "convoy page --weights digits.st --output digits.html",
    options: [
      .value(
        "weights", "file", help: "A model file that train wrote with --output.", isRequired: true),
      .value(
        "output", "file", help: "The HTML file to write.", isRequired: true,
        aliases: ["-o"]),
      .value("title", "text", help: "The page's heading. Default: the model file's name."),
      NetworkOptions.instructionSet,
    ], mainOption: "weights")

  private let weights: String
  private let output: String
  private let title: String
  private let options: ParsedOptions

  init(_ options: ParsedOptions) throws {
    weights = try options.requiredString("weights")
    output = try options.requiredString("output")
    title =
      options.string("title")
      ?? URL(filePath: weights).deletingPathExtension().lastPathComponent
    self.options = options
    try OutputPath.check("output", output, isNoneOf: [weights], norIn: weights)
  }

  func run(_ console: Console) throws {
    let page = try ModelPage(
      ModelFile(contentsOf: weights), path: weights, title: title,
      kernels: NetworkOptions.kernels(options))
    try page.write(to: output)
    try console.print("page written to \(output.onOneLine)")
  }
}
