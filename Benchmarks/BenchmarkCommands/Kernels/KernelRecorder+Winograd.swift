import ConvoyKernelInterface
import ConvoyTestSupport

/// The transforms of Winograd's convolution.
extension KernelRecorder {
  func winogradInput(
    _ geometry: WinogradGeometry, input: FloatPointer, components: MutableFloatPointer
  ) {
    unsafe recording(.winogradInput(geometry.fromTheFirstTile))
      .winogradInput(geometry, input: input, components: components)
  }

  func winogradOutput(
    _ geometry: WinogradGeometry, components: FloatPointer, bias: FloatPointer?,
    output: MutableFloatPointer
  ) {
    unsafe recording(.winogradOutput(geometry.fromTheFirstTile, hasBias: bias != nil))
      .winogradOutput(geometry, components: components, bias: bias, output: output)
  }

  func winogradFilters(
    _ tile: WinogradTile, channels: Int, width: Int, weights: FloatPointer, tapStep: Int,
    components: MutableFloatPointer, componentStep: Int, inPairs: Bool
  ) {
    let panel = WinogradPanel(
      tile: tile, channels: channels, width: width, tapStep: tapStep, componentStep: componentStep,
      inPairs: inPairs)
    unsafe recording(.winogradFilters(panel)).winogradFilters(
      tile, channels: channels, width: width, weights: weights, tapStep: tapStep,
      components: components, componentStep: componentStep, inPairs: inPairs)
  }

  func winogradOutputGradient(
    _ geometry: WinogradGeometry, gradient: FloatPointer, components: MutableFloatPointer
  ) {
    unsafe recording(.winogradOutputGradient(geometry.fromTheFirstTile))
      .winogradOutputGradient(geometry, gradient: gradient, components: components)
  }

  func winogradFilterGradient(
    _ tile: WinogradTile, channels: Int, width: Int, components: FloatPointer, componentStep: Int,
    weightGradient: MutableFloatPointer, tapStep: Int
  ) {
    let panel = WinogradPanel(
      tile: tile, channels: channels, width: width, tapStep: tapStep, componentStep: componentStep)
    unsafe recording(.winogradFilterGradient(panel)).winogradFilterGradient(
      tile, channels: channels, width: width, components: components, componentStep: componentStep,
      weightGradient: weightGradient, tapStep: tapStep)
  }
}

extension WinogradGeometry {
  /// Each sample of a group takes the time that the first one takes.
  fileprivate var fromTheFirstTile: WinogradGeometry {
    var geometry = self
    geometry.firstTile = 0
    return geometry
  }
}
