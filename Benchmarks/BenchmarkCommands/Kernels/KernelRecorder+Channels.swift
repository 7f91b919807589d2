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
    _ geometry: RowGeometry, channels: Int, by normalization: ChannelNormalization,
    from source: FloatPointer, to target: MutableFloatPointer
  ) {
    unsafe recording(
      .channelNormalization(
        ChannelMap(rows: geometry, channels: channels), isRectified: normalization.isRectified)
    ).normalizeChannels(
      geometry, channels: channels, by: normalization, from: source, to: target)
  }

  func channelGradientSums(
    _ geometry: RowGeometry, channels: Int, of normalization: ChannelNormalization,
    values: FloatPointer, gradients: FloatPointer, sums: MutableFloatPointer,
    products: MutableFloatPointer
  ) {
    unsafe recording(
      .channelGradientSums(
        ChannelMap(rows: geometry, channels: channels), isRectified: normalization.isRectified)
    ).channelGradientSums(
      geometry, channels: channels, of: normalization, values: values, gradients: gradients,
      sums: sums, products: products)
  }

  func normalizationGradient(
    _ geometry: RowGeometry, channels: Int, inputGradientStep: Int,
    of normalization: ChannelNormalization, values: FloatPointer, gradientMeans: FloatPointer,
    slopes: FloatPointer, outputGradients: FloatPointer, inputGradients: MutableFloatPointer
  ) {
    unsafe recording(
      .normalizationGradient(
        ChannelMap(rows: geometry, channels: channels), inputGradientStep: inputGradientStep,
        isRectified: normalization.isRectified)
    ).normalizationGradient(
      geometry, channels: channels, inputGradientStep: inputGradientStep, of: normalization,
      values: values, gradientMeans: gradientMeans, slopes: slopes,
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
