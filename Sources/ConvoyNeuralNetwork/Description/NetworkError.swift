/// Why a network cannot be used.
public enum NetworkError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A file, or its JSON, is not a description of a network.
  case malformed(source: String, problem: String)
  /// More layers than any network has.
  case tooManyLayers(limit: Int)
  /// A layer's hyper-parameter is out of its range.
  case invalidLayer(place: String, layer: String, expected: String, found: String)
  /// A layer does not fit its input.
  case doesNotFit(place: String, layer: String, input: String, problem: String)
  /// A sample is larger than any network takes.
  case wrongInput(expected: String, found: String)
  /// The network does not end in one number per class.
  case wrongOutput(expected: String, found: String)

  public var description: String {
    switch self {
    case .malformed(let source, let problem):
      "\(source): \(problem)"
    case .tooManyLayers(let limit):
      "expected at most \(limit) layers, found more"
    case .invalidLayer(let place, let layer, let expected, let found):
      "layer \(place) (\(layer)): expected \(expected), found \(found)"
    case .doesNotFit(let place, let layer, let input, let problem):
      "layer \(place) (\(layer)) does not fit its input of \(input): \(problem)"
    case .wrongInput(let expected, let found):
      "the network's input: expected \(expected), found \(found)"
    case .wrongOutput(let expected, let found):
      "the network's output: expected \(expected), found \(found)"
    }
  }
}

extension NetworkError {
  /// A layer's error, with the layer's place in the network.
  ///
  /// - Parameter place: `PlacedLayer.place`.
  init(_ error: LayerError, _ layer: any Layer, at place: String, input: FeatureShape) {
    let name = type(of: layer).typeName
    self =
      switch error {
      case .number(let expected, let found):
        .invalidLayer(place: place, layer: name, expected: expected, found: found)
      case .doesNotFit(let problem):
        .doesNotFit(place: place, layer: name, input: "\(input)", problem: problem)
      }
  }
}
