import ConvoyKernelInterface
import ConvoyTestSupport

/// Depthwise convolutions.
extension KernelRecorder {
  func convolveChannels(
    _ geometry: DepthwiseGeometry, input: FloatPointer, weights: FloatPointer,
    bias: FloatPointer?, output: MutableFloatPointer
  ) {
    unsafe recording(.depthwise(geometry, hasBias: bias != nil)).convolveChannels(
      geometry, input: input, weights: weights, bias: bias, output: output)
  }

  func channelWeightGradient(
    _ geometry: DepthwiseGeometry, input: FloatPointer, outputGradient: FloatPointer,
    weightGradient: MutableFloatPointer, accumulates: Bool
  ) {
    unsafe recording(.depthwiseWeightGradient(geometry)).channelWeightGradient(
      geometry, input: input, outputGradient: outputGradient, weightGradient: weightGradient,
      accumulates: accumulates)
  }

  func spreadChannels(
    _ spread: ChannelSpread, pixels: Int, step: Int, from source: FloatPointer, otherStep: Int,
    to target: MutableFloatPointer
  ) {
    unsafe recording(.spreading(spread, pixels: pixels, step: step, otherStep: otherStep))
      .spreadChannels(
        spread, pixels: pixels, step: step, from: source, otherStep: otherStep, to: target)
  }

  func gatherChannels(
    _ spread: ChannelSpread, pixels: Int, step: Int, from source: FloatPointer, otherStep: Int,
    to target: MutableFloatPointer
  ) {
    unsafe recording(.gathering(spread, pixels: pixels, step: step, otherStep: otherStep))
      .gatherChannels(
        spread, pixels: pixels, step: step, from: source, otherStep: otherStep, to: target)
  }
}
