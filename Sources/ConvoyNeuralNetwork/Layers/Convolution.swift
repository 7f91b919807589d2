import ConvoyKernelInterface

/// Input C × H × W, output filters × ((H + 2P − K) / S + 1) × ((W + 2P − K) / S + 1), rounded down:
/// output = bias + Σ over channel, kernel row and kernel column of input · filter (LeCun et al.,
/// 1989). Zero padding P on every side, stride S, kernel size K. Without biases, a zero map gives a
/// zero output.
package struct Convolution: Layer {
  package static let typeName = "convolution"

  package let filters: Int
  package let kernelSize: Int
  package let stride: Int
  package let padding: Int
  package let hasBias: Bool

  package init(
    filters: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0, hasBias: Bool = true
  ) {
    self.filters = filters
    self.kernelSize = kernelSize
    self.stride = stride
    self.padding = padding
    self.hasBias = hasBias
  }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    self.init(
      filters: try fields.integer("filters"), kernelSize: try fields.integer("kernelSize"),
      stride: try fields.integer("stride", default: 1),
      padding: try fields.integer("padding", default: 0),
      hasBias: try fields.boolean("bias", default: true))
  }

  package var fields: [String: LayerField] {
    var fields: [String: LayerField] = [
      "filters": .integer(filters), "kernelSize": .integer(kernelSize),
      "stride": .integer(stride), "padding": .integer(padding),
    ]
    if !hasBias { fields["bias"] = .boolean(false) }
    return fields
  }

  package var summary: String {
    "convolution \(filters) \(kernelSize)×\(kernelSize)"
      + (stride == 1 ? "" : " stride \(stride)") + (padding == 0 ? "" : " padding \(padding)")
      + (hasBias ? "" : " no bias")
  }

  package func validate() throws(LayerError) {
    try LayerError.check("filters", filters, atLeast: 1)
    // The input gradient has up to K² parts; a larger kernel could split it into parts too small to
    // pay.
    try LayerError.check("kernelSize", kernelSize, atLeast: 1, atMost: 1_024)
    try LayerError.check("stride", stride, atLeast: 1)
    try LayerError.check("padding", padding, atLeast: 0)
  }

  package func outputShape(
    for input: FeatureShape, branches: [FeatureShape]
  ) throws(LayerError) -> FeatureShape {
    let (rows, columns) = try Window(kernelSize: kernelSize, stride: stride, padding: padding)
      .positions(over: input)
    try LayerError.check(sizes: [filters, rows, columns])
    try LayerError.check(sizes: [filters, input.channels, kernelSize, kernelSize])
    return FeatureShape(channels: filters, height: rows, width: columns)
  }

  package func cost(for input: FeatureShape, output: FeatureShape) -> LayerCost {
    let weights = filters * input.channels * kernelSize * kernelSize
    return LayerCost(
      weights: weights, biases: hasBias ? filters : 0,
      multiplyAdds: weights * output.height * output.width)
  }

  /// One part for each pair of row and column residues of the stride.
  package func inputGradientParts(for input: FeatureShape) -> Int {
    size.residues(size: input.height).count * size.residues(size: input.width).count
  }

  package func add(to plan: inout PlanBuilder) {
    plan.append(ConvolutionOperation(size: size))
  }

  private var size: ConvolutionSize {
    ConvolutionSize(
      filters: filters, kernelSize: kernelSize, stride: stride, padding: padding, hasBias: hasBias)
  }
}
