/// The parts of an ONNX model that networks need; the numbers of their fields are in
/// `ONNXModel+Encoding` (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
package struct ONNXModel: Sendable, Equatable {
  /// The version of the file format. 7 is that of ONNX 1.8 (2020), as operator set 13.
  package var irVersion = 7
  package var producer = "convoy"
  /// The version of the operators without a domain.
  package var operatorSet = 13
  package var graph: ONNXGraph
  package var metadata: [Property] = []
  /// The paths of the files beside it that its tensors were read from.
  package var externalFiles: [String] = []

  package struct Property: Sendable, Equatable {
    package let key: String
    package let value: String
  }
}

/// Nodes in an order in which each follows those that it reads.
package struct ONNXGraph: Sendable, Equatable {
  package var name = "network"
  package var nodes: [ONNXNode] = []
  /// Tensors that the file holds.
  package var initializers: [ONNXTensor] = []
  package var inputs: [ONNXValue] = []
  package var outputs: [ONNXValue] = []
}

/// An operator with the names of what it reads and writes.
package struct ONNXNode: Sendable, Equatable {
  package var operation: String
  /// Empty for ONNX's own operators.
  package var domain = ""
  package var name: String
  /// An optional input that is left out has an empty name.
  package var inputs: [String]
  package var outputs: [String]
  package var attributes: [Attribute] = []

  package struct Attribute: Sendable, Equatable {
    package let name: String
    package let value: Value

    package enum Value: Sendable, Equatable {
      case float(Float)
      case integer(Int)
      case text(String)
      case tensor(ONNXTensor)
      case floats([Float])
      case integers([Int])
      /// Of another type, by its number.
      case other(Int)
    }
  }
}

/// An array with a name.
package struct ONNXTensor: Sendable, Equatable {
  package var name: String
  package var shape: [Int]
  package var elements: Elements

  package enum Elements: Sendable, Equatable {
    case floats([Float])
    case integers([Int])
    /// Of another type, by its number.
    case other(Int)
    /// In a file beside the model.
    case external(ExternalTensor)
  }
}

/// An input or output of a graph.
package struct ONNXValue: Sendable, Equatable {
  package var name: String
  /// The element type by its number: 1 is float.
  package var elementType = 1
  /// Nil if the file does not say.
  package var shape: [Dimension]?

  package enum Dimension: Sendable, Equatable {
    case size(Int)
    case symbol(String)
    case unknown
  }
}
