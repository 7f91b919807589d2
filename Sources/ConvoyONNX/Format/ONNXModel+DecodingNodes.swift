extension ONNXModel {
  static func node(
    _ bytes: ArraySlice<UInt8>, _ path: String
  ) throws(ONNXError) -> ONNXNode {
    var node = ONNXNode(operation: "", name: "", inputs: [], outputs: [])
    var reader = WireReader(bytes, path: path)
    while let field = try reader.next() {
      switch field.number {
      case 1:
        try check(node.inputs.count, below: Limit.names, "inputs", field, path)
        node.inputs.append(try field.text(path))
      case 2:
        try check(node.outputs.count, below: Limit.names, "outputs", field, path)
        node.outputs.append(try field.text(path))
      case 3: node.name = try field.text(path)
      case 4: node.operation = try field.text(path)
      case 5:
        try check(node.attributes.count, below: Limit.attributes, "attributes", field, path)
        node.attributes.append(try attribute(field.bytes(path), path))
      case 7: node.domain = try field.text(path)
      default: break
      }
    }
    return node
  }

  private static func attribute(
    _ bytes: ArraySlice<UInt8>, _ path: String
  ) throws(ONNXError) -> ONNXNode.Attribute {
    var (name, type) = ("", 0)
    var (float, integer, text): (Float, Int, String) = (0, 0, "")
    var (floats, integers): ([Float], [Int]) = ([], [])
    var tensor: ONNXTensor?
    var reader = WireReader(bytes, path: path)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.text(path)
      case 2: float = try field.float(path)
      case 3: integer = try field.integer(path)
      case 4: text = try field.text(path)
      case 5: tensor = try Self.tensor(field.bytes(path), path)
      case 7: try field.append(to: &floats, path)
      case 8: try field.append(to: &integers, limit: Limit.integers, path)
      case 20: type = try field.integer(path)
      default: break
      }
    }
    let value: ONNXNode.Attribute.Value =
      switch (type, tensor) {
      case (1, _): .float(float)
      case (2, _): .integer(integer)
      case (3, _): .text(text)
      case (4, let tensor?): .tensor(tensor)
      case (6, _): .floats(floats)
      case (7, _): .integers(integers)
      default: .other(type)
      }
    return ONNXNode.Attribute(name: name, value: value)
  }

  static func tensor(
    _ bytes: ArraySlice<UInt8>, _ path: String
  ) throws(ONNXError) -> ONNXTensor {
    var (name, type, location, offset) = ("", 0, 0, bytes.startIndex)
    var (shape, integers): ([Int], [Int]) = ([], [])
    var floats: [Float] = []
    var raw: ArraySlice<UInt8>?
    var external = ExternalTensor()
    var reader = WireReader(bytes, path: path)
    while let field = try reader.next() {
      switch field.number {
      case 1: try field.append(to: &shape, limit: Limit.dimensions, path)
      case 2: type = try field.integer(path)
      case 4: try field.append(to: &floats, path)
      case 7: try field.append(to: &integers, limit: Limit.integers, path)
      case 8: name = try field.text(path)
      case 9: (raw, offset) = (try field.bytes(path), field.offset)
      case 13:
        external.add(try property(field.bytes(path), path))
      case 14: location = try field.integer(path)
      default: break
      }
    }
    external.type = type
    let elements: ONNXTensor.Elements =
      if location != 0 {
        .external(external)
      } else if let raw {
        try Self.elements(of: type, raw, at: offset, path)
      } else {
        switch type {
        case ElementTypes.float: .floats(floats)
        case ElementTypes.integer: .integers(integers)
        default: .other(type)
        }
      }
    let tensor = ONNXTensor(name: name, shape: shape, elements: elements)
    try checkSize(of: tensor, path)
    return tensor
  }

  /// Numbers from their bytes, the low one first.
  static func elements(
    of type: Int, _ raw: ArraySlice<UInt8>, at offset: Int, _ path: String
  ) throws(ONNXError) -> ONNXTensor.Elements {
    switch type {
    case ElementTypes.float:
      guard let floats = [Float](littleEndian: raw) else {
        throw .malformed(
          path: path, offset: offset, expected: "floats of 4 bytes each",
          found: "\(raw.count) bytes")
      }
      return .floats(floats)
    case ElementTypes.integer:
      guard raw.count.isMultiple(of: 8), raw.count <= 8 * Limit.integers else {
        throw .malformed(
          path: path, offset: offset,
          expected: "at most \(Limit.integers) whole numbers of 8 bytes each",
          found: "\(raw.count) bytes")
      }
      return .integers(
        stride(from: raw.startIndex, to: raw.endIndex, by: 8).map { place in
          Int(
            truncatingIfNeeded: raw[place..<place + 8].reversed()
              .reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        })
    default: return .other(type)
    }
  }

  /// The numbers must be as many as the shape says.
  static func checkSize(of tensor: ONNXTensor, _ path: String) throws(ONNXError) {
    let found: Int
    switch tensor.elements {
    case .floats(let floats): found = floats.count
    case .integers(let integers): found = integers.count
    case .other, .external: return
    }
    var expected = 1
    for size in tensor.shape {
      let (product, overflow) = expected.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else {
        throw .unsupported(
          path: path, part: .tensor(tensor.name), expected: "a shape", found: "\(tensor.shape)")
      }
      expected = product
    }
    guard found == expected else {
      throw .unsupported(
        path: path, part: .tensor(tensor.name),
        expected: "\(expected) numbers for its shape \(tensor.shape)", found: "\(found)")
    }
  }
}
