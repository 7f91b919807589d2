import ConvoyKernelInterface

/// Compiles a tree of layers to the nodes of a plan. Activations and max poolings are fused into
/// the preceding node where possible. A flattened map keeps its layout until a node needs a true
/// vector.
package struct PlanBuilder {
  private(set) var nodes: [PlanNode] = []
  /// The input of the next node.
  package private(set) var flow: Flow
  /// The layers that are yet to add their nodes, depth first.
  private var rest: ArraySlice<PlacedLayer>
  /// The number of the current layer, and its output shape.
  private var layer = 0
  private var output: FeatureShape
  /// Edges with another reader: nothing may be fused into their producer.
  private var fixed: Set<Int> = []
  private let joinsMaxPoolings: Bool
  let convolutions: ConvolutionAlgorithm
  let precision: Precision

  /// An edge as the next layer reads it; a flattened one is still stored as a map.
  package struct Flow: Sendable {
    let edge: Int
    /// For a flattened map, the shape of the map.
    let shape: FeatureShape
    let isFlattened: Bool
  }

  /// The nodes of an architecture.
  static func nodes(
    _ architecture: Network, input: FeatureShape, loss: LossFunction?,
    convolutions: ConvolutionAlgorithm = .fastest, precision: Precision = .fp32
  ) throws(NetworkError) -> [PlanNode] {
    _ = try architecture.outputShape(for: input)
    var layers = architecture.withoutLastIdentities
    // Cross-entropy includes the softmax.
    if loss == .crossEntropy, architecture.endsInSoftmax { layers.removeLast() }
    let placed = try Network(layers).placedLayers(for: input)
    func nodes(joiningMaxPoolings: Bool) -> [PlanNode] {
      var builder = PlanBuilder(
        placed, input: input, joinsMaxPoolings: joiningMaxPoolings, convolutions: convolutions,
        precision: precision)
      builder.add(layers)
      builder.layer = max(0, placed.count - 1)
      builder.makeVector()
      if builder.nodes.isEmpty {
        builder.append(ActivationOperation(kind: .elementwise(.identity)))
      }
      return builder.nodes
    }
    let joined = nodes(joiningMaxPoolings: true)
    return fit(joined) ? joined : nodes(joiningMaxPoolings: false)
  }

  /// Whether every node can store what it must. All readers of an edge share the largest border.
  private static func fit(_ nodes: [PlanNode]) -> Bool {
    var borders: [Int: FeatureMap.Border] = [:]
    for node in nodes {
      for (input, edge) in node.inputs.enumerated() {
        borders[edge, default: FeatureMap.Border()].formUnion(node.border(ofInput: input))
      }
    }
    return nodes.allSatisfy { node in
      zip(node.inputs, node.inputShapes).allSatisfy { edge, shape in
        node.operation.fits(shape, border: borders[edge] ?? FeatureMap.Border())
      }
    }
  }

  private init(
    _ layers: [PlacedLayer], input: FeatureShape, joinsMaxPoolings: Bool,
    convolutions: ConvolutionAlgorithm, precision: Precision
  ) {
    self.joinsMaxPoolings = joinsMaxPoolings
    self.convolutions = convolutions
    self.precision = precision
    rest = layers[...]
    flow = Flow(edge: 0, shape: input, isFlattened: false)
    output = input
  }

  /// Adds the nodes of layers, one after another.
  mutating func add(_ layers: [any Layer]) {
    let outer = (layer, output)
    for layer in layers {
      guard let placed = rest.popFirst() else { preconditionFailure("each layer has its place") }
      (self.layer, output) = (placed.number, placed.output)
      layer.add(to: &self)
    }
    (layer, output) = outer
  }

  /// Adds the nodes of each branch to the layer's input, and returns the outputs of the branches.
  mutating func add(branches: [LayerBranch]) -> [Flow] {
    let entry = flow
    fixed.insert(entry.edge)
    return branches.map { branch in
      flow = entry
      add(branch.layers)
      return flow
    }
  }

  /// Adds a node from the layer's input to its output.
  mutating func append(_ operation: some NodeOperation) {
    if operation.needsVector { makeVector() }
    append(
      operation, inputs: [flow], takesOutput: operation.givesVector || !output.isFlat)
  }

  /// Adds a node between layers, whose output has a shape of its own.
  mutating func append(_ operation: some NodeOperation, shape: FeatureShape) {
    nodes.append(
      PlanNode(
        operation: operation, layer: layer, inputs: [flow.edge], inputShapes: [flow.shape],
        outputShape: shape))
    flow = Flow(edge: nodes.count, shape: shape, isFlattened: false)
  }

  /// Adds a node that sums the outputs of branches.
  mutating func appendAddition(of flows: [Flow]) {
    var flows = flows
    // Flattened maps of different shapes can only be added as vectors.
    if flows.contains(where: { $0.shape != flows[0].shape }) { flows = vectors(flows) }
    flow = flows[0]
    append(AdditionOperation(), inputs: flows, takesOutput: !output.isFlat)
  }

  /// Adds a node that joins the outputs of branches along the channels.
  mutating func appendConcatenation(of flows: [Flow]) {
    let inputs = vectors(flows)
    flow = inputs[0]
    append(ConcatenationOperation(), inputs: inputs, takesOutput: true)
  }

  /// The same values, with flattened maps as true vectors.
  private mutating func vectors(_ flows: [Flow]) -> [Flow] {
    flows.map { flow in
      self.flow = flow
      makeVector()
      return self.flow
    }
  }

  /// - Parameter takesOutput: whether the node's output has the layer's output shape; otherwise it
  ///   keeps the shape and flattening of its input.
  private mutating func append(
    _ operation: any NodeOperation, inputs: [Flow], takesOutput: Bool
  ) {
    let shape = takesOutput ? output : flow.shape
    nodes.append(
      PlanNode(
        operation: operation, layer: layer, inputs: inputs.map(\.edge),
        inputShapes: inputs.map(\.shape),
        outputShape: shape))
    flow = Flow(
      edge: nodes.count, shape: shape, isFlattened: takesOutput ? false : flow.isFlattened)
  }

  /// Marks the edge as flattened. Its values are reordered only where a reader needs a vector.
  mutating func flatten() {
    flow = Flow(edge: flow.edge, shape: flow.shape, isFlattened: true)
  }

  private mutating func makeVector() {
    guard flow.isFlattened, flow.shape.height * flow.shape.width > 1 else { return }
    append(FlattenOperation(), shape: FeatureShape(features: flow.shape.count))
  }

  /// The preceding node, if its output has no other reader.
  private var previous: Int? {
    flow.edge == nodes.count && flow.edge > 0 && !fixed.contains(flow.edge) ? nodes.count - 1 : nil
  }

  /// Fuses an activation into the preceding node.
  ///
  /// - Returns: false if that node already has one or supports none, or if the derivative needs the
  ///   activation's input, which a fused activation does not keep.
  mutating func join(_ function: ActivationFunction) -> Bool {
    guard function.derivesFromOutput, let previous,
      let joined = nodes[previous].operation.joining(function)
    else {
      return false
    }
    nodes[previous].operation = joined
    return true
  }

  /// Fuses a max pooling into the preceding node.
  ///
  /// - Returns: false if that node already has one, or supports none, or poolings are not fused.
  mutating func join(maxPooling window: Window) -> Bool {
    guard joinsMaxPoolings, let previous,
      let joined = nodes[previous].operation.joining(maxPooling: window)
    else { return false }
    nodes[previous].operation = joined
    nodes[previous].outputShape = output
    flow = Flow(edge: flow.edge, shape: output, isFlattened: false)
    return true
  }
}
