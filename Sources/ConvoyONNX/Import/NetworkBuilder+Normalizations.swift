import ConvoyNeuralNetwork
import ConvoyStrictJSON

extension NetworkBuilder {
  mutating func addBatchNormalization(
    _ node: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    try node.require("training_mode", 0)
    let channels = sequence.shape.channels
    var tensors: [FloatTensor] = []
    for input in 1...4 {
      let tensor = try node.floats(input: input)
      guard tensor.shape == [channels] else {
        throw node.unsupported(
          "\(channels) numbers in \(quoted(tensor.name))", "shape \(brief(tensor.shape))")
      }
      tensors.append(tensor)
    }
    let hasScale = tensors[0].isLearned(neutral: 1)
    let hasShift = tensors[1].isLearned(neutral: 0)
    let layer = BatchNormalization(
      momentum: Self.momentum(keeping: try node.float("momentum", default: 0.9)),
      epsilon: try node.float("epsilon", default: 1e-5), hasScale: hasScale, hasShift: hasShift)
    let parameters =
      (hasScale ? [Parameter.vector("weight", tensors[0].values)] : [])
      + (hasShift ? [Parameter.vector("bias", tensors[1].values)] : [])
      + [
        .vector("running_mean", tensors[2].values), .vector("running_var", tensors[3].values),
      ]
    try append(layer, parameters, for: node, to: &sequence)
  }

  /// ONNX's momentum is the share of the old estimates. The difference is rounded to millionths: the
  /// digits behind are those of the subtraction.
  private static func momentum(keeping share: Float) -> Float {
    Float(((1 - Double(share)) * 1e6).rounded() / 1e6)
  }

  /// Each channel is a group.
  mutating func addInstanceNormalization(
    _ node: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    try addNormalization(
      node, groups: sequence.shape.channels, scale: try node.floats(input: 1),
      shift: try node.floats(input: 2), to: &sequence)
  }

  mutating func addGroupNormalization(
    _ node: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    try addNormalization(
      node, groups: try node.integer("num_groups", default: 0), scale: try node.floats(input: 1),
      shift: try node.floats(input: 2), to: &sequence)
  }

  private mutating func addNormalization(
    _ node: NodeReader, groups: Int, scale: FloatTensor, shift: FloatTensor,
    to sequence: inout Sequence
  ) throws(ONNXError) {
    for tensor in [scale, shift] where tensor.values.count != sequence.shape.channels {
      throw node.unsupported(
        "\(sequence.shape.channels) numbers in \(quoted(tensor.name))",
        "\(tensor.values.count)")
    }
    try add(
      node, groups: groups, scale: scale.isLearned(neutral: 1) ? scale.values : nil,
      shift: shift.isLearned(neutral: 0) ? shift.values : nil, to: &sequence)
  }

  private mutating func add(
    _ node: NodeReader, groups: Int, scale: [Float]?, shift: [Float]?,
    to sequence: inout Sequence
  ) throws(ONNXError) {
    try append(
      GroupNormalization(
        groups: groups, epsilon: try node.float("epsilon", default: 1e-5),
        hasScale: scale != nil, hasShift: shift != nil),
      (scale.map { [.vector("weight", $0)] } ?? []) + (shift.map { [.vector("bias", $0)] } ?? []),
      for: node, to: &sequence)
  }

  /// Group normalisation by other operators: groups become channels, which InstanceNormalization
  /// normalises; then channels are scaled and shifted.
  ///
  /// - Returns: false if this is another reshape.
  mutating func addGroupedNormalization(
    _ node: NodeReader, followedBy rest: inout ArraySlice<GraphFlow.Step>,
    to sequence: inout Sequence
  ) throws(ONNXError) -> Bool {
    let steps = rest.prefix(2).map(\.node)
    guard steps.map(\.operation) == ["InstanceNormalization", "Reshape"],
      let sizes = node.integers(input: 1), sizes.count == 3, sizes[2] == -1
    else { return false }
    let (normalization, back) = (
      NodeReader(node: steps[0], constants: constants, path: path),
      NodeReader(node: steps[1], constants: constants, path: path)
    )
    guard isShape(of: sequence.shape, back) else {
      throw back.unsupported(
        "the shape before the groups, \(sequence.shape)",
        back.integers(input: 1).map { brief($0) } ?? "a computed one")
    }
    for (input, neutral) in [(1, Float(1)), (2, 0)] {
      guard try normalization.floats(input: input).values.allSatisfy({ $0 == neutral }) else {
        throw normalization.unsupported("groups without scales and shifts", "some with")
      }
    }
    rest.removeFirst(2)
    let scale = try takeChannels("Mul", neutral: 1, from: &rest, sequence.shape)
    let shift = try takeChannels("Add", neutral: 0, from: &rest, sequence.shape)
    try add(normalization, groups: sizes[1], scale: scale, shift: shift, to: &sequence)
    return true
  }

  private func isShape(of shape: FeatureShape, _ reshape: NodeReader) -> Bool {
    guard reshape.has(input: 1) else { return false }
    if constants.isShape(reshape.node.inputs[1]) { return true }
    let sizes =
      shape.isFlat ? [shape.channels] : [shape.channels, shape.height, shape.width]
    guard let found = reshape.integers(input: 1), found.count == sizes.count + 1 else {
      return false
    }
    return zip(sizes, found.dropFirst()).allSatisfy { $0 == $1 || $1 == 0 || $1 == -1 }
  }

  /// Takes the next step if it is an operation with a number for each channel.
  ///
  /// - Returns: the numbers; nil if they are constants that change nothing, or if it is another step.
  private func takeChannels(
    _ operation: String, neutral: Float, from rest: inout ArraySlice<GraphFlow.Step>,
    _ shape: FeatureShape
  ) throws(ONNXError) -> [Float]? {
    guard case .node(let node)? = rest.first, node.operation == operation else { return nil }
    let (tensor, _) = try NodeReader(node: node, constants: constants, path: path).operand()
    if tensor.single == neutral {
      rest.removeFirst()
      return nil
    }
    guard let values = tensor.channels(of: shape) else { return nil }
    rest.removeFirst()
    return tensor.isLearned(neutral: neutral) ? values : nil
  }
}
