import KernelInterface

extension Architecture {
  /// The architecture as stages to be: activations and max poolings join the layer before them,
  /// identities vanish, and a flatten is nothing where a dense layer follows.
  func nodes(for input: FeatureShape, loss: LossFunction) throws(ArchitectureError) -> [PlanNode] {
    _ = try outputShape(for: input)
    var layers = layers
    while layers.last == .identity { layers.removeLast() }
    if loss == .crossEntropy, layers.last == .softmax { layers.removeLast() }
    let shapes = try Architecture(layers).outputShapes(for: input)

    var nodes: [PlanNode] = []
    // Flattened maps keep their shape until something needs them as a vector.
    var shape = input
    for (index, layer) in layers.enumerated() {
      switch layer {
      case .identity: continue
      case .flatten:
        guard needsVector(layers[(index + 1)...]), shape.height * shape.width > 1 else { continue }
        shape = shapes[index]
        nodes.append(PlanNode(operation: .flatten, layer: index, outputShape: shape))
      default:
        if !shapes[index].isFlat || layer.type == .dense { shape = shapes[index] }
        if let last = nodes.last,
          let joined = last.joined(
            by: layer, input: last.layer > 0 ? shapes[last.layer - 1] : input, outputShape: shape)
        {
          nodes[nodes.count - 1] = joined
        } else {
          nodes.append(PlanNode(operation: layer.operation, layer: index, outputShape: shape))
        }
      }
    }
    if nodes.isEmpty {
      nodes = [
        PlanNode(operation: .activation(.elementwise(.identity)), layer: 0, outputShape: shape)
      ]
    }
    return nodes
  }

  /// Whether a vector is seen as a whole before a dense layer takes it in.
  private func needsVector(_ following: ArraySlice<Layer>) -> Bool {
    for layer in following {
      switch layer {
      case .dense: return false
      case .softmax: return true
      default: continue
      }
    }
    return true
  }
}

extension Layer {
  fileprivate var activation: ActivationFunction? {
    switch self {
    case .relu: .relu
    case .leakyRelu(let slope): .leakyRelu(slope: slope)
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    default: nil
    }
  }

  fileprivate var operation: PlanNode.Operation {
    switch self {
    case .convolution(let filters, let kernelSize, let stride, let padding, let hasBias):
      .convolution(
        ConvolutionSize(
          filters: filters, kernelSize: kernelSize, stride: stride, padding: padding,
          hasBias: hasBias),
        .identity, maxPooling: nil)
    case .maxPooling(let kernelSize, let stride):
      .pooling(.max, kernelSize: kernelSize, stride: stride)
    case .averagePooling(let kernelSize, let stride):
      .pooling(.average, kernelSize: kernelSize, stride: stride)
    case .dense(let units): .dense(units: units, .identity)
    case .dropout(let rate): .dropout(rate: rate)
    case .softmax: .activation(.softmax)
    case .flatten: .flatten
    case .relu, .leakyRelu, .sigmoid, .tanh, .identity:
      .activation(.elementwise(activation ?? .identity))
    }
  }
}

extension PlanNode {
  /// The node with a layer joined to it, or nil if that needs a stage of its own.
  ///
  /// - Parameter input: the node's own.
  fileprivate func joined(
    by layer: Layer, input: FeatureShape, outputShape: FeatureShape
  ) -> PlanNode? {
    var node = self
    node.outputShape = outputShape
    switch (operation, layer) {
    case (.convolution(let size, let activation, nil), .maxPooling(let kernelSize, let stride)):
      // Winners are kept as places of the input, in floats.
      guard size.reach(ofWindow: kernelSize, in: input) <= 1 << 24 else { return nil }
      // Activations never fall, so the largest activated value is the activated largest one.
      node.operation = .convolution(size, activation, maxPooling: (kernelSize, stride))
    case (.convolution(let size, .identity, let pooling), _):
      guard let activation = layer.activation else { return nil }
      node.operation = .convolution(size, activation, maxPooling: pooling)
    case (.dense(let units, .identity), _):
      guard let activation = layer.activation else { return nil }
      node.operation = .dense(units: units, activation)
    default: return nil
    }
    return node
  }
}
