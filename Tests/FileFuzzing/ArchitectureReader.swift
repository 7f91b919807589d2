import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoyTestSupport
import Foundation

/// Architectures in JSON, up to a step of training where that is small.
struct ArchitectureReader: FuzzedReader {
  static let seeds = [
    """
    {"layers": [
      {"type": "convolution", "filters": 8, "kernelSize": 3, "stride": 1, "padding": 1},
      {"type": "relu"}, {"type": "maxPooling", "kernelSize": 2},
      {"type": "convolution", "filters": 4, "kernelSize": 3, "stride": 2},
      {"type": "leakyRelu", "slope": 0.1}, {"type": "averagePooling", "kernelSize": 2, "stride": 1},
      {"type": "sigmoid"}, {"type": "flatten"}, {"type": "dense", "units": 6},
      {"type": "tanh"}, {"type": "dropout", "rate": 0.5}, {"type": "identity"},
      {"type": "dense", "units": 4}, {"type": "softmax"}]}
    """,
    #"{"layers":[{"type":"flatten"},{"type":"dense","units":4}]}"#,
    #"{"layers":[{"filters":3,"kernelSize":2,"padding":2,"stride":3,"type":"convolution"},"#
      + #"{"kernelSize":3,"stride":3,"padding":1,"filters":2,"type":"convolution"},"#
      + #"{"kernelSize":1,"stride":2,"type":"maxPooling"},{"type":"dropout","rate":0.1},"#
      + #"{"type":"softmax"},{"type":"flatten"}]}"#,
    #"{"layers":[{"type":"concatenate","branches":[[],[{"type":"convolution","filters":6,"kernelSize":[1,3],"padding":"same","groups":1}]]},"#
      + #"{"type":"convolution","filters":14,"kernelSize":3,"dilation":[2,1],"padding":[2,1],"groups":7},"#
      + #"{"type":"groupNormalization","groups":2},{"type":"prelu","shared":true},"#
      + #"{"type":"maxPooling","kernelSize":[3,2],"stride":[2,1],"padding":[1,0]},"#
      + #"{"type":"residual","layers":[{"type":"batchNormalization","trainable":false}]},"#
      + #"{"type":"globalAveragePooling"},{"type":"dense","units":4}]}"#,
  ].map { Array($0.utf8) }
  static let words =
    LayerTypes.all.flatMap { ["\"\($0.typeName)\"", "{\"type\":\"\($0.typeName)\"},"] } + [
      "{", "}", "[", "]", ":", ",", "\"", "\\u0061", "null", "true", "-", ".", "e", " ",
      "\"initialization\":\"dirac\",", "\"initialization\":\"whitening\",",
      "\"layers\":", "\"type\":", "\"filters\":", "\"kernelSize\":", "\"stride\":", "\"padding\":",
      "\"dilation\":", "\"groups\":", "\"same\"", "\"branches\":[[],", "[1,2]",
      "\"units\":", "\"trainable\":false,", "\"rate\":", "\"slope\":",
      "{\"type\":\"dense\",\"units\":3},",
      "{\"type\":\"maxPooling\",\"kernelSize\":2},",
      "{\"type\":\"convolution\",\"filters\":2,\"kernelSize\":3,\"padding\":500},",
      "{\"type\":\"convolution\",\"filters\":9,\"kernelSize\":3,\"stride\":900,\"padding\":1},",
      "2147483648", "4611686018427387904", String(repeating: "[", count: 300),
    ]

  private let trial = SmallTrial()

  static func isRefusal(_ error: any Error) -> Bool {
    error is NetworkError || error is MemoryError
  }

  /// In two of three cases a sound text of layers that may fit each other or not.
  static func mutant(of file: [UInt8], _ mutator: inout Mutator) -> [UInt8] {
    guard mutator.generator.chance(of: 0.67) else { return mutator.mutant(of: file) }
    var layers = (0..<mutator.generator.integer(in: 1...6)).map { _ in layer(&mutator) }
    if mutator.generator.chance(of: 0.8) {
      layers += [#"{"type":"flatten"}"#, #"{"type":"dense","units":4}"#]
    }
    let text = Array(#"{"layers":[\#(layers.joined(separator: ","))]}"#.utf8)
    return mutator.generator.chance(of: 0.2) ? mutator.mutant(of: text) : text
  }

  private static func layer(_ mutator: inout Mutator) -> String {
    let name = mutator.generator.pick(
      LayerTypes.all.map { $0.typeName } + [Convolution.typeName, Convolution.typeName])
    let fields =
      switch name {
      case Convolution.typeName:
        ["filters", "kernelSize", "stride", "padding"]
          + (mutator.generator.chance(of: 0.3) ? ["dilation", "groups"] : [])
      case MaxPooling.typeName, AveragePooling.typeName: ["kernelSize", "stride", "padding"]
      case GroupNormalization.typeName: ["groups"]
      case Concatenation.typeName: ["branches"]
      case Residual.typeName: ["layers"]
      case Dense.typeName: ["units"]
      case Dropout.typeName: ["rate"]
      case LeakyReLU.typeName: ["slope"]
      default: [] as [String]
      }
    let texts = fields.map { #","\#($0)":\#(size($0, &mutator))"# }
    return #"{"type":"\#(name)"\#(texts.joined())}"#
  }

  /// Small in most cases, for layers that fit.
  private static func size(_ field: String, _ mutator: inout Mutator) -> String {
    if field == "branches" { return "[[],[\(layer(&mutator))]]" }
    if field == "layers" { return "[\(layer(&mutator))]" }
    if mutator.generator.chance(of: 0.03) {
      return mutator.generator.pick(["0", "-1", "2147483648", "4611686018427387904", "1e999"])
    }
    if ["rate", "slope"].contains(field) { return "0.5" }
    if mutator.generator.chance(of: 0.05) {
      return "\(mutator.generator.pick([16, 40, 100, 500, 1_000, 40_000]))"
    }
    let range = field == "padding" ? 0...3 : 1...5
    let number = mutator.generator.integer(in: range)
    let isPair = field != "filters" && field != "groups" && field != "units"
    return isPair && mutator.generator.chance(of: 0.2)
      ? "[\(number),\(mutator.generator.integer(in: range))]" : "\(number)"
  }

  func read(_ file: [UInt8]) throws {
    let architecture = try Network(json: Data(file), source: "net.json")
    let text = try architecture.json()
    let again: Network
    do {
      again = try Network(json: Data(text.utf8), source: "written")
    } catch {
      throw Violation("what was read cannot be written and read again: \(error)")
    }
    try Violation.require(again == architecture, "what was read changes when it is written")
    try trial.run(architecture, input: FeatureShape(channels: 1, height: 12, width: 11))
  }
}
