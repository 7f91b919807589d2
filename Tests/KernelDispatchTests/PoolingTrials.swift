import ConvoyKernelInterface
import ConvoyTestSupport

/// Trials of the poolings and their gradients.
enum PoolingTrials {
  /// Every size of window with every stride, twice, most of them square: windows overlap, touch or leave
  /// gaps.
  static let all: [KernelTrial] = (0..<60).flatMap { index in
    var conditions = TrialConditions(seed: 500 + UInt64(index))
    let geometry = geometry(size: 1 + index / 6 % 5, stride: 1 + index % 6, &conditions)
    let calls: [KernelCall] = [
      .maxPool(geometry), .maxPoolGradient(geometry), .averagePool(geometry),
      .averagePoolGradient(geometry),
    ]
    return calls.map { $0.trial(conditions) }
  }

  private static func geometry(
    size: Int, stride: Int, _ conditions: inout TrialConditions
  ) -> PoolingGeometry {
    var generator = SeededGenerator(seed: conditions.seed)
    let ownChannels = generator.pick([1, 3, 7, 17])
    let channels = PanelLayout.padded(ownChannels)
    let columns = generator.integer(in: 1...6)
    // What is too little for one more window, or belongs to somebody else.
    let beyond = generator.integer(in: 0...stride - 1) + generator.pick([0, 2])
    conditions.outputChannels = ownChannels
    let width = generator.pick([size, size, 1, 3])
    let across = generator.pick([stride, stride, 1, 2])
    return PoolingGeometry(
      kernelRows: size, kernelColumns: width, rowStride: stride,
      columnStride: across, outputRows: generator.integer(in: 1...4),
      outputColumns: columns, channels: channels,
      inputRowStep: ((columns - 1) * across + width + beyond) * channels,
      outputRowStep: (columns + generator.pick([0, 2])) * channels)
  }
}
