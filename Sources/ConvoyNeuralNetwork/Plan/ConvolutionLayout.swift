import ConvoyKernelInterface

/// What the forward and backward passes of a convolution share: its sizes, its input and output
/// maps, the pooling fused into its stage, and the offsets of its parameters.
struct ConvolutionLayout: Sendable {
  let size: ConvolutionSize
  let input: Edge
  /// After the pooling.
  let output: Edge
  /// The convolution's own output, before the pooling.
  let shape: FeatureShape
  /// Of one group.
  let geometry: ConvolutionGeometry
  let pooling: Pooling?
  let parameters: WeightPlaces
  let isDepthwise: Bool
  /// The tile of Winograd's algorithm for passes over batches; nil for the direct convolution.
  let tile: WinogradTile?
  /// The gradients'. None where a tap meets the border alone for all outputs that a window covers: its
  /// gradient is zero, and would be roundings of transformed tiles.
  var gradientTile: WinogradTile? {
    guard let pooling else { return tile }
    return size.allTapsMeet(input.values.shape, behind: pooling.geometry) ? tile : nil
  }
  /// The forward pass's: another one, or none, where a pass has one sample.
  let forwardTile: WinogradTile?
  /// Offset of the first output's first tap, in floats from the start of the input buffer. Other
  /// readers of the edge may need a wider border.
  let firstTap: Int

  /// Max pooling, and where its winners are stored for the backward pass.
  struct Pooling: Sendable {
    let geometry: PoolingGeometry
    let winnersPlace: SamplePlace

    func winners(_ pass: SamplePass, _ sample: Int) -> MutableFloatPointer {
      unsafe pass.pointer(winnersPlace, count: geometry.outputCount, sample)
    }
  }

  /// How many samples a 1×1 convolution reads as one map: 1 unless their maps follow one another without
  /// a border.
  ///
  /// - Parameters:
  ///   - input: the map of the inputs, or of their gradients.
  ///   - output: the map of the convolution's outputs, or of their gradients.
  func joinedSamples(from input: FeatureMap, to output: FeatureMap) -> Int {
    guard
      pooling == nil, !isDepthwise, size.window == Window(kernelSize: 1, stride: 1),
      input.count == input.interiorCount, output.count == output.interiorCount
    else { return 1 }
    return max(1, Self.joinedPositions / (shape.height * shape.width))
  }

  /// Enough for whole tiles, and for sums and weights to be read for many products.
  private static let joinedPositions = 64

  /// The geometry of some panels of a group. The output pointer is that of their first filter.
  func geometry(ofPanels panels: Range<Int>) -> ConvolutionGeometry {
    var geometry = geometry
    geometry.outputChannels = weights.columns(ofPanels: panels).count
    return geometry
  }

  var weights: GroupedPanels { parameters.weights }
  /// Filters as stored.
  var filters: Int { weights.columns }
  /// The channels that a filter reads, as stored.
  var channelsAGroup: Int { input.values.channels / weights.groups }
}
