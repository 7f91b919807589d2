/// The memory layout of a convolution; all steps in floats.
///
/// Output (y, x) reads, for each kernel row k, `rowRun` floats that lie side by side from
/// `y * inputRowStep + x * inputColumnStep + k * kernelRowStep`: kernel columns and input channels
/// are one run, because maps are stored row, column, channel. Zero padding is stored with the map.
/// Kernel columns that are dilated lie apart: a kernel row is then several runs, `runStep` apart.
///
/// A dense layer is the case of one row with a column for each sample, and one kernel row whose run
/// is all inputs.
package struct ConvolutionGeometry: Sendable, Equatable {
  package var outputRows: Int
  package var outputColumns: Int
  /// A multiple of 8.
  package var outputChannels: Int
  package var kernelRows: Int
  /// Kernel columns × input channels; just the channels if the columns are dilated.
  package var rowRun: Int
  /// Runs of a kernel row.
  package private(set) var runs = 1
  package private(set) var runStep = 0
  /// From an output row's input to the next one's: stride × floats in an input row.
  package var inputRowStep: Int
  /// From an output column's input to the next one's: stride × input channels.
  package var inputColumnStep: Int
  /// Floats per input row.
  package var kernelRowStep: Int
  package var outputRowStep: Int
  package var outputColumnStep: Int
  /// From an output row's weights to the next one's; 0 if all have the same. `convolve` alone reads it.
  package private(set) var weightRowStep = 0
  /// Whether inputs and weights, or output gradients, are pairs of bfloat16 in place of floats, counted
  /// and stepped over as one. Each pair of pairs adds second · second, then first · first, rounded after
  /// each. `convolve` and `weightGradient` read it, for `dense` and `products`.
  package private(set) var multipliesBFloat16 = false

  package init(
    outputRows: Int, outputColumns: Int, outputChannels: Int, kernelRows: Int, rowRun: Int,
    inputRowStep: Int, inputColumnStep: Int, kernelRowStep: Int, outputRowStep: Int,
    outputColumnStep: Int
  ) {
    self.outputRows = outputRows
    self.outputColumns = outputColumns
    self.outputChannels = outputChannels
    self.kernelRows = kernelRows
    self.rowRun = rowRun
    self.inputRowStep = inputRowStep
    self.inputColumnStep = inputColumnStep
    self.kernelRowStep = kernelRowStep
    self.outputRowStep = outputRowStep
    self.outputColumnStep = outputColumnStep
  }

  /// The matrix product of `samples` rows of `inputs` floats with the weights, giving rows of
  /// `outputs`.
  package static func dense(
    samples: Int, inputs: Int, inputStep: Int, outputs: Int, outputStep: Int,
    ofBFloat16: Bool = false
  ) -> ConvolutionGeometry {
    var geometry = ConvolutionGeometry(
      outputRows: 1, outputColumns: samples, outputChannels: outputs, kernelRows: 1,
      rowRun: inputs, inputRowStep: 0, inputColumnStep: inputStep, kernelRowStep: 0,
      outputRowStep: 0, outputColumnStep: outputStep)
    geometry.multipliesBFloat16 = ofBFloat16
    return geometry
  }

  /// For each component, the matrix product of its rows of `inputs` floats with weights of its own,
  /// giving rows of `outputs`. A component is an output row, and its rows are the columns.
  ///
  /// - Parameter inputComponentStep: from a component to the next one, in floats;
  ///   `outputComponentStep` likewise. Weights follow one another.
  package static func products(
    components: Int, rows: Int, inputs: Int, inputComponentStep: Int, outputs: Int,
    outputComponentStep: Int, ofBFloat16: Bool = false
  ) -> ConvolutionGeometry {
    var products = ConvolutionGeometry(
      outputRows: components, outputColumns: rows, outputChannels: outputs, kernelRows: 1,
      rowRun: inputs, inputRowStep: inputComponentStep, inputColumnStep: inputs, kernelRowStep: 0,
      outputRowStep: outputComponentStep, outputColumnStep: outputs)
    products.weightRowStep = products.weights.count
    products.multipliesBFloat16 = ofBFloat16
    return products
  }

  /// Takes the kernel columns apart.
  package mutating func divideRuns(into columns: Int, step: Int) {
    rowRun /= columns
    (runs, runStep) = (columns, step)
  }

  /// The same convolution with its rows as one, if they follow one another in the input as in the
  /// output: a kernel of one pixel on maps without a border. Tiles then end at the map's end, not
  /// at each row's.
  package var joiningRows: ConvolutionGeometry {
    guard
      outputRows > 1, weightRowStep == 0, inputRowStep == outputColumns * inputColumnStep,
      outputRowStep == outputColumns * outputColumnStep
    else { return self }
    var joined = self
    joined.outputRows = 1
    joined.outputColumns = outputRows * outputColumns
    return joined
  }

  /// The weights' layout: one row per tap, one column per output channel. Of one output row, where
  /// each has its own.
  package var weights: PanelLayout {
    PanelLayout(rows: kernelRows * runs * rowRun, columns: outputChannels)
  }

  /// The same weights with each filter's side by side.
  package var filters: FilterMajorLayout {
    FilterMajorLayout(filters: outputChannels, kernelRows: kernelRows, rowRun: rowRun)
  }
}

/// Some channels of the pixels of a map, of a part of it, or of a list of vectors.
package struct PixelGeometry: Sendable, Equatable {
  package var rows: Int
  /// Pixels in a row.
  package var columns: Int
  /// A multiple of 8.
  package var channels: Int
  /// Floats from a row to the next; unused with one row.
  package var rowStep: Int
  /// Floats from a pixel to the next in its row.
  package var columnStep: Int

  package init(rows: Int, columns: Int, channels: Int, rowStep: Int, columnStep: Int) {
    precondition(
      channels.isMultiple(of: PanelLayout.columnMultiple), "kernels read vectors of channels")
    self.rows = rows
    self.columns = columns
    self.channels = channels
    self.rowStep = rowStep
    self.columnStep = columnStep
  }

  /// Vectors that lie `step` apart.
  package static func vectors(_ count: Int, channels: Int, step: Int) -> PixelGeometry {
    PixelGeometry(rows: 1, columns: count, channels: channels, rowStep: 0, columnStep: step)
  }
}

/// Contiguous rows of floats in two maps with different row steps, because one of the maps is
/// stored with its border.
package struct RowGeometry: Sendable, Equatable {
  package var rows: Int
  /// Floats in a row; a multiple of 8.
  package var count: Int
  /// From one row to the next in the map of values, or in the source of a copy.
  package var step: Int
  /// From one row to the next in the other map: gradients, or the copy's target.
  package var otherStep: Int

  package init(rows: Int, count: Int, step: Int, otherStep: Int) {
    self.rows = rows
    self.count = count
    self.step = step
    self.otherStep = otherStep
  }
}
