extension Architecture {
  /// The cost of every layer, in training; the first layer with weights needs no input gradient.
  package func costs(for input: FeatureShape) throws(ArchitectureError) -> [LayerCost] {
    var shape = input
    var isFirst = true
    var costs: [LayerCost] = []
    for (layer, output) in zip(layers, try outputShapes(for: input)) {
      var weights = 0
      var biases = 0
      var uses = 0
      switch layer {
      case .convolution(let filters, let kernelSize, _, _, let hasBias):
        biases = hasBias ? filters : 0
        weights = filters * shape.channels * kernelSize * kernelSize
        uses = weights * output.height * output.width
      case .dense(let units):
        biases = units
        weights = units * shape.count
        uses = weights
      default: break
      }
      costs.append(
        LayerCost(
          output: output, parameters: weights + biases,
          operations: 2 * uses * (isFirst ? 2 : 3)))
      if weights > 0 { isFirst = false }
      shape = output
    }
    return costs
  }
}
