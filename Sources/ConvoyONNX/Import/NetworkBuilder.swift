import ConvoyNeuralNetwork
import ConvoySafetensors

/// Turns the steps of a graph into layers, and its tensors into their weights.
struct NetworkBuilder {
  let constants: GraphConstants
  let operatorSet: Int
  /// Of the graph's input, if the file fixes it.
  let batch: Int?
  let path: String
  private(set) var tensors: [NamedTensor] = []

  init(constants: GraphConstants, operatorSet: Int, batch: Int?, path: String) {
    self.constants = constants
    self.operatorSet = operatorSet
    self.batch = batch
    self.path = path
  }

  /// Layers one after another, as far as they are built.
  struct Sequence {
    /// Precedes the places of its layers.
    let prefix: String
    fileprivate(set) var layers: [any Layer] = []
    /// Of the output of the last layer.
    fileprivate(set) var shape: FeatureShape
    /// Whether the graph's tensor has axes of rows and columns, as that of a global pooling still has.
    var hasMapAxes: Bool

    /// The place of the next layer.
    var place: String { "\(prefix)\(layers.count)" }
  }

  /// A parameter of a layer by its name in the `state_dict`.
  struct Parameter {
    let name: String
    var shape: [Int]
    let values: [Float]

    static func vector(_ name: String, _ values: [Float]) -> Parameter {
      Parameter(name: name, shape: [values.count], values: values)
    }
  }

  mutating func layers(
    of steps: [GraphFlow.Step], prefix: String = "", reading input: FeatureShape,
    hasMapAxes: Bool
  ) throws(ONNXError) -> Sequence {
    var sequence = Sequence(prefix: prefix, shape: input, hasMapAxes: hasMapAxes)
    var rest = steps[...]
    while let step = rest.popFirst() {
      let reader = NodeReader(node: step.node, constants: constants, path: path)
      guard step.node.domain.isEmpty || step.node.domain == "ai.onnx" else {
        throw reader.unsupported("an operator of ONNX", "the domain '\(step.node.domain)'")
      }
      switch step {
      case .node: try add(reader, followedBy: &rest, to: &sequence)
      case .join(_, let branches):
        try join(branches, reader, followedBy: &rest, to: &sequence)
      }
    }
    return sequence
  }

  /// Adds a layer behind the others.
  mutating func append(
    _ layer: any Layer, _ parameters: [Parameter] = [], branches: [FeatureShape] = [],
    for reader: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    for parameter in parameters {
      tensors.append(
        NamedTensor(
          name: "\(sequence.place).\(parameter.name)", shape: parameter.shape,
          values: parameter.values))
    }
    do throws(LayerError) {
      try layer.validate()
      sequence.shape = try layer.outputShape(for: sequence.shape, branches: branches)
    } catch {
      switch error {
      case .number(let expected, let found): throw reader.unsupported(expected, found)
      case .doesNotFit(let problem):
        throw ONNXError.doesNotFit(
          path: path, part: .node(reader.node), input: "\(sequence.shape)", problem: problem)
      }
    }
    sequence.layers.append(layer)
  }

  /// Adds numbers to the outputs of a layer that sums products and has no bias yet.
  ///
  /// - Returns: false if the last layer is another.
  mutating func appendBias(_ tensor: FloatTensor, to sequence: inout Sequence) -> Bool {
    guard let values = tensor.channels(of: sequence.shape) else { return false }
    switch sequence.layers.last {
    case var layer as Convolution where !layer.hasBias:
      layer.hasBias = true
      sequence.layers[sequence.layers.count - 1] = layer
    case var layer as Dense where !layer.hasBias:
      layer.hasBias = true
      sequence.layers[sequence.layers.count - 1] = layer
    default: return false
    }
    tensors.append(
      NamedTensor(
        name: "\(sequence.prefix)\(sequence.layers.count - 1).bias", shape: [values.count],
        values: values))
    return true
  }

  /// Adds what joins branches: a residual block, a concatenation, or an activation of several nodes.
  private mutating func join(
    _ branches: [[GraphFlow.Step]], _ reader: NodeReader,
    followedBy rest: inout ArraySlice<GraphFlow.Step>, to sequence: inout Sequence
  ) throws(ONNXError) {
    guard branches.count == reader.node.inputs.count else {
      throw reader.unsupported("inputs that are all computed", "a tensor of the file among them")
    }
    switch reader.node.operation {
    case "Add" where branches.count == 2:
      // The sum of a value with itself.
      if branches.allSatisfy(\.isEmpty) {
        return try append(Scale(factor: 2), for: reader, to: &sequence)
      }
      let ordered = branches[0].isEmpty ? [branches[1], branches[0]] : branches
      let names = ["layers", "shortcut"]
      let ends = try sequences(ordered, named: names, reader, of: sequence)
      sequence.hasMapAxes = ends[0].hasMapAxes
      // Of nodes that leave everything as it is, one layer stays.
      let layers = ends[0].layers.isEmpty ? [Identity()] : ends[0].layers
      try append(
        Residual(layers, shortcut: ends[1].layers), branches: ends.map(\.shape), for: reader,
        to: &sequence)
    case "Concat":
      let axis = try reader.integer("axis", default: 1)
      let names = branches.indices.map { "branches.\($0)" }
      let ends = try sequences(branches, named: names, reader, of: sequence)
      guard axis == 1 || axis == (ends[0].hasMapAxes ? -3 : -1) else {
        throw reader.unsupported("axis 1", "\(axis)")
      }
      sequence.hasMapAxes = ends[0].hasMapAxes
      try append(
        Concatenation(ends.map(\.layers)), branches: ends.map(\.shape), for: reader,
        to: &sequence)
    default:
      if reader.node.operation == "Mul",
        let activation = try Activation(branches, constants, path: path)
      {
        try activation.takeFactor(from: &rest, constants, path: path, reader)
        return try append(activation.layer, for: reader, to: &sequence)
      }
      throw reader.unsupported(
        "branches that meet in Add or Concat, or make a known activation",
        branches.map { $0.last?.node.operation ?? "their input" }.prefix(4)
          .joined(separator: " and "))
    }
  }

  private mutating func sequences(
    _ branches: [[GraphFlow.Step]], named names: [String], _ reader: NodeReader,
    of sequence: Sequence
  ) throws(ONNXError) -> [Sequence] {
    var sequences: [Sequence] = []
    for (name, steps) in zip(names, branches) {
      sequences.append(
        try layers(
          of: steps, prefix: "\(sequence.place).\(name).", reading: sequence.shape,
          hasMapAxes: sequence.hasMapAxes))
    }
    guard Set(sequences.map(\.hasMapAxes)).count == 1 else {
      throw reader.unsupported("branches with the same axes", "maps and vectors")
    }
    return sequences
  }
}
