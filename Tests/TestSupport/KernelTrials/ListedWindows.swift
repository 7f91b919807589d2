import ConvoyKernelInterface

/// The windows of some samples, whose gradients are in lists.
package struct ListedWindows: Sendable, Equatable {
  /// Its winner steps are the convolution's input steps.
  package let pooling: PoolingGeometry
  package let samples: Int

  package init(pooling: PoolingGeometry, samples: Int) {
    self.pooling = pooling
    self.samples = samples
  }

  package var count: Int { samples * pooling.outputCount }
}
