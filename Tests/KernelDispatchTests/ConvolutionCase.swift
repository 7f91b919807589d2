import ConvoyKernelInterface
import ConvoyTestSupport

/// A convolution of a random ragged shape.
struct ConvolutionCase {
  var geometry: ConvolutionGeometry
  var conditions: TrialConditions
  private var kernelColumns = 1
  /// For what else is drawn.
  var generator: SeededGenerator

  /// - Parameters:
  ///   - output: rows and columns of the output; random where nil.
  ///   - channels: then the stride is 1, and up to three input channels are stored as they are; random, and
  ///     so is the stride, where nil.
  init(
    seed: UInt64, output: (rows: Int, columns: Int)? = nil,
    channels: (input: Int, output: Int)? = nil
  ) {
    var generator = SeededGenerator(seed: seed)
    conditions = TrialConditions(seed: seed)
    let inputChannels = channels?.input ?? generator.pick([1, 3, 7, 17, 59])
    let height = generator.integer(in: 1...5)
    let width = generator.integer(in: 1...5)
    let stride = channels == nil ? generator.integer(in: 1...3) : 1
    conditions.padding = generator.integer(in: 0...(min(height, width) - 1) / 2)
    let rows = output?.rows ?? generator.integer(in: 1...4)
    let columns = output?.columns ?? generator.integer(in: 1...9)
    // Some filters of the last eight may be missing.
    let filterCount =
      channels?.output ?? generator.pick([8, 16, 24, 40]) - generator.pick([0, 0, 1, 5])
    // A first layer reads images as they come, without added channels.
    let addsChannels = inputChannels > 3 || channels == nil && generator.chance(of: 0.5)
    let (stored, filters) = (
      addsChannels ? PanelLayout.padded(inputChannels) : inputChannels,
      PanelLayout.padded(filterCount)
    )
    // What is too little for one more window, or belongs to somebody else, stays unread.
    let unread = generator.integer(in: 0...stride - 1) + generator.pick([0, 2])
    let rowStep = ((columns - 1) * stride + width + unread) * stored
    geometry = ConvolutionGeometry(
      outputRows: rows, outputColumns: columns, outputChannels: filters, kernelRows: height,
      rowRun: width * stored, inputRowStep: stride * rowStep, inputColumnStep: stride * stored,
      kernelRowStep: rowStep, outputRowStep: columns * filters, outputColumnStep: filters)
    conditions.inputChannels = inputChannels
    conditions.outputChannels = filterCount
    kernelColumns = width
    self.generator = generator
  }

  /// Kernel columns, and mostly rows, that lie apart.
  init(dilatedSeed seed: UInt64, output: (rows: Int, columns: Int)? = nil) {
    self.init(seed: seed, output: output)
    let channels = geometry.rowRun / kernelColumns
    let columns = max(2, kernelColumns)
    let (rowDilation, dilation) = (generator.integer(in: 1...3), generator.integer(in: 2...3))
    let stride = generator.integer(in: 1...3)
    let rowStep =
      ((geometry.outputColumns - 1) * stride + (columns - 1) * dilation + 1
        + generator.pick([0, 2])) * channels
    geometry.rowRun = columns * channels
    geometry.inputRowStep = generator.integer(in: 1...2) * rowStep
    geometry.inputColumnStep = stride * channels
    geometry.kernelRowStep = rowDilation * rowStep
    geometry.divideRuns(into: columns, step: dilation * channels)
    conditions.padding = 0
  }

  /// The samples of a dense layer are its columns.
  init(denseSeed seed: UInt64, samples: Int) {
    var generator = SeededGenerator(seed: seed)
    conditions = TrialConditions(seed: seed)
    let inputs = generator.pick([1, 17, 40, 129])
    let outputs = generator.pick([5, 10, 16, 24, 37, 61])
    let (inputStep, columns) = (PanelLayout.padded(inputs), PanelLayout.padded(outputs))
    geometry = .dense(
      samples: samples, inputs: inputStep, inputStep: inputStep, outputs: columns,
      outputStep: columns + 8)
    conditions.inputChannels = inputs
    conditions.outputChannels = outputs
    self.generator = generator
  }

  mutating func setOutputChannels(_ count: Int) {
    conditions.outputChannels = count
    geometry.outputChannels = PanelLayout.padded(count)
    spreadOutput(margin: 0)
  }

  /// Moves the output's pixels apart: `spacing` from one to the next, and in each row `margin` more.
  mutating func spreadOutput(spacing: Int = 1, margin: Int) {
    let pixels = (geometry.outputColumns - 1) * spacing + 1 + margin
    geometry.outputColumnStep = spacing * geometry.outputChannels
    geometry.outputRowStep = spacing * pixels * geometry.outputChannels
  }
}
