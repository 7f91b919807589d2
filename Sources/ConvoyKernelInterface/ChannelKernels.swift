/// How each channel of a map is normalised: value ↦ (value − mean) · factor + shift, and then
/// max(0, ·) if the result is rectified.
///
/// Holds pointers to a float per channel as stored; its user keeps their memory alive.
@unsafe package struct ChannelNormalization {
  package let means: FloatPointer
  package let factors: FloatPointer
  package let shifts: FloatPointer
  package let isRectified: Bool

  package init(
    means: FloatPointer, factors: FloatPointer, shifts: FloatPointer, isRectified: Bool = false
  ) {
    unsafe (self.means, self.factors) = (means, factors)
    unsafe self.shifts = shifts
    unsafe self.isRectified = isRectified
  }
}

/// Sums and normalisations per channel, of maps with their channels side by side.
///
/// `channels` are as stored, a multiple of 8, and a row has a whole number of pixels. Sums over the
/// pixels of a map are four interleaved chains, pixel i of a row in chain i mod 4, added in pairs.
package protocol ChannelKernels: Sendable {
  /// Means = Σ values / n, and squares = Σ (value − mean)², over the n pixels of a map.
  func channelMoments(
    _ geometry: RowGeometry, channels: Int, values: FloatPointer, means: MutableFloatPointer,
    squares: MutableFloatPointer)

  /// Target = the normalised source.
  func normalizeChannels(
    _ geometry: RowGeometry, channels: Int, by normalization: ChannelNormalization,
    from source: FloatPointer, to target: MutableFloatPointer)

  /// Sums = Σ gradients, and products = Σ gradient · (value − mean), over the pixels of a map; rows
  /// of gradients are `otherStep` apart. Where the normalised value is rectified to 0, the gradient
  /// counts as 0; so the output is not needed.
  func channelGradientSums(
    _ geometry: RowGeometry, channels: Int, of normalization: ChannelNormalization,
    values: FloatPointer, gradients: FloatPointer, sums: MutableFloatPointer,
    products: MutableFloatPointer)

  /// Input gradient = factor · (output gradient − gradient mean − (value − mean) · slope), with the
  /// same output gradients as `channelGradientSums`.
  func normalizationGradient(
    _ geometry: RowGeometry, channels: Int, inputGradientStep: Int,
    of normalization: ChannelNormalization, values: FloatPointer, gradientMeans: FloatPointer,
    slopes: FloatPointer, outputGradients: FloatPointer, inputGradients: MutableFloatPointer)

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
