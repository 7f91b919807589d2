/// Sums and normalisations per channel, of maps with their channels side by side.
///
/// `channels` are as stored, a multiple of 8, and a row has a whole number of pixels. Sums over the
/// pixels of a map are four interleaved chains, pixel i of a row in chain i mod 4, added in pairs.
package protocol ChannelKernels: Sendable {
  /// Means = Σ values / n, and squares = Σ (value − mean)², over the n pixels of a map.
  func channelMoments(
    _ geometry: RowGeometry, channels: Int, values: FloatPointer, means: MutableFloatPointer,
    squares: MutableFloatPointer)

  /// Target = (source − mean) · factor + shift.
  func normalizeChannels(
    _ geometry: RowGeometry, channels: Int, from source: FloatPointer, means: FloatPointer,
    factors: FloatPointer, shifts: FloatPointer, to target: MutableFloatPointer)

  /// Sums = Σ gradients, and products = Σ gradient · (value − mean), over the pixels of a map; rows
  /// of gradients are `otherStep` apart.
  func channelGradientSums(
    _ geometry: RowGeometry, channels: Int, values: FloatPointer, means: FloatPointer,
    gradients: FloatPointer, sums: MutableFloatPointer, products: MutableFloatPointer)

  /// Input gradient = factor · (output gradient − gradient mean − (value − mean) · slope).
  func normalizationGradient(
    _ geometry: RowGeometry, channels: Int, inputGradientStep: Int, values: FloatPointer,
    means: FloatPointer, factors: FloatPointer, gradientMeans: FloatPointer, slopes: FloatPointer,
    outputGradients: FloatPointer, inputGradients: MutableFloatPointer)

  /// Target = source where that is positive, else slope · source.
  func bendChannels(
    _ geometry: RowGeometry, channels: Int, from source: FloatPointer, slopes: FloatPointer,
    to target: MutableFloatPointer)

  /// Sums = Σ gradient · value over the pixels of a map whose values are not positive; the gradients
  /// of those are then multiplied by the slope, in place.
  func bendGradients(
    _ geometry: RowGeometry, channels: Int, values: FloatPointer, slopes: FloatPointer,
    gradients: MutableFloatPointer, sums: MutableFloatPointer)
}
