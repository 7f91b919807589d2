import ConvoyFileAccess
import ConvoyProcessLimits
import ConvoyStrictJSON

/// Why a network could not become an ONNX file, or a file a network.
package enum ONNXError: Error, Sendable, Equatable, CustomStringConvertible {
  case unreadable(FileError)
  /// The contents would not fit in memory.
  case memory(MemoryError)
  /// The file is no ONNX model.
  case malformed(path: String, offset: Int, expected: String, found: String)
  /// The model is one that Convoy has no network for.
  case unsupported(path: String, part: Part, expected: String, found: String)
  /// A layer does not take what reaches its node.
  case doesNotFit(path: String, part: Part, input: String, problem: String)
  /// The layer has no operator.
  case layer(place: String, name: String)
  case tooLarge(bytes: Int, limit: Int)

  /// What an error speaks of.
  package enum Part: Sendable, Equatable, CustomStringConvertible {
    case graph
    case node(name: String, operation: String)
    case tensor(String)

    package var description: String {
      switch self {
      case .graph: "graph"
      case .node(let name, let operation): "node \(quoted(name)) (\(brief(operation)))"
      case .tensor(let name): "tensor \(quoted(name))"
      }
    }
  }

  package var description: String {
    switch self {
    case .unreadable(let error): error.description
    case .memory(let error): error.description
    case .malformed(let path, let offset, let expected, let found):
      "\(path): byte \(offset): expected \(expected), found \(found)"
    case .unsupported(let path, let part, let expected, let found):
      "\(path): \(part): expected \(expected), found \(found)"
    case .doesNotFit(let path, let part, let input, let problem):
      "\(path): \(part) does not fit its input of \(input): \(problem)"
    case .layer(let place, let name):
      "layer \(place) (\(name)): expected a layer with operators of ONNX, found none"
    case .tooLarge(let bytes, let limit):
      "expected an ONNX file of at most \(limit) bytes, found \(bytes)"
    }
  }
}
