/// Reads a [C][H][W] input as a vector of C·H·W features, in the same order.
///
/// It stands between the maps of convolutions and the vectors of dense layers.
public struct ReferenceFlatten<Scalar: ReferenceScalar>: ReferenceLayer {
  /// It has no weights.
  public init() {}

  public var name: String { "flatten" }

  public func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    ReferenceTensor(vector: input.values)
  }

  /// The gradient takes the input's shape again.
  public func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    ReferenceGradients(
      input: ReferenceTensor(shape: input.shape, values: outputGradient.values))
  }
}
