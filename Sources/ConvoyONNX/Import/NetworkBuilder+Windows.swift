import ConvoyNeuralNetwork
import ConvoyStrictJSON

// Convolutions, dense layers and poolings.
extension NetworkBuilder {
  mutating func addConvolution(
    _ node: NodeReader, to sequence: inout Sequence
  ) throws(ONNXError) {
    let weights = try node.floats(input: 1)
    guard weights.shape.count == 4 else {
      throw node.unsupported("filters with rows and columns", "shape \(brief(weights.shape))")
    }
    let kernelSize = Pair(weights.shape[2], weights.shape[3])
    let stated = try node.pair("kernel_shape", default: kernelSize)
    guard stated == kernelSize else {
      throw node.unsupported("kernel_shape \(kernelSize)", "\(stated)")
    }
    let stride = try node.pair("strides", default: 1)
    let dilation = try node.pair("dilations", default: 1)
    let groups = try node.integer("group", default: 1)
    let channels = sequence.shape.channels
    guard groups > 0, channels.isMultiple(of: groups), weights.shape[1] == channels / groups else {
      throw node.unsupported(
        "filters of \(channels) channels in \(groups) groups",
        "shape \(brief(weights.shape))")
    }
    var parameters = [
      Parameter(name: "weight", shape: weights.shape, values: weights.values)
    ]
    let bias = try bias(node, input: 2, count: weights.shape[0])
    if let bias { parameters.append(bias) }
    try append(
      Convolution(
        filters: weights.shape[0], kernelSize: kernelSize, stride: stride,
        padding: try padding(node, kernelSize, stride, dilation), dilation: dilation,
        groups: groups, bias: bias != nil),
      parameters, for: node, to: &sequence)
  }

  private func bias(
    _ node: NodeReader, input: Int, count: Int
  ) throws(ONNXError) -> Parameter? {
    guard node.has(input: input) else { return nil }
    let bias = try node.floats(input: input)
    guard bias.values.count == count, bias.shape.last == count else {
      throw node.unsupported("a bias of \(count) numbers", "shape \(brief(bias.shape))")
    }
    return .vector("bias", bias.values)
  }

  private func padding(
    _ node: NodeReader, _ kernelSize: Pair, _ stride: Pair, _ dilation: Pair
  ) throws(ONNXError) -> Convolution.Padding {
    switch try node.text("auto_pad", default: "NOTSET") {
    case "NOTSET": break
    case "VALID": return .zeros(0)
    case "SAME_UPPER" where stride == 1: return .same
    case let other: throw node.unsupported("pads, or SAME_UPPER with stride 1", quoted(other))
    }
    let pads = try pads(node)
    if pads[0] == pads[2], pads[1] == pads[3] { return .zeros(Pair(pads[0], pads[1])) }
    // Sizes are far from overflow: the layer checks them, but later.
    let total = [(kernelSize.rows, dilation.rows), (kernelSize.columns, dilation.columns)]
      .map { ($0 - 1).multipliedReportingOverflow(by: $1).partialValue }
    guard stride == 1, pads == total.map({ $0 / 2 }) + total.map({ $0 - $0 / 2 }) else {
      throw node.unsupported(
        "the same padding on both sides, or one that keeps the size", "pads \(brief(pads))")
    }
    return .same
  }

  /// Before rows and columns, then after them.
  private func pads(_ node: NodeReader) throws(ONNXError) -> [Int] {
    let pads = try node.integersIfPresent("pads") ?? [0, 0, 0, 0]
    guard pads.count == 4 else {
      throw node.unsupported("pads for rows and columns", brief(pads))
    }
    return pads
  }

  /// alpha · input · matrix + beta · bias.
  mutating func addGemm(_ node: NodeReader, to sequence: inout Sequence) throws(ONNXError) {
    for name in ["alpha", "beta"] {
      let factor = try node.float(name, default: 1)
      guard factor == 1 || name == "beta" && !node.has(input: 2) else {
        throw node.unsupported("\(name) 1", "\(factor)")
      }
    }
    try node.require("transA", 0)
    let isTransposed = try node.integer("transB", default: 0) != 0
    try addDense(node, outputsAreRows: isTransposed, to: &sequence)
  }

  mutating func addProduct(_ node: NodeReader, to sequence: inout Sequence) throws(ONNXError) {
    guard node.node.inputs.count == 2, constants.has(node.node.inputs[1]) else {
      throw node.unsupported("a product with a matrix of the file as the second input", "another")
    }
    try addDense(node, outputsAreRows: false, to: &sequence)
  }

  private mutating func addDense(
    _ node: NodeReader, outputsAreRows: Bool, to sequence: inout Sequence
  ) throws(ONNXError) {
    let matrix = try node.floats(input: 1)
    let count = sequence.shape.count
    guard matrix.shape.count == 2, matrix.shape[outputsAreRows ? 1 : 0] == count else {
      throw node.unsupported(
        "a matrix for \(count) inputs", "shape \(brief(matrix.shape))")
    }
    let units = matrix.shape[outputsAreRows ? 0 : 1]
    var parameters = [
      Parameter(
        name: "weight", shape: [units, count],
        values: outputsAreRows ? matrix.values : matrix.transposed())
    ]
    let bias = try bias(node, input: 2, count: units)
    if let bias { parameters.append(bias) }
    try append(Dense(units, bias: bias != nil), parameters, for: node, to: &sequence)
  }

  mutating func addPooling(_ node: NodeReader, to sequence: inout Sequence) throws(ONNXError) {
    guard try node.integersIfPresent("kernel_shape") != nil else {
      throw node.unsupported("an attribute 'kernel_shape'", "none")
    }
    let kernelSize = try node.pair("kernel_shape", default: 1)
    let stride = try node.pair("strides", default: 1)
    guard try node.pair("dilations", default: 1) == 1 else {
      throw node.unsupported("a pooling without dilation", "one with")
    }
    let pads = try pads(node)
    let automatic = try node.text("auto_pad", default: "NOTSET")
    guard ["NOTSET", "VALID"].contains(automatic), pads[0] == pads[2], pads[1] == pads[3] else {
      throw node.unsupported(
        "the same padding on both sides",
        automatic == "NOTSET" ? "pads \(brief(pads))" : quoted(automatic))
    }
    let padding = Pair(pads[0], pads[1])
    let before = sequence.shape
    if node.node.operation == "MaxPool" {
      try append(
        MaxPooling(kernelSize, stride: stride, padding: padding), for: node,
        to: &sequence)
    } else {
      if padding != 0 { try node.require("count_include_pad", 1, default: 0) }
      try append(
        AveragePooling(kernelSize, stride: stride, padding: padding), for: node,
        to: &sequence)
    }
    // The layer has checked the sizes. Rounding up must not add a window.
    let isExact =
      (before.height + 2 * padding.rows - kernelSize.rows).isMultiple(of: stride.rows)
      && (before.width + 2 * padding.columns - kernelSize.columns).isMultiple(of: stride.columns)
    if !isExact { try node.require("ceil_mode", 0) }
  }
}
