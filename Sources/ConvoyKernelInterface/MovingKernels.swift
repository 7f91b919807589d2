/// Copies, sums and checks.
package protocol MovingKernels: Sendable {
  /// Whether none of the values is infinite or NaN.
  func areFinite(count: Int, values: FloatPointer) -> Bool

  /// sums[channel] = [itself +] Σ values[pixel][channel] over pixels, row by row.
  func sumPixels(
    _ geometry: PixelGeometry, values: FloatPointer, sums: MutableFloatPointer, accumulates: Bool)

  /// The sum, and the sum of squares, of `count` bytes that lie `step` apart.
  func byteSums(count: Int, step: Int, bytes: UnsafePointer<UInt8>) -> ByteSums

  /// Copies rows that are `step` apart to rows that are `otherStep` apart.
  func copyRows(_ geometry: RowGeometry, from source: FloatPointer, to target: MutableFloatPointer)

  /// Target += source, row by row.
  func addRows(_ geometry: RowGeometry, from source: FloatPointer, to target: MutableFloatPointer)

  /// Output = byte · scale + offset, with a scale and an offset for each of the `count` positions
  /// of a row. Rows of bytes are contiguous; rows of output are `outputStep` apart.
  func normalize(
    rows: Int, count: Int, bytes: UnsafePointer<UInt8>, scales: FloatPointer,
    offsets: FloatPointer, output: MutableFloatPointer, outputStep: Int)

  /// Values ·= factors.
  func multiply(count: Int, factors: FloatPointer, values: MutableFloatPointer)

  /// The sum of `slots` arrays that lie `step` apart, as a binary tree whose shape depends on the
  /// number of slots alone.
  func sumSlots(
    _ slots: Int, step: Int, count: Int, values: FloatPointer, sums: MutableFloatPointer)

  /// As `sumSlots`, for filter-major values: sums some taps of a panel's `filters`, and stores them
  /// in panel layout, one row per tap.
  func sumFilterSlots(
    _ slots: Int, step: Int, layout: FilterMajorLayout, filters: Int, taps: Range<Int>,
    values: FloatPointer, sums: MutableFloatPointer)

  /// Transposes up to 16 rows of a panel: destination[column][row] = source[row][column].
  func transposeTile(
    rows: Int, columns: Int, source: FloatPointer, destination: MutableFloatPointer,
    destinationStep: Int)
}
