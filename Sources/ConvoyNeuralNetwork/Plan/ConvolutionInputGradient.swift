import ConvoyKernelInterface

/// The gradient of a convolution's input, as convolutions of stride 1 over its output gradients with
/// the filters turned by half a turn and transposed: one for each residue of rows and columns.
struct ConvolutionInputGradient: Sendable {
  private struct Part: Sendable {
    let geometry: ConvolutionGeometry
    let weightsPlace: Int
    let sourcePlace: Int
    let targetPlace: Int
    let rowTaps: Int
    let columnTaps: Int
  }

  private let size: ConvolutionSize
  private let inputChannels: Int
  private let filters: Int
  /// Residues that any tap has, along an axis: no more than the kernel has taps.
  private let residues: Int
  /// By row residue × residues + column residue.
  private let parts: [Part?]
  /// Where the first part's filters lie: all of them, if the stride is 1.
  let firstPlace: Int

  /// - Parameters:
  ///   - output: the map of output gradients, with its border.
  ///   - gradients: the map of input gradients to be filled.
  init(
    size: ConvolutionSize, input: FeatureShape, output: FeatureMap, gradients: FeatureMap,
    places: inout Places
  ) {
    self.size = size
    inputChannels = gradients.channels
    filters = output.channels
    let stride = size.stride
    residues = min(stride, size.kernelSize)
    var parts = [Part?](repeating: nil, count: residues * residues)
    for row in size.residues(size: input.height) {
      for column in size.residues(size: input.width) {
        let geometry = ConvolutionGeometry(
          outputRows: row.inputs, outputColumns: column.inputs, outputChannels: gradients.channels,
          kernelRows: row.taps, rowRun: column.taps * output.channels,
          inputRowStep: output.rowStep, inputColumnStep: output.channels,
          kernelRowStep: output.rowStep, outputRowStep: stride * gradients.rowStep,
          outputColumnStep: stride * gradients.channels)
        parts[row.residue * residues + column.residue] = Part(
          geometry: geometry, weightsPlace: places.take(geometry.weights.count),
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

  func run(
    _ kernels: any KernelSet, weights: FloatPointer, outputGradients: FloatPointer,
    inputGradients: MutableFloatPointer
  ) {
    for case let part? in parts {
      unsafe kernels.convolve(
        part.geometry, input: outputGradients + part.sourcePlace,
        weights: weights + part.weightsPlace, bias: nil,
        output: inputGradients + part.targetPlace)
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
    for row in stride(from: rows.lowerBound, to: rows.upperBound, by: inputChannels) {
      let position = row / inputChannels
      let (kernelRow, kernelColumn) = (position / size.kernelSize, position % size.kernelSize)
      let residue = kernelRow % size.stride * residues + kernelColumn % size.stride
      guard let part = parts[residue] else { continue }
      let tap =
        (part.rowTaps - 1 - kernelRow / size.stride) * part.columnTaps
        + part.columnTaps - 1 - kernelColumn / size.stride
      let target = part.geometry.weights
      for channel in stride(from: 0, to: inputChannels, by: PanelLayout.panelWidth) {
        let channels = target.width(ofPanel: channel / PanelLayout.panelWidth)
        unsafe kernels.transposeTile(
          rows: channels, columns: width,
          source: weights + (row - rows.lowerBound + channel) * width,
          destination: derivedWeights + part.weightsPlace
            + target.offset(
              row: tap * filters + panel * PanelLayout.panelWidth, column: channel),
          destinationStep: channels)
      }
    }
  }
}
