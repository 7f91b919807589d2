import ConvoyKernelInterface

/// The windows of some samples, whose gradients are in lists.
struct ListedWindows: Sendable, Equatable {
  /// Its winner steps are the convolution's input steps.
  let pooling: PoolingGeometry
  let samples: Int

  var count: Int { samples * pooling.outputCount }
}
