import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport

/// A convolution of a random shape with random numbers, for the reference and for the kernels.
struct ConvolutionCase {
  let layer: ReferenceConvolution<Double>
  let input: ReferenceTensor<Double>
  let outputShape: ReferenceShape
  let inputMap: StoredMap
  let filters: FilterLayout
  let description: String

  enum Numbers {
    case uniform
    /// Whole numbers, large parts of them blank, whose sums are exact: maxima then tie often, and
    /// the reference's winners are the kernels'.
    case exact
  }

  /// - Parameter output: rows and columns of the output; random where nil.
  init(
    seed: UInt64, output: (rows: Int, columns: Int)? = nil, numbers: Numbers = .uniform
  ) {
    var generator = SeededGenerator(seed: seed)
    let inputChannels = generator.pick([1, 3, 7, 17, 59])
    let height = generator.integer(in: 1...5)
    let width = generator.integer(in: 1...5)
    let stride = generator.integer(in: 1...3)
    let padding = generator.integer(in: 0...(min(height, width) - 1) / 2)
    let rows = output?.rows ?? generator.integer(in: 1...4)
    let columns = output?.columns ?? generator.integer(in: 1...9)
    // Some filters of the last eight may be missing.
    let filterCount = generator.pick([8, 16, 24, 40]) - generator.pick([0, 0, 1, 5])
    // What is too little for one more window stays unread.
    let remainder = (generator.integer(in: 0...stride - 1), generator.integer(in: 0...stride - 1))
    let shape = ReferenceShape(
      channels: inputChannels,
      height: (rows - 1) * stride + height - 2 * padding + remainder.0,
      width: (columns - 1) * stride + width - 2 * padding + remainder.1)
    outputShape = ReferenceShape(channels: filterCount, height: rows, width: columns)
    // A first layer reads images as they come, without added channels.
    let addsChannels = inputChannels > 3 || generator.chance(of: 0.5)
    inputMap = StoredMap(
      shape, channels: addsChannels ? nil : inputChannels, padding: padding,
      margin: generator.integer(in: 0...1))
    filters = FilterLayout(
      inputChannels: inputChannels, storedChannels: inputMap.channels, kernelHeight: height,
      kernelWidth: width, filters: filterCount)

    let weightCount = filterCount * inputChannels * height * width
    switch numbers {
    case .uniform:
      input = ReferenceTensor(shape: shape, values: generator.values(count: shape.count))
      layer = ReferenceConvolution(
        inputChannels: inputChannels, outputChannels: filterCount,
        window: ReferenceWindow(
          height: height, width: width, stride: stride, padding: padding),
        weights: generator.values(count: weightCount),
        biases: generator.values(count: filterCount))
    case .exact:
      var values = generator.gridValues(count: shape.count, in: -3...3)
      for index in values.indices where index / 5 % 2 == 0 { values[index] = 0 }
      input = ReferenceTensor(shape: shape, values: values)
      layer = ReferenceConvolution(
        inputChannels: inputChannels, outputChannels: filterCount,
        window: ReferenceWindow(
          height: height, width: width, stride: stride, padding: padding),
        weights: generator.gridValues(count: weightCount, in: -2...2, unit: 0.125),
        biases: generator.gridValues(count: filterCount, in: -2...2, unit: 0.125))
    }
    description =
      "seed \(seed): \(inputChannels) (stored \(inputMap.channels)) × \(shape.height) × "
      + "\(shape.width), \(filterCount) filters of \(height) × \(width), stride \(stride), "
      + "padding \(padding), output \(rows) × \(columns)"
  }

  /// Products in each sum; those with added zeros are exact.
  var taps: Int { filters.inputChannels * filters.kernelHeight * filters.kernelWidth }

  /// The same layer with all numbers positive: what it gives are the Σ |a · b| of the bounds.
  var magnitudes: (layer: ReferenceConvolution<Double>, input: ReferenceTensor<Double>) {
    var layer = layer
    layer.weights = layer.weights.map(abs)
    layer.biases = layer.biases.map(abs)
    return (layer, ReferenceTensor(shape: input.shape, values: input.values.map(abs)))
  }

  func geometry(rowStep: Int, columnStep: Int) -> ConvolutionGeometry {
    let stride = layer.window.stride
    return ConvolutionGeometry(
      outputRows: outputShape.height, outputColumns: outputShape.width,
      outputChannels: filters.panels.columns, kernelRows: filters.kernelHeight,
      rowRun: filters.kernelWidth * inputMap.channels,
      inputRowStep: stride * inputMap.rowStep, inputColumnStep: stride * inputMap.columnStep,
      kernelRowStep: inputMap.rowStep, outputRowStep: rowStep, outputColumnStep: columnStep)
  }

  /// The biases, with zeros for added filters.
  var storedBiases: [Double] {
    layer.biases
      + Array(repeating: 0, count: filters.panels.columns - layer.biases.count)
  }
}
