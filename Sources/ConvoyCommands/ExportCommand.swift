import ConvoyCommandLineOptions
import ConvoyFigures
import ConvoyNetworkOptions
import ConvoyNeuralNetwork
import ConvoyONNX
import ConvoyTerminal
import ConvoyTraining

/// `convoy export`: a model file as an ONNX file.
struct ExportCommand: Command {
  static let description = CommandDescription(
    name: "export",
    overview: "Write a trained model as an ONNX file, for other software to run.",
    discussion:
      "The file's input is a batch of images, channels × height × width, of pixel bytes as "
      + "floats from 0 to 255; it normalises them itself. Its metadata has the names of the classes "
      + "and how pictures are made to fit. Operator set 13 (ONNX 1.8, 2020).",
    example: "convoy export --weights model.st --output model.onnx",
    options: [
      .value(
        "weights", "file", help: "A model file that train wrote with --output.", isRequired: true),
      .value(
        "output", "file", help: "The ONNX file to write.", isRequired: true,
        aliases: ["-o"]),
      .flag(
        "logits",
        help: "Give the outputs before the softmax. Models with another loss than cross-entropy "
          + "have no softmax of their own, and always give these."),
    ], mainOption: "weights")

  private let weights: String
  private let output: String
  private let givesLogits: Bool

  init(_ options: ParsedOptions) throws {
    weights = try options.requiredString("weights")
    output = try options.requiredString("output")
    givesLogits = options.flag("logits")
    try OutputPath.check("output", output, isNoneOf: [weights], norIn: nil)
  }

  func run(_ console: Console) throws {
    let file = try ModelFile(contentsOf: weights)
    let plan = try NetworkPlan(
      file.architecture, input: file.inputShape, loss: file.loss, kernels: NetworkOptions.anyKernels
    )
    // Refuses tensors that are not the network's.
    _ = try file.weights.ordered(as: plan.tensors, path: weights)
    let model = try ONNXModel(file, giving: givesLogits ? .logits : .probabilities, path: weights)
    try model.write(to: output)
    let names = model.graph.outputs.map(\.name).joined(separator: ", ")
    try console.print(
      "input: images of \(file.inputShape), floats from 0 to 255; output: \(plan.classes) \(names); "
        + "written to \(output.onOneLine)")
  }
}
