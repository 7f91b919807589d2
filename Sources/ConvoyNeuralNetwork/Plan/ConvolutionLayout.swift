import ConvoyKernelInterface

/// What a convolution's passes have in common: its numbers, the maps between which it lies, the
/// pooling that is part of its stage, and where its parameters are.
struct ConvolutionLayout: Sendable {
  let size: ConvolutionSize
  let input: Edge
  /// After the pooling.
  let output: Edge
  /// The convolution's own output, before the pooling.
  let shape: FeatureShape
  let geometry: ConvolutionGeometry
  let pooling: Pooling?
  let parameters: WeightPlaces
  /// Whether all passes are Winograd's where nothing better is known.
  let usesWinograd: Bool
  /// Where the first output's taps begin, in floats from the corner of the input's border: other readers
  /// of the edge may need a wider one.
  let firstTap: Int

  /// Max pooling, and where its winners are kept for the pass backward.
  struct Pooling: Sendable {
    let geometry: PoolingGeometry
    let winnersPlace: SamplePlace

    func winners(_ pass: SamplePass, _ sample: Int) -> MutableFloatPointer {
      unsafe pass.pointer(winnersPlace, count: geometry.outputCount, sample)
    }
  }

  /// The geometry of some panels of the filters: their outputs begin where those of their first filter do.
  func geometry(ofPanels panels: Range<Int>) -> ConvolutionGeometry {
    var geometry = geometry
    geometry.outputChannels =
      min(panels.upperBound * PanelLayout.panelWidth, filters)
      - panels.lowerBound * PanelLayout.panelWidth
    return geometry
  }

  /// Filters as stored.
  var filters: Int { geometry.outputChannels }
}
