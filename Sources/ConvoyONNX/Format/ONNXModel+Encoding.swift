import ConvoyFileAccess
import Foundation

extension ONNXModel {
  /// The largest message of protocol buffers that its libraries read.
  static let largestFile = Int(Int32.max)

  /// Replaces a file by this one.
  package func write(to path: String) throws {
    let numbers = graph.initializers.reduce(0) { $0 + $1.elements.byteCount }
    guard numbers < Self.largestFile - Self.mostOfNodes else {
      throw ONNXError.tooLarge(bytes: numbers, limit: Self.largestFile - Self.mostOfNodes)
    }
    try AtomicFile.write(Data(encoded()), to: path)
  }

  /// Far above the bytes of the nodes of a network.
  private static let mostOfNodes = 1 << 24

  /// The file's bytes: fields in the order of their numbers, as ONNX's own library writes them.
  package func encoded() -> [UInt8] {
    var model = WireWriter()
    model.add(1, integer: irVersion)
    model.add(2, text: producer)
    model.add(7) { graph.write(to: &$0) }
    model.add(8) {
      $0.add(1, text: "")
      $0.add(2, integer: operatorSet)
    }
    for property in metadata {
      model.add(14) {
        $0.add(1, text: property.key)
        $0.add(2, text: property.value)
      }
    }
    return model.bytes
  }
}

extension ONNXGraph {
  fileprivate func write(to graph: inout WireWriter) {
    for node in nodes { graph.add(1) { node.write(to: &$0) } }
    graph.add(2, text: name)
    for tensor in initializers { graph.add(5) { tensor.write(to: &$0) } }
    for value in inputs { graph.add(11) { value.write(to: &$0) } }
    for value in outputs { graph.add(12) { value.write(to: &$0) } }
  }
}

extension ONNXNode {
  fileprivate func write(to node: inout WireWriter) {
    for input in inputs { node.add(1, text: input) }
    for output in outputs { node.add(2, text: output) }
    node.add(3, text: name)
    node.add(4, text: operation)
    for attribute in attributes { node.add(5) { attribute.write(to: &$0) } }
    if !domain.isEmpty { node.add(7, text: domain) }
  }
}

extension ONNXNode.Attribute {
  fileprivate func write(to attribute: inout WireWriter) {
    attribute.add(1, text: name)
    let type: Int
    switch value {
    case .float(let float):
      type = 1
      attribute.add(2, float: float)
    case .integer(let integer):
      type = 2
      attribute.add(3, integer: integer)
    case .text(let text):
      type = 3
      attribute.add(4, text: text)
    case .tensor(let tensor):
      type = 4
      attribute.add(5) { tensor.write(to: &$0) }
    case .floats(let floats):
      type = 6
      for float in floats { attribute.add(7, float: float) }
    case .integers(let integers):
      type = 7
      for integer in integers { attribute.add(8, integer: integer) }
    case .other(let other): type = other
    }
    attribute.add(20, integer: type)
  }
}

extension ONNXTensor {
  fileprivate func write(to tensor: inout WireWriter) {
    for dimension in shape { tensor.add(1, integer: dimension) }
    switch elements {
    case .floats(let floats):
      tensor.add(2, integer: ElementTypes.float)
      tensor.add(8, text: name)
      tensor.add(9, raw: floats)
    case .integers(let integers):
      tensor.add(2, integer: ElementTypes.integer)
      tensor.add(8, text: name)
      tensor.add(9, raw: integers)
    case .other, .external: preconditionFailure("a tensor that Convoy writes has numbers")
    }
  }
}

extension ONNXValue {
  fileprivate func write(to value: inout WireWriter) {
    value.add(1, text: name)
    value.add(2) { type in
      type.add(1) { tensor in
        tensor.add(1, integer: elementType)
        guard let shape else { return }
        tensor.add(2) { sizes in
          for dimension in shape {
            sizes.add(1) { size in
              switch dimension {
              case .size(let number): size.add(1, integer: number)
              case .symbol(let name): size.add(2, text: name)
              case .unknown: break
              }
            }
          }
        }
      }
    }
  }
}

extension ONNXTensor.Elements {
  fileprivate var byteCount: Int {
    switch self {
    case .floats(let floats): 4 * floats.count
    case .integers(let integers): 8 * integers.count
    case .other, .external: 0
    }
  }
}

/// The numbers of the element types that are read and written.
enum ElementTypes {
  static let float = 1
  static let integer = 7

  /// The name of an element type, for messages.
  static func name(_ number: Int) -> String {
    let names = [
      "undefined", "float", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool",
      "float16", "double", "uint32", "uint64", "complex64", "complex128", "bfloat16",
    ]
    return names.indices.contains(number) ? names[number] : "number \(number)"
  }
}
