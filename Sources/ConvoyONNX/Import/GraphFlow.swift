import ConvoyStrictJSON

/// The way from a graph's input to its output, as steps one after another and branches between them.
///
/// Found from the output backwards. A node that reads several values joins branches, which begin at
/// the nearest value that all of them come through: the immediate dominator of the node.
struct GraphFlow {
  private let path: String
  private let nodes: [ONNXNode]
  /// For each node, the values that it reads and that come from the graph's input. Value 0 is the
  /// graph's input, value n + 1 what node n computes.
  private var inputs: [[Int]] = []
  private var dominators = DominatorTree()
  private var isTaken: [Bool]
  let constants: GraphConstants
  /// The graph's output.
  private var end = 0

  enum Step {
    /// A node that reads one value, and tensors of the file.
    case node(ONNXNode)
    /// A node that reads the ends of several branches, all of one input. A branch without steps is
    /// that input.
    case join(ONNXNode, [[Step]])

    var node: ONNXNode {
      switch self {
      case .node(let node), .join(let node, _): node
      }
    }
  }

  private static let deepestBranch = 64

  init(_ graph: ONNXGraph, path: String) throws(ONNXError) {
    self.path = path
    nodes = graph.nodes
    isTaken = Array(repeating: false, count: nodes.count)
    constants = GraphConstants(graph)
    let input = try Self.input(of: graph, path: path)
    var producers = [input.name: 0]
    for (number, node) in nodes.enumerated() {
      var read: [Int] = []
      for name in Self.dataInputs(of: node) where !constants.has(name) {
        if let producer = producers[name] { read.append(producer) }
      }
      inputs.append(read)
      dominators.append(dominatedBy: read)
      // Further outputs, such as the places of maxima, are of no use to a network.
      if let output = node.outputs.first, !output.isEmpty { producers[output] = number + 1 }
    }
    guard graph.outputs.count == 1, let output = graph.outputs.first else {
      throw unsupported(.graph, "one output", "\(graph.outputs.count)")
    }
    guard let end = producers[output.name], end != 0 else {
      throw unsupported(
        .graph, "an output that is computed from the input \(quoted(input.name))",
        quoted(output.name))
    }
    self.end = end
  }

  /// The graph's only input that is not a tensor of the file.
  static func input(of graph: ONNXGraph, path: String) throws(ONNXError) -> ONNXValue {
    let stored = Set(graph.initializers.map(\.name))
    let inputs = graph.inputs.filter { !stored.contains($0.name) }
    guard inputs.count == 1, let input = inputs.first else {
      throw .unsupported(path: path, part: .graph, expected: "one input", found: "\(inputs.count)")
    }
    return input
  }

  /// The inputs that may come from the graph's input: of most operators the first alone.
  private static func dataInputs(of node: ONNXNode) -> [String] {
    switch node.operation {
    case "Add", "Sub", "Mul", "Div", "Concat", "Sum", "Max", "Min", "MatMul", "Pow": node.inputs
    default: Array(node.inputs.prefix(1))
    }
  }

  /// All steps.
  mutating func steps() throws(ONNXError) -> [Step] {
    try steps(to: end, from: 0, nesting: 0)
  }

  private mutating func steps(
    to end: Int, from start: Int, nesting: Int
  ) throws(ONNXError) -> [Step] {
    var backwards: [Step] = []
    var place = end
    while place != start {
      let node = nodes[place - 1]
      let part = ONNXError.Part.node(node)
      guard !isTaken[place - 1] else {
        throw unsupported(
          part, "an output that goes one way, or into branches that meet again",
          "one that is a part of several branches")
      }
      isTaken[place - 1] = true
      let read = inputs[place - 1]
      let names = Self.dataInputs(of: node).filter { !constants.has($0) }
      guard read.count == names.count, !read.isEmpty else {
        throw unsupported(
          part, "inputs computed from the graph's input, or tensors of the file",
          names.isEmpty ? "none" : quoted(names.joined(separator: ", ")))
      }
      if read.count == 1 {
        backwards.append(.node(node))
        place = read[0]
        continue
      }
      guard nesting < Self.deepestBranch else {
        throw unsupported(part, "at most \(Self.deepestBranch) branches in each other", "more")
      }
      let fork = dominators.parent(of: place)
      var branches: [[Step]] = []
      for branch in read {
        branches.append(try steps(to: branch, from: fork, nesting: nesting + 1))
      }
      backwards.append(.join(node, branches))
      place = fork
    }
    return backwards.reversed()
  }

  private func unsupported(
    _ part: ONNXError.Part, _ expected: String, _ found: String
  ) -> ONNXError {
    .unsupported(path: path, part: part, expected: expected, found: found)
  }
}

extension ONNXError.Part {
  static func node(_ node: ONNXNode) -> Self {
    .node(name: node.name.isEmpty ? node.outputs.first ?? "" : node.name, operation: node.operation)
  }
}
