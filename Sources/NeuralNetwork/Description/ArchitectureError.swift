/// Why an architecture cannot be used.
package enum ArchitectureError: Error, Sendable, Equatable, CustomStringConvertible {
  case malformed(source: String, problem: String)
  case tooManyLayers(limit: Int, found: Int)
  /// A number of a layer is out of its range.
  case invalidLayer(index: Int, layer: String, expected: String, found: String)
  /// A layer does not fit what reaches it.
  case doesNotFit(index: Int, layer: String, input: String, problem: String)
  /// A sample is larger than any network takes.
  case wrongInput(expected: String, found: String)
  /// The network does not end in one number a class.
  case wrongOutput(expected: String, found: String)

  package var description: String {
    switch self {
    case .malformed(let source, let problem):
      "\(source): \(problem)"
    case .tooManyLayers(let limit, let found):
      "expected at most \(limit) layers, found \(found)"
    case .invalidLayer(let index, let layer, let expected, let found):
      "layer \(index) (\(layer)): expected \(expected), found \(found)"
    case .doesNotFit(let index, let layer, let input, let problem):
      "layer \(index) (\(layer)) does not fit its input of \(input): \(problem)"
    case .wrongInput(let expected, let found):
      "the network's input: expected \(expected), found \(found)"
    case .wrongOutput(let expected, let found):
      "the network's output: expected \(expected), found \(found)"
    }
  }
}

extension ArchitectureError {
  /// A layer's error, with the layer's place in the network.
  init(_ error: LayerError, _ layer: any Layer, at index: Int, input: FeatureShape) {
    let name = type(of: layer).typeName
    self =
      switch error {
      case .number(let expected, let found):
        .invalidLayer(index: index, layer: name, expected: expected, found: found)
      case .doesNotFit(let problem):
        .doesNotFit(index: index, layer: name, input: "\(input)", problem: problem)
      }
  }
}
