/// The shape of one sample: channels × height × width, as in PyTorch without the batch.
///
/// A vector of n features is n × 1 × 1.
package struct ReferenceShape: Equatable, Sendable {
  package let channels: Int
  package let height: Int
  package let width: Int

  package init(channels: Int, height: Int, width: Int) {
    precondition(
      channels > 0 && height > 0 && width > 0, "every side of a shape is at least 1")
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// The shape of a vector.
  package init(features: Int) {
    self.init(channels: features, height: 1, width: 1)
  }

  /// The number of values.
  package var count: Int { channels * height * width }

  /// Whether a row and column are inside the plane rather than in the padding around it.
  package func hasPlace(row: Int, column: Int) -> Bool {
    row >= 0 && row < height && column >= 0 && column < width
  }
}

/// Reads a [C][H][W] input as a vector of C·H·W features, in the same order.
package struct ReferenceFlatten<Scalar: ReferenceScalar>: ReferenceLayer {
  package init() {}

  package func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    ReferenceTensor(vector: input.values)
  }

  /// The gradient takes the input's shape again.
  package func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    ReferenceGradients(
      input: ReferenceTensor(shape: input.shape, values: outputGradient.values))
  }
}
