/// Samples with their true classes: what a network is trained with and judged by.
public struct ReferenceSamples<Scalar: ReferenceScalar>: Sendable {
  /// One per sample.
  public let inputs: [ReferenceTensor<Scalar>]

  /// The class of each sample, counted from 0.
  public let labels: [Int]

  /// - Precondition: each sample has a label.
  public init(inputs: [ReferenceTensor<Scalar>], labels: [Int]) {
    precondition(inputs.count == labels.count, "each sample has a label")
    self.inputs = inputs
    self.labels = labels
  }

  /// The number of samples.
  public var count: Int { inputs.count }

  /// The samples at some places, in their order.
  public subscript(places: some Sequence<Int>) -> Self {
    Self(inputs: places.map { inputs[$0] }, labels: places.map { labels[$0] })
  }

  /// The first samples, or all if there are not as many.
  public func prefix(_ count: Int) -> Self { self[0..<min(count, self.count)] }

  /// All samples, cut into batches of equal size; the last may be smaller.
  ///
  /// - Parameters:
  ///   - size: the samples of a batch.
  ///   - order: the places of the samples.
  /// - Precondition: the size is at least 1.
  public func batches(of size: Int, order: [Int]) -> [Self] {
    precondition(size > 0, "a batch has a sample")
    return stride(from: 0, to: order.count, by: size).map { first in
      self[order[first..<min(first + size, order.count)]]
    }
  }
}
