import ConvoyKernelInterface
import ConvoyTestSupport

/// Kernels that sum and normalise channels.
extension KernelRecorder {
  func channelMoments(
    _ geometry: RowGeometry, channels: Int, values: FloatPointer, means: MutableFloatPointer,
    squares: MutableFloatPointer
  ) {
    unsafe recording(.channelMoments(ChannelMap(rows: geometry, channels: channels)))
      .channelMoments(
        geometry, channels: channels, values: values, means: means, squares: squares)
  }

  func normalizeChannels(
    _ geometry: RowGeometry, channels: Int, from source: FloatPointer, means: FloatPointer,
    factors: FloatPointer, shifts: FloatPointer, to target: MutableFloatPointer
  ) {
    unsafe recording(.channelNormalization(ChannelMap(rows: geometry, channels: channels)))
      .normalizeChannels(
        geometry, channels: channels, from: source, means: means, factors: factors,
        shifts: shifts, to: target)
  }

  func channelGradientSums(
    _ geometry: RowGeometry, channels: Int, values: FloatPointer, means: FloatPointer,
    gradients: FloatPointer, sums: MutableFloatPointer, products: MutableFloatPointer
  ) {
    unsafe recording(.channelGradientSums(ChannelMap(rows: geometry, channels: channels)))
      .channelGradientSums(
        geometry, channels: channels, values: values, means: means, gradients: gradients,
        sums: sums, products: products)
  }

  func normalizationGradient(
    _ geometry: RowGeometry, channels: Int, inputGradientStep: Int, values: FloatPointer,
    means: FloatPointer, factors: FloatPointer, gradientMeans: FloatPointer, slopes: FloatPointer,
    outputGradients: FloatPointer, inputGradients: MutableFloatPointer
  ) {
    unsafe recording(
      .normalizationGradient(
        ChannelMap(rows: geometry, channels: channels), inputGradientStep: inputGradientStep)
    ).normalizationGradient(
      geometry, channels: channels, inputGradientStep: inputGradientStep, values: values,
      means: means, factors: factors, gradientMeans: gradientMeans, slopes: slopes,
      outputGradients: outputGradients, inputGradients: inputGradients)
  }

  func bendChannels(
    _ geometry: RowGeometry, channels: Int, from source: FloatPointer, slopes: FloatPointer,
    to target: MutableFloatPointer
  ) {
    unsafe recording(.bend(ChannelMap(rows: geometry, channels: channels)))
      .bendChannels(geometry, channels: channels, from: source, slopes: slopes, to: target)
  }

  func bendGradients(
    _ geometry: RowGeometry, channels: Int, values: FloatPointer, slopes: FloatPointer,
    gradients: MutableFloatPointer, sums: MutableFloatPointer
  ) {
    unsafe recording(.bendGradient(ChannelMap(rows: geometry, channels: channels)))
      .bendGradients(
        geometry, channels: channels, values: values, slopes: slopes, gradients: gradients,
        sums: sums)
  }
}
