import ConvoyNeuralNetwork
import ConvoyStrictJSON

/// A node's attributes and tensors, with errors that name the node.
struct NodeReader {
  let node: ONNXNode
  let constants: GraphConstants
  let path: String

  func integer(_ name: String, default value: Int) throws(ONNXError) -> Int {
    guard let found = attribute(name) else { return value }
    guard case .integer(let integer) = found else { throw wrongType(name) }
    return integer
  }

  func float(_ name: String, default value: Float) throws(ONNXError) -> Float {
    guard let found = attribute(name) else { return value }
    guard case .float(let float) = found else { throw wrongType(name) }
    return float
  }

  func text(_ name: String, default value: String) throws(ONNXError) -> String {
    guard let found = attribute(name) else { return value }
    guard case .text(let text) = found else { throw wrongType(name) }
    return text
  }

  func integersIfPresent(_ name: String) throws(ONNXError) -> [Int]? {
    guard let found = attribute(name) else { return nil }
    guard case .integers(let integers) = found else { throw wrongType(name) }
    return integers
  }

  /// Numbers for rows and columns.
  func pair(_ name: String, default value: Pair) throws(ONNXError) -> Pair {
    guard let integers = try integersIfPresent(name) else { return value }
    guard integers.count == 2 else {
      throw unsupported("two numbers in '\(name)'", brief(integers))
    }
    return Pair(integers[0], integers[1])
  }

  /// Refuses an attribute that is not what Convoy's layer does.
  func require(_ name: String, _ value: Int, default other: Int? = nil) throws(ONNXError) {
    let found = try integer(name, default: other ?? value)
    guard found == value else { throw unsupported("\(name) \(value)", "\(found)") }
  }

  private func attribute(_ name: String) -> ONNXNode.Attribute.Value? {
    node.attributes.first { $0.name == name }?.value
  }

  /// Whether there is such an input.
  func has(input number: Int) -> Bool {
    node.inputs.indices.contains(number) && !node.inputs[number].isEmpty
  }

  /// An input that is a tensor of floats.
  func floats(input number: Int) throws(ONNXError) -> FloatTensor {
    guard has(input: number) else { throw unsupported("an input \(number)", "none") }
    return try floats(named: node.inputs[number])
  }

  private func floats(named name: String) throws(ONNXError) -> FloatTensor {
    guard let tensor = constants[name] else {
      throw unsupported("\(quoted(name)) to be a tensor of the file", "a computed value")
    }
    switch tensor.elements {
    case .floats(let floats):
      return FloatTensor(name: tensor.name, shape: tensor.shape, values: floats)
    case .integers: throw wrongElements(tensor, ElementTypes.integer)
    case .other(let type): throw wrongElements(tensor, type)
    case .external:
      throw .unsupported(
        path: path, part: .tensor(tensor.name), expected: "numbers in the file itself",
        found: "a reference to another file")
    }
  }

  private func wrongElements(_ tensor: ONNXTensor, _ type: Int) -> ONNXError {
    .unsupported(
      path: path, part: .tensor(tensor.name), expected: "elements of type float",
      found: ElementTypes.name(type))
  }

  /// An input that is a tensor of whole numbers; nil if it is computed.
  func integers(input number: Int) -> [Int]? {
    has(input: number) ? constants.integers(node.inputs[number]) : nil
  }

  /// The tensor that a node of two inputs reads beside its value, and whether it is the second.
  func operand() throws(ONNXError) -> (tensor: FloatTensor, isSecond: Bool) {
    guard node.inputs.count == 2 else {
      throw unsupported("two inputs", "\(node.inputs.count)")
    }
    let isSecond = constants.has(node.inputs[1])
    return (try floats(named: node.inputs[isSecond ? 1 : 0]), isSecond)
  }

  private func wrongType(_ name: String) -> ONNXError {
    unsupported("an attribute '\(name)' of its type", "another type")
  }

  func unsupported(_ expected: String, _ found: String) -> ONNXError {
    .unsupported(path: path, part: .node(node), expected: expected, found: found)
  }
}

/// A tensor of the file.
struct FloatTensor {
  let name: String
  let shape: [Int]
  let values: [Float]

  /// The number that it adds to, or multiplies with, everything; nil if there are several.
  var single: Float? { values.count == 1 ? values[0] : nil }

  /// Its numbers by channel, if broadcasting gives each channel one.
  func channels(of map: FeatureShape) -> [Float]? {
    let sizes = Array(shape.drop { $0 == 1 })
    let isByChannel =
      map.channels == 1 || map.isFlat
      ? sizes == [map.channels] || map.channels == 1 && values.count == 1
      : sizes == [map.channels, 1, 1]
    return isByChannel ? values : nil
  }

  /// Whether it is a learned parameter: a constant that changes nothing is none, unless it has
  /// PyTorch's name of a parameter.
  func isLearned(neutral value: Float) -> Bool {
    name.hasSuffix("weight") || name.hasSuffix("bias") || values.contains { $0 != value }
  }

  /// Rows and columns of a matrix exchanged.
  func transposed() -> [Float] {
    let (rows, columns) = (shape[0], shape[1])
    return (0..<columns).flatMap { column in (0..<rows).map { values[$0 * columns + column] } }
  }
}
