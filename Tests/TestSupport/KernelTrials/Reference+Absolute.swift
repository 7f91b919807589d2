import ConvoyReference

extension ReferenceConvolution<Double> {
  /// All numbers positive: what this layer gives are the Σ |a · b| of error bounds.
  var absolute: Self {
    var layer = self
    layer.weights = layer.weights.map(abs)
    layer.biases = layer.biases.map(abs)
    return layer
  }
}

extension ReferenceTensor<Double> {
  var absolute: Self { ReferenceTensor(shape: shape, values: values.map(abs)) }
}

extension ReferenceShape {
  /// Whether a value is in the outermost rows and columns of its channel.
  func isFrame(_ index: Int, width frame: Int) -> Bool {
    let (row, column) = (index / width % height, index % width)
    return row < frame || row >= height - frame || column < frame || column >= width - frame
  }
}
