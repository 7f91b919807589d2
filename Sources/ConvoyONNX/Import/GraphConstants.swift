/// The values of a graph that do not depend on its input: tensors of the file, and the outputs of
/// Constant nodes.
struct GraphConstants {
  private var tensors: [String: ONNXTensor]
  /// The nodes that compute sizes, by what they compute: they are read where a Reshape needs them.
  private var sizes: [String: ONNXNode] = [:]

  init(_ graph: ONNXGraph) {
    tensors = Dictionary(graph.initializers.map { ($0.name, $0) }) { first, _ in first }
    for node in graph.nodes {
      guard let output = node.outputs.first else { continue }
      switch node.operation {
      case "Constant":
        if let tensor = Self.constant(node) { tensors[output] = tensor }
      case "Identity":
        if let name = node.inputs.first, let tensor = tensors[name] { tensors[output] = tensor }
      case "Shape", "Concat": sizes[output] = node
      default: break
      }
    }
  }

  func has(_ name: String) -> Bool { tensors[name] != nil }

  /// The tensor of a name; nil if it is computed.
  subscript(_ name: String) -> ONNXTensor? { tensors[name] }

  /// Whole numbers; nil if there are none.
  func integers(_ name: String) -> [Int]? {
    guard case .integers(let integers)? = tensors[name]?.elements else { return nil }
    return integers
  }

  /// Whether a value is the shape of another, the batch's size included.
  func isShape(_ name: String) -> Bool { sizes[name]?.operation == "Shape" }

  /// What follows the batch's size in a shape that is computed from it.
  func sizeBehindBatch(_ name: String) -> Int? {
    guard let node = sizes[name], node.operation == "Concat", node.inputs.count == 2,
      tensors[node.inputs[0]] == nil, let size = integers(node.inputs[1]), size.count == 1
    else { return nil }
    return size[0]
  }

  private static func constant(_ node: ONNXNode) -> ONNXTensor? {
    let name = node.outputs.first ?? ""
    guard let attribute = node.attributes.first else { return nil }
    switch (attribute.name, attribute.value) {
    case ("value", .tensor(var tensor)):
      tensor.name = name
      return tensor
    case ("value_float", .float(let float)):
      return ONNXTensor(name: name, shape: [], elements: .floats([float]))
    case ("value_int", .integer(let integer)):
      return ONNXTensor(name: name, shape: [], elements: .integers([integer]))
    case ("value_floats", .floats(let floats)):
      return ONNXTensor(name: name, shape: [floats.count], elements: .floats(floats))
    case ("value_ints", .integers(let integers)):
      return ONNXTensor(name: name, shape: [integers.count], elements: .integers(integers))
    default: return nil
    }
  }
}
