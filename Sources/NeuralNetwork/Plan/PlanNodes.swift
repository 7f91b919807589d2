import KernelInterface

/// The nodes of a plan as layers add them: activations and max poolings join the layer before them where
/// they can, and a flattened map stays as it is until something needs it as a vector.
package struct PlanNodes {
  private(set) var nodes: [PlanNode] = []
  /// The shape that the next node finds; of a flattened map, the map's.
  private var shape: FeatureShape
  private var isFlattened = false
  /// The layer that adds nodes, and its output.
  private var layer = 0
  private var output: FeatureShape

  /// The nodes of an architecture.
  init(
    _ architecture: Architecture, input: FeatureShape, loss: LossFunction
  ) throws(ArchitectureError) {
    _ = try architecture.outputShape(for: input)
    shape = input
    output = input
    var layers = architecture.layers
    while layers.last is Identity { layers.removeLast() }
    // The loss has a softmax of its own.
    if loss == .crossEntropy, layers.last is Softmax { layers.removeLast() }
    let shapes = try Architecture(layers).outputShapes(for: input)
    for (index, (layer, output)) in zip(layers, shapes).enumerated() {
      self.layer = index
      self.output = output
      layer.add(to: &self)
    }
    makeVector()
    if nodes.isEmpty { append(.activation(.elementwise(.identity))) }
  }

  /// Adds a node that turns what is there into the layer's output.
  mutating func append(_ operation: PlanNode.Operation) {
    if operation.needsVector { makeVector() }
    let input = shape
    let isDense = if case .dense = operation { true } else { false }
    if isDense || !output.isFlat {
      shape = output
      isFlattened = false
    }
    nodes.append(
      PlanNode(operation: operation, layer: layer, inputShape: input, outputShape: shape))
  }

  /// Makes a vector of a map, at the latest at the network's end.
  mutating func flatten() { isFlattened = true }

  private mutating func makeVector() {
    guard isFlattened, shape.height * shape.width > 1 else { return }
    let input = shape
    shape = FeatureShape(features: input.count)
    nodes.append(
      PlanNode(operation: .flatten, layer: layer, inputShape: input, outputShape: shape))
  }

  /// Makes an activation part of the convolution or dense layer before it.
  ///
  /// - Returns: false if there is none, or it has one already.
  mutating func joinActivation(_ function: ActivationFunction) -> Bool {
    guard let last = nodes.indices.last else { return false }
    switch nodes[last].operation {
    case .convolution(let size, .identity, let pooling):
      nodes[last].operation = .convolution(size, function, maxPooling: pooling)
    case .dense(let units, .identity): nodes[last].operation = .dense(units: units, function)
    default: return false
    }
    return true
  }

  /// Makes a max pooling part of the convolution before it. Activations never fall, so the largest
  /// activated value is the activated largest one.
  ///
  /// - Returns: false if there is none, or it has one already, or the window is too large.
  mutating func joinMaxPooling(kernelSize: Int, stride: Int) -> Bool {
    guard let last = nodes.indices.last,
      case .convolution(let size, let activation, nil) = nodes[last].operation,
      // Winners are kept as offsets in the convolution's input, in floats.
      size.reach(ofWindow: kernelSize, in: nodes[last].inputShape) <= 1 << 24
    else { return false }
    shape = output
    nodes[last].operation = .convolution(size, activation, maxPooling: (kernelSize, stride))
    nodes[last].outputShape = shape
    return true
  }
}
