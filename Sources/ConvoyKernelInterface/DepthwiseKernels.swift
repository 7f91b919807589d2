/// The memory layout of a depthwise convolution; all steps in floats.
///
/// Output (y, x) of channel c reads channel c of `planes` planes, for each kernel row k and column
/// l, from `y * inputRowStep + x * inputColumnStep + k * kernelRowStep + l * kernelColumnStep +
/// plane * planeStep + c`.
package struct DepthwiseGeometry: Sendable, Equatable {
  package var outputRows: Int
  package var outputColumns: Int
  /// A multiple of 8.
  package var channels: Int
  package var kernelRows: Int
  package var kernelColumns: Int
  package var planes: Int
  package var inputRowStep: Int
  package var inputColumnStep: Int
  package var kernelRowStep: Int
  package var kernelColumnStep: Int
  package var planeStep: Int
  package var outputRowStep: Int
  package var outputColumnStep: Int

  package init(
    outputRows: Int, outputColumns: Int, channels: Int, kernelRows: Int, kernelColumns: Int,
    planes: Int, inputRowStep: Int, inputColumnStep: Int, kernelRowStep: Int,
    kernelColumnStep: Int, planeStep: Int, outputRowStep: Int, outputColumnStep: Int
  ) {
    self.outputRows = outputRows
    self.outputColumns = outputColumns
    self.channels = channels
    self.kernelRows = kernelRows
    self.kernelColumns = kernelColumns
    self.planes = planes
    self.inputRowStep = inputRowStep
    self.inputColumnStep = inputColumnStep
    self.kernelRowStep = kernelRowStep
    self.kernelColumnStep = kernelColumnStep
    self.planeStep = planeStep
    self.outputRowStep = outputRowStep
    self.outputColumnStep = outputColumnStep
  }

  /// The weights' layout: one row per kernel row, kernel column and plane, one column per channel.
  package var weights: PanelLayout {
    PanelLayout(rows: kernelRows * kernelColumns * planes, columns: channels)
  }
}

/// How the channels of groups are spread, so that a grouped convolution is a depthwise one: filter f
/// finds the k-th channel of its group at f in plane k.
package struct ChannelSpread: Sendable, Equatable {
  package let groups: Int
  /// Channels of a group.
  package let planes: Int
  /// Filters of a group.
  package let filters: Int
  /// Floats of a plane: all filters, padded.
  package let planeStep: Int

  package init(groups: Int, planes: Int, filters: Int, planeStep: Int) {
    self.groups = groups
    self.planes = planes
    self.filters = filters
    self.planeStep = planeStep
  }
}

/// Depthwise convolutions: lanes are channels, of the input as of the output.
package protocol DepthwiseKernels: Sendable {
  /// output = bias + Σ input · weight, overwriting; 0 for a bias of nil. Summed from the bias
  /// through the taps by kernel row, kernel column, plane.
  func convolveChannels(
    _ geometry: DepthwiseGeometry, input: FloatPointer, weights: FloatPointer,
    bias: FloatPointer?, output: MutableFloatPointer)

  /// Weight gradient = [itself +] Σ input · output gradient, over output rows, then columns.
  /// The geometry's output steps are the gradient's.
  func channelWeightGradient(
    _ geometry: DepthwiseGeometry, input: FloatPointer, outputGradient: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool)

  /// Spreads the channels of pixels that are `step` apart to pixels that are `otherStep` apart, with
  /// zeros past the last filter.
  func spreadChannels(
    _ spread: ChannelSpread, pixels: Int, step: Int, from source: FloatPointer, otherStep: Int,
    to target: MutableFloatPointer)

  /// The gradient of that: each channel is the sum over the filters of its group, in order. `step` is
  /// that of the spread pixels.
  func gatherChannels(
    _ spread: ChannelSpread, pixels: Int, step: Int, from source: FloatPointer, otherStep: Int,
    to target: MutableFloatPointer)
}
