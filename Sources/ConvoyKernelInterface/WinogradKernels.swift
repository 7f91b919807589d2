/// The transforms of Winograd's convolution.
package protocol WinogradKernels: Sendable {
  /// The components of a map's tiles of 6 × 6, which overlap by two rows and columns. `input` is the
  /// corner of the first; rows and columns that the last tiles reach beyond the map must be there.
  func winogradInput(
    _ geometry: WinogradGeometry, input: FloatPointer, components: MutableFloatPointer)

  /// Outputs of 4 × 4 a tile from the components of their sums of products; plus a bias.
  func winogradOutput(
    _ geometry: WinogradGeometry, components: FloatPointer, bias: FloatPointer?,
    output: MutableFloatPointer)

  /// The components of 3 × 3 filters: of `channels` rows, `width` filters wide, of a panel whose taps
  /// lie `tapStep` apart.
  func winogradFilters(
    channels: Int, width: Int, weights: FloatPointer, tapStep: Int,
    components: MutableFloatPointer, componentStep: Int)

  /// The components of output gradients of 4 × 4 a tile, zero beyond the map: by the transpose of
  /// `winogradOutput`.
  func winogradOutputGradient(
    _ geometry: WinogradGeometry, gradient: FloatPointer, components: MutableFloatPointer)

  /// The gradient of filters from that of their components: the transpose of `winogradFilters`.
  func winogradFilterGradient(
    channels: Int, width: Int, components: FloatPointer, componentStep: Int,
    weightGradient: MutableFloatPointer, tapStep: Int)
}
