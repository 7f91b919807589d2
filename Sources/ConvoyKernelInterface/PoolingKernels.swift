/// Standalone pooling.
package protocol PoolingKernels: Sendable {
  /// The largest of each window, the first of equals, and its place in the window.
  func maxPool(
    _ geometry: PoolingGeometry, input: FloatPointer, output: MutableFloatPointer,
    winners: MutableFloatPointer)

  /// Gives each output's gradient to the winner of its window. Overwrites all inputs that windows
  /// reach. `outputGradient` is dense; `inputRowStep` is the input gradient's.
  func maxPoolGradient(
    _ geometry: PoolingGeometry, outputGradient: FloatPointer, winners: FloatPointer,
    inputGradient: MutableFloatPointer)

  /// The mean of each window.
  func averagePool(_ geometry: PoolingGeometry, input: FloatPointer, output: MutableFloatPointer)

  /// Spreads each output's gradient evenly over its window; otherwise as `maxPoolGradient`.
  func averagePoolGradient(
    _ geometry: PoolingGeometry, outputGradient: FloatPointer, inputGradient: MutableFloatPointer)
}
