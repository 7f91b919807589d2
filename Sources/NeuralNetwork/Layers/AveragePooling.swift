/// The mean of each K × K window, S apart: C × ((H − K) / S + 1) × ((W − K) / S + 1).
package struct AveragePooling: Layer {
  package static let typeName = "averagePooling"

  package let kernelSize: Int
  package let stride: Int

  /// - Parameter stride: the kernel size where none is given, so that windows do not overlap.
  package init(kernelSize: Int, stride: Int? = nil) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
  }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    kernelSize = try fields.integer("kernelSize")
    stride = try fields.integer("stride", default: kernelSize)
  }

  package var fields: [String: LayerField] {
    ["kernelSize": .integer(kernelSize), "stride": .integer(stride)]
  }

  package var summary: String {
    "averagePooling \(kernelSize)×\(kernelSize)" + (stride == kernelSize ? "" : " stride \(stride)")
  }

  package func validate() throws(LayerError) {
    try LayerError.check("kernelSize", kernelSize, atLeast: 1, atMost: 4_096)
    try LayerError.check("stride", stride, atLeast: 1)
  }

  package func outputShape(for input: FeatureShape) throws(LayerError) -> FeatureShape {
    let (rows, columns) = try Window(kernelSize: kernelSize, stride: stride)
      .positions(over: input)
    return FeatureShape(channels: input.channels, height: rows, width: columns)
  }

  package func add(to nodes: inout PlanNodes) {
    nodes.append(.pooling(.average, kernelSize: kernelSize, stride: stride))
  }
}
