/// The transforms of Winograd's convolution.
package protocol WinogradKernels: Sendable {
  /// The components of a map's tiles, which overlap by a row and column less than the kernel has.
  /// `input` is the corner of the first tile. Rows and columns that the last tiles read past the map must
  /// exist.
  func winogradInput(
    _ geometry: WinogradGeometry, input: FloatPointer, components: MutableFloatPointer)

  /// The outputs of each tile from the components' sums of products, plus a bias.
  func winogradOutput(
    _ geometry: WinogradGeometry, components: FloatPointer, bias: FloatPointer?,
    output: MutableFloatPointer)

  /// The components of filters: `channels` rows, each `width` filters wide, of a panel whose
  /// taps are `tapStep` apart. Stored as floats or, of an even number of channels, in pairs of rows.
  func winogradFilters(
    _ tile: WinogradTile, channels: Int, width: Int, weights: FloatPointer, tapStep: Int,
    components: MutableFloatPointer, componentStep: Int, inPairs: Bool)

  /// The components of output gradients, which are zero past the map: the transpose of
  /// `winogradOutput`. As floats or in pairs of rows.
  func winogradOutputGradient(
    _ geometry: WinogradGeometry, gradient: FloatPointer, components: MutableFloatPointer)

  /// The filter gradient from the gradient of its components: the transpose of `winogradFilters`.
  func winogradFilterGradient(
    _ tile: WinogradTile, channels: Int, width: Int, components: FloatPointer, componentStep: Int,
    weightGradient: MutableFloatPointer, tapStep: Int)
}
