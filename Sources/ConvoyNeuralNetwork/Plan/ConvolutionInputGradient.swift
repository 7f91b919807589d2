import ConvoyKernelInterface

/// The input gradient of a convolution, as stride-1 convolutions of its output gradient with the
/// filters rotated by 180° and transposed: one for each pair of row and column residues of the
/// stride, and for each group.
struct ConvolutionInputGradient: Sendable {
  private struct Part: Sendable {
    /// Of one group; the filters of the groups follow one another.
    let geometry: ConvolutionGeometry
    let weightsPlace: Int
    let sourcePlace: Int
    let targetPlace: Int
    let rowTaps: Int
    let columnTaps: Int
  }

  private let size: ConvolutionSize
  private let groups: Int
  /// Of a group, as stored.
  private let inputChannels: Int
  private let filters: Int
  /// By first tap of the rows' residue × column residues + first tap of the columns'.
  private let parts: [Part?]
  /// Offset of the first part's filters. With stride 1 it is the only part.
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
    var parts = [Part?](repeating: nil, count: rows.residueCount * columns.residueCount)
    for row in rows.residues(size: input.height) {
      for column in columns.residues(size: input.width) {
        var geometry = ConvolutionGeometry(
          outputRows: row.inputs, outputColumns: column.inputs, outputChannels: inputChannels,
          kernelRows: row.taps, rowRun: column.taps * filters,
          inputRowStep: output.rowStep, inputColumnStep: output.channels,
          kernelRowStep: rows.outputDilation * output.rowStep,
          outputRowStep: rows.stride * gradients.rowStep,
          outputColumnStep: columns.stride * gradients.channels)
        if columns.outputDilation > 1 || groups > 1, column.taps > 1 {
          geometry.divideRuns(
            into: column.taps, step: columns.outputDilation * output.channels)
        }
        parts[row.firstTap * columns.residueCount + column.firstTap] = Part(
          geometry: geometry, weightsPlace: places.take(groups * geometry.weights.count),
          sourcePlace: output.start + row.firstOutput * output.rowStep
            + column.firstOutput * output.channels,
          targetPlace: gradients.start + row.firstInput * gradients.rowStep
            + column.firstInput * gradients.channels,
          rowTaps: row.taps, columnTaps: column.taps)
      }
    }
    self.parts = parts
    firstPlace = parts.compactMap(\.self).first?.weightsPlace ?? 0
  }

  /// - Parameter samples: at most those that `ConvolutionLayout.joinedSamples` allows for both maps.
  func run(
    _ kernels: any KernelSet, weights: FloatPointer, outputGradients: FloatPointer,
    inputGradients: MutableFloatPointer, samples: Int
  ) {
    for case let part? in parts {
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
    let window = size.window
    let (rowStep, columnStep) = (window.rows.tapStep, window.columns.tapStep)
    let source = PanelLayout(rows: 0, columns: filters)
    let (group, panelOfGroup) = panel.quotientAndRemainder(dividingBy: source.panels)
    let filter = panelOfGroup * PanelLayout.panelWidth
    for row in stride(from: rows.lowerBound, to: rows.upperBound, by: inputChannels) {
      let (kernelRow, kernelColumn) = (row / inputChannels)
        .quotientAndRemainder(dividingBy: window.columns.kernelSize)
      let residue =
        kernelRow % rowStep * window.columns.residueCount + kernelColumn % columnStep
      guard let part = parts[residue] else { continue }
      let tap =
        (part.rowTaps - 1 - kernelRow / rowStep) * part.columnTaps
        + part.columnTaps - 1 - kernelColumn / columnStep
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
