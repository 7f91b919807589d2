import KernelInterface

/// What a convolution's passes have in common: its numbers, the maps between which it lies, the
/// pooling that is part of its stage, and where its parameters are.
struct ConvolutionLayout: Sendable {
  let size: ConvolutionSize
  let input: Interface
  /// After the pooling.
  let output: Interface
  /// The convolution's own output, before the pooling.
  let shape: FeatureShape
  let geometry: ConvolutionGeometry
  let pooling: Pooling?
  let parameters: WeightPlaces
  let wantsInputGradient: Bool
  /// Whether all passes are Winograd's where nothing better is known.
  let usesWinograd: Bool

  /// Max pooling, and where its winners are kept: in `WorkerMemory`, for each sample of a shard.
  struct Pooling: Sendable {
    let geometry: PoolingGeometry
    let winnersPlace: Int

    func winners(_ pass: ShardPass, _ sample: Int) -> MutableFloatPointer {
      pass.worker.values.pointer
        + (winnersPlace * pass.worker.samples + sample * geometry.outputCount)
    }
  }

  /// Filters as stored.
  var filters: Int { geometry.outputChannels }
}
