import ConvoyKernelInterface

/// The lists that kernels make of the pooled gradients of some samples.
package struct StoredGradientLists: Sendable {
  package let capacity: Int
  package let count: Int
  /// What the lists say, float by float; nil where anything may be.
  package let floats: [Float?]

  /// - Parameters:
  ///   - gradients: sample by sample.
  ///   - pooling: its winner steps are the convolution's input steps.
  ///   - filters: as many lists.
  ///   - mapStep: added to all places from a sample to the next.
  package init(
    _ gradients: [PooledGradients], _ pooling: PoolingGeometry, filters: Int, mapStep: Int
  ) {
    capacity = gradients.count * pooling.outputRows * pooling.outputColumns + 1
    count = GradientLists.count(filters: filters, capacity: capacity)
    var floats = [Float?](repeating: nil, count: count)
    for filter in 0..<filters {
      let start = filter * (2 + 2 * capacity)
      let listed = gradients.enumerated().flatMap { sample, gradients in
        gradients.listed(filter: filter, pooling, offset: sample * mapStep)
      }
      floats[start] = Self.bits(listed.count)
      for (index, entry) in listed.enumerated() {
        floats[start + 2 + 2 * index] = Self.bits(entry.place)
        floats[start + 3 + 2 * index] = Float(entry.gradient)
      }
    }
    self.floats = floats
  }

  private static func bits(_ number: Int) -> Float {
    Float(bitPattern: UInt32(truncatingIfNeeded: number))
  }
}
