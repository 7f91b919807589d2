import ConvoyNeuralNetwork
import ConvoyStrictJSON

extension NetworkBuilder {
  /// Adds the layer of a node that reads one value.
  ///
  /// - Parameter rest: the steps behind it; those that belong to the same layer are taken.
  mutating func add(
    _ node: NodeReader, followedBy rest: inout ArraySlice<GraphFlow.Step>,
    to sequence: inout Sequence
  ) throws(ONNXError) {
    switch node.node.operation {
    case "Conv": try addConvolution(node, to: &sequence)
    case "Gemm": try addGemm(node, to: &sequence)
    case "MatMul": try addProduct(node, to: &sequence)
    case "BatchNormalization": try addBatchNormalization(node, to: &sequence)
    case "InstanceNormalization": try addInstanceNormalization(node, to: &sequence)
    case "GroupNormalization": try addGroupNormalization(node, to: &sequence)
    case "MaxPool", "AveragePool": try addPooling(node, to: &sequence)
    case "GlobalAveragePool": try append(GlobalAveragePooling(), for: node, to: &sequence)
    case "GlobalMaxPool": try append(GlobalMaxPooling(), for: node, to: &sequence)
    case "ReduceMean", "ReduceMax": try addReduction(node, to: &sequence)
    case "Flatten":
      try node.require("axis", 1)
      try addFlatten(node, to: &sequence)
    case "Squeeze": try addSqueeze(node, to: &sequence)
    case "Reshape":
      if try !addGroupedNormalization(node, followedBy: &rest, to: &sequence) {
        try addReshape(node, to: &sequence)
      }
    case "Dropout": try addDropout(node, to: &sequence)
    case "Identity": break
    // Of one value.
    case "Concat" where node.node.inputs.count == 1: break
    case "Softmax": try addSoftmax(node, to: &sequence)
    case "LogSoftmax":
      // Cross-entropy of it is that of the values before.
      guard rest.isEmpty, sequence.prefix.isEmpty else {
        throw node.unsupported("no node behind it", rest.first?.node.operation ?? "a branch")
      }
      try addSoftmax(node, to: &sequence)
    case "Add", "Sub": try addSum(node, to: &sequence)
    case "Mul", "Div": try addScale(node, to: &sequence)
    case "PRelu": try addPReLU(node, to: &sequence)
    default: try append(try activation(node), for: node, to: &sequence)
    }
  }

  private func activation(_ node: NodeReader) throws(ONNXError) -> any Layer {
    switch node.node.operation {
    case "Relu": return ReLU()
    case "Clip":
      let limits = try node.clipLimits()
      func text(_ limit: Float) -> String {
        abs(limit) < .greatestFiniteMagnitude ? "\(limit)" : "none"
      }
      if let limits, limits.least == 0 {
        if limits.most == 6 { return ReLU6() }
        if limits.most >= .greatestFiniteMagnitude { return ReLU() }
      }
      let found = limits.map { "\(text($0.least)) and \(text($0.most))" } ?? "tensors"
      throw node.unsupported("the limits 0 and 6 (ReLU6), or 0 alone", found)
    case "LeakyRelu": return LeakyReLU(slope: try node.float("alpha", default: 0.01))
    case "Elu": return ELU(alpha: try node.float("alpha", default: 1))
    case "Sigmoid": return Sigmoid()
    case "Tanh": return Tanh()
    case "HardSwish": return HardSwish()
    case "Gelu":
      let approximation = try node.text("approximate", default: "none")
      guard approximation == "none" else {
        throw node.unsupported("no approximation", quoted(approximation))
      }
      return GELU()
    case "Swish":
      let alpha = try node.float("alpha", default: 1)
      guard alpha == 1 else { throw node.unsupported("alpha 1", "\(alpha)") }
      return SiLU()
    default:
      throw node.unsupported(
        "an operator that Convoy has a layer for", quoted(node.node.operation))
    }
  }

  private mutating func addPReLU(
    _ node: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    let slopes = try node.floats(input: 1)
    let isShared = slopes.values.count == 1
    guard let values = isShared ? slopes.values : slopes.channels(of: sequence.shape) else {
      throw node.unsupported("one slope, or one per channel", "shape \(brief(slopes.shape))")
    }
    try append(
      PReLU(isShared: isShared), [.vector("weight", values)], for: node, to: &sequence)
  }

  private mutating func addSoftmax(
    _ node: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    // Before operator set 13, all axes from the given one on were one.
    let axis = try node.integer("axis", default: operatorSet < 13 ? 1 : -1)
    let isOfChannels = axis == 1 || axis == (sequence.hasMapAxes ? -3 : -1)
    guard isOfChannels, operatorSet >= 13 || sequence.shape.isFlat else {
      throw node.unsupported("a softmax over channels", "axis \(axis)")
    }
    try append(Softmax(), for: node, to: &sequence)
  }

  /// Dropout is kept, for training on.
  private mutating func addDropout(
    _ node: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    let rate =
      node.has(input: 1)
      ? try node.floats(input: 1).single ?? 0.5 : try node.float("ratio", default: 0.5)
    if rate != 0 { try append(Dropout(rate: rate), for: node, to: &sequence) }
  }

  /// A sum with numbers: of a layer before it, they are the bias.
  private mutating func addSum(
    _ node: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    let (tensor, isSecond) = try node.operand()
    let isSum = node.node.operation == "Add"
    if isSum, appendBias(tensor, to: &sequence) { return }
    // Nothing minus a map is its negative, and a tensor of zeros could make the map larger.
    guard isSum || isSecond, tensor.single == 0 else {
      throw node.unsupported(
        "a bias behind a convolution or dense layer without one",
        "a tensor of shape \(brief(tensor.shape)) behind "
          + (sequence.layers.last.map { type(of: $0).typeName } ?? "the input"))
    }
  }

  private mutating func addScale(
    _ node: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    let (tensor, isSecond) = try node.operand()
    let isProduct = node.node.operation == "Mul"
    guard let single = tensor.single, isProduct || isSecond else {
      throw node.unsupported("a single factor", "a tensor of shape \(brief(tensor.shape))")
    }
    let factor = isProduct ? single : 1 / single
    guard factor.isFinite else { throw node.unsupported("a finite factor", "\(factor)") }
    try append(Scale(factor: factor), for: node, to: &sequence)
  }
}

// Nodes that make vectors of maps.
extension NetworkBuilder {
  private mutating func addFlatten(
    _ node: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    // Global poolings give vectors already.
    if !sequence.shape.isFlat { try append(Flatten(), for: node, to: &sequence) }
    sequence.hasMapAxes = false
  }

  /// The mean or maximum of each channel.
  private mutating func addReduction(
    _ node: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    let axes = try node.integersIfPresent("axes") ?? node.integers(input: 1) ?? []
    guard !sequence.shape.isFlat, [[2, 3], [-2, -1]].contains(axes.sorted()) else {
      throw node.unsupported("the axes of rows and columns, [2, 3]", brief(axes))
    }
    if node.node.operation == "ReduceMean" {
      try append(GlobalAveragePooling(), for: node, to: &sequence)
    } else {
      try append(GlobalMaxPooling(), for: node, to: &sequence)
    }
    sequence.hasMapAxes = try node.integer("keepdims", default: 1) != 0
  }

  private mutating func addSqueeze(
    _ node: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    let axes = try node.integersIfPresent("axes") ?? node.integers(input: 1) ?? []
    let (shape, ones) = (sequence.shape, [[2, 3], [-2, -1]])
    guard shape.height == 1, shape.width == 1, ones.contains(axes.sorted()) else {
      throw node.unsupported("axes of single rows and columns, [2, 3]", brief(axes))
    }
    try addFlatten(node, to: &sequence)
  }

  private mutating func addReshape(
    _ node: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    guard node.has(input: 1) else { throw node.unsupported("a shape", "none") }
    let count = sequence.shape.count
    if let size = constants.sizeBehindBatch(node.node.inputs[1]), [-1, count].contains(size) {
      return try addFlatten(node, to: &sequence)
    }
    guard let sizes = node.integers(input: 1) else {
      throw node.unsupported("a shape that is a tensor of the file", "a computed one")
    }
    let keepsBatch = sizes.count == 2 && ([0, -1].contains(sizes[0]) || sizes[0] == batch)
    guard keepsBatch, sizes[1] == count || sizes[1] == -1 && sizes[0] != -1 else {
      throw node.unsupported("a vector of \(count) numbers for each sample", brief(sizes))
    }
    try addFlatten(node, to: &sequence)
  }
}
