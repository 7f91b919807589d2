import ConvoyFileAccess
import ConvoyProcessLimits

extension ONNXModel {
  /// More than any network of Convoy has, so that no file asks for time or memory out of proportion.
  enum Limit {
    static let nodes = 1 << 15
    static let tensors = 1 << 16
    /// Values of the graph, pieces of metadata, inputs of a node.
    static let names = 1 << 12
    static let attributes = 64
    /// Whole numbers of an attribute or a tensor: shapes, axes, sizes of windows.
    static let integers = 1 << 12
    static let dimensions = 16
  }

  /// Reads a file, and those beside it that it refers to.
  package init(contentsOf path: String) throws(ONNXError) {
    try self.init(decoding: Self.bytes(of: path), path: path)
    try readExternalTensors(besides: path)
  }

  static func bytes(of path: String) throws(ONNXError) -> [UInt8] {
    func unreadable<Result: ~Copyable>(
      _ body: () throws(FileError) -> Result
    ) throws(ONNXError) -> Result {
      do throws(FileError) { return try body() } catch { throw .unreadable(error) }
    }
    let reader = try unreadable { () throws(FileError) in
      try FileReader(path, limit: largestFile)
    }
    do {
      // The file, and its numbers.
      try AvailableMemory.now.check(MemoryNeed(bytes: 2 * Double(reader.byteCount)), for: path)
    } catch {
      throw .memory(error)
    }
    var bytes = [UInt8](repeating: 0, count: reader.byteCount)
    var span = bytes.mutableSpan
    try unreadable { () throws(FileError) in
      try unsafe span.withUnsafeMutableBytes { buffer throws(FileError) in
        try unsafe reader.read(into: buffer)
      }
    }
    return bytes
  }

  /// Reads the contents of a file; `path` is what errors call it.
  package init(decoding bytes: [UInt8], path: String) throws(ONNXError) {
    self.init(irVersion: 0, producer: "", operatorSet: 0, graph: ONNXGraph(name: ""))
    var reader = WireReader(bytes[...], path: path)
    var hasGraph = false
    while let field = try reader.next() {
      switch field.number {
      case 1: irVersion = try field.integer(path)
      case 2: producer = try field.text(path)
      case 7:
        hasGraph = true
        graph = try Self.graph(field.bytes(path), path)
      case 8:
        let (domain, version) = try Self.operatorSet(field.bytes(path), path)
        if domain.isEmpty || domain == "ai.onnx" { operatorSet = version }
      case 14:
        try Self.check(metadata.count, below: Limit.names, "pieces of metadata", field, path)
        metadata.append(try Self.property(field.bytes(path), path))
      default: break
      }
    }
    guard hasGraph, operatorSet > 0 else {
      throw .malformed(
        path: path, offset: 0, expected: "an ONNX model",
        found: hasGraph ? "no version of its operators" : "no graph")
    }
  }

  static func check(
    _ count: Int, below limit: Int, _ what: String, _ field: WireReader.Field, _ path: String
  ) throws(ONNXError) {
    guard count < limit else {
      throw .malformed(
        path: path, offset: field.offset, expected: "at most \(limit) \(what)", found: "more")
    }
  }

  private static func operatorSet(
    _ bytes: ArraySlice<UInt8>, _ path: String
  ) throws(ONNXError) -> (domain: String, version: Int) {
    var (domain, version) = ("", 0)
    var reader = WireReader(bytes, path: path)
    while let field = try reader.next() {
      switch field.number {
      case 1: domain = try field.text(path)
      case 2: version = try field.integer(path)
      default: break
      }
    }
    return (domain, version)
  }

  static func property(
    _ bytes: ArraySlice<UInt8>, _ path: String
  ) throws(ONNXError) -> Property {
    var (key, value) = ("", "")
    var reader = WireReader(bytes, path: path)
    while let field = try reader.next() {
      switch field.number {
      case 1: key = try field.text(path)
      case 2: value = try field.text(path)
      default: break
      }
    }
    return Property(key: key, value: value)
  }

  private static func graph(
    _ bytes: ArraySlice<UInt8>, _ path: String
  ) throws(ONNXError) -> ONNXGraph {
    var graph = ONNXGraph(name: "")
    var reader = WireReader(bytes, path: path)
    while let field = try reader.next() {
      switch field.number {
      case 1:
        try check(graph.nodes.count, below: Limit.nodes, "nodes", field, path)
        graph.nodes.append(try node(field.bytes(path), path))
      case 2: graph.name = try field.text(path)
      case 5:
        try check(graph.initializers.count, below: Limit.tensors, "tensors", field, path)
        graph.initializers.append(try tensor(field.bytes(path), path))
      case 11:
        try check(graph.inputs.count, below: Limit.tensors, "inputs", field, path)
        graph.inputs.append(try value(field.bytes(path), path))
      case 12:
        try check(graph.outputs.count, below: Limit.names, "outputs", field, path)
        graph.outputs.append(try value(field.bytes(path), path))
      case 15:
        throw .unsupported(
          path: path, part: .graph, expected: "dense tensors", found: "a sparse one")
      default: break
      }
    }
    return graph
  }

  private static func value(
    _ bytes: ArraySlice<UInt8>, _ path: String
  ) throws(ONNXError) -> ONNXValue {
    var value = ONNXValue(name: "", elementType: 0)
    var reader = WireReader(bytes, path: path)
    while let field = try reader.next() {
      switch field.number {
      case 1: value.name = try field.text(path)
      case 2:
        var type = WireReader(try field.bytes(path), path: path)
        while let field = try type.next() {
          guard field.number == 1 else { continue }
          var tensor = WireReader(try field.bytes(path), path: path)
          while let field = try tensor.next() {
            switch field.number {
            case 1: value.elementType = try field.integer(path)
            case 2: value.shape = try dimensions(field.bytes(path), path)
            default: break
            }
          }
        }
      default: break
      }
    }
    return value
  }

  private static func dimensions(
    _ bytes: ArraySlice<UInt8>, _ path: String
  ) throws(ONNXError) -> [ONNXValue.Dimension] {
    var dimensions: [ONNXValue.Dimension] = []
    var reader = WireReader(bytes, path: path)
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      try check(dimensions.count, below: Limit.dimensions, "dimensions", field, path)
      var dimension = ONNXValue.Dimension.unknown
      var sizes = WireReader(try field.bytes(path), path: path)
      while let field = try sizes.next() {
        switch field.number {
        case 1: dimension = .size(try field.integer(path))
        case 2: dimension = .symbol(try field.text(path))
        default: break
        }
      }
      dimensions.append(dimension)
    }
    return dimensions
  }
}
