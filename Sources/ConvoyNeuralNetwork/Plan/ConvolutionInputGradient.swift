import ConvoyKernelInterface

/// The input gradient of a convolution, whose parts are convolutions with the filters rotated and
/// transposed, for each group.
struct ConvolutionInputGradient: Sendable {
  private let size: ConvolutionSize
  private let groups: Int
  /// Of a group, as stored.
  private let inputChannels: Int
  private let filters: Int
  /// A geometry is that of one group; the filters of the groups follow one another.
  private let parts: InputGradientParts<ConvolutionGeometry>
  /// Offset of the first part's filters.
  let firstPlace: Int

  /// - Parameters:
  ///   - output: the map of output gradients, with its border.
  ///   - gradients: the map of input gradients to be filled.
  init(
    size: ConvolutionSize, input: FeatureShape, output: FeatureMap, gradients: FeatureMap,
    places: inout Places
  ) {
    self.size = size
    let groups = size.groups
    self.groups = groups
    inputChannels = gradients.channels / groups
    filters = output.channels / groups
    let (rows, columns) = (size.window.rows, size.window.columns)
    parts = InputGradientParts(size.window, input: input, output: output, gradients: gradients) {
      [inputChannels, filters] row, column in
      var geometry = ConvolutionGeometry(
        outputRows: row.inputs, outputColumns: column.inputs, outputChannels: inputChannels,
        kernelRows: row.taps, rowRun: column.taps * filters,
        inputRowStep: output.rowStep, inputColumnStep: output.channels,
        kernelRowStep: rows.outputDilation * output.rowStep,
        outputRowStep: rows.stride * gradients.rowStep,
        outputColumnStep: columns.stride * gradients.channels)
      if columns.outputDilation > 1 || groups > 1, column.taps > 1 {
        geometry.divideRuns(into: column.taps, step: columns.outputDilation * output.channels)
      }
      return (geometry, places.take(groups * geometry.weights.count))
    }
    firstPlace = parts.first?.weightsPlace ?? 0
  }

  /// - Parameter samples: at most those that `ConvolutionLayout.joinedSamples` allows for both maps.
  func run(
    _ kernels: any KernelSet, weights: FloatPointer, outputGradients: FloatPointer,
    inputGradients: MutableFloatPointer, samples: Int
  ) {
    parts.forEachPart { part in
      var geometry = part.geometry
      geometry.outputRows *= samples
      for group in 0..<groups {
        unsafe kernels.convolve(
          geometry, input: outputGradients + (part.sourcePlace + group * filters),
          weights: weights + (part.weightsPlace + group * part.geometry.weights.count), bias: nil,
          output: inputGradients + (part.targetPlace + group * inputChannels))
      }
    }
  }

  /// Copies rows of a panel of the filters to where `run` reads them.
  ///
  /// - Parameters:
  ///   - weights: the first of the rows.
  ///   - rows: whole kernel positions, `inputChannels` rows each.
  ///   - width: columns of the panel.
  func rearrange(
    _ kernels: any KernelSet, weights: FloatPointer, panel: Int, rows: Range<Int>, width: Int,
    into derivedWeights: MutableFloatPointer
  ) {
    let source = PanelLayout(rows: 0, columns: filters)
    let (group, panelOfGroup) = panel.quotientAndRemainder(dividingBy: source.panels)
    let filter = panelOfGroup * PanelLayout.panelWidth
    for row in stride(from: rows.lowerBound, to: rows.upperBound, by: inputChannels) {
      let (kernelRow, kernelColumn) = (row / inputChannels)
        .quotientAndRemainder(dividingBy: size.window.columns.kernelSize)
      guard let (part, tap) = parts.part(ofTap: kernelRow, kernelColumn) else { continue }
      let target = part.geometry.weights
      for channel in stride(from: 0, to: inputChannels, by: PanelLayout.panelWidth) {
        let channels = target.width(ofPanel: channel / PanelLayout.panelWidth)
        unsafe kernels.transposeTile(
          rows: channels, columns: width,
          source: weights + (row - rows.lowerBound + channel) * width,
          destination: derivedWeights + part.weightsPlace + group * target.count
            + target.offset(row: tap * filters + filter, column: channel),
          destinationStep: channels)
      }
    }
  }
}
