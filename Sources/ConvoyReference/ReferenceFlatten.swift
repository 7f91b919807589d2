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
