/// A residual connection (He et al., 2016, "Deep Residual Learning for Image Recognition"): the sum
/// of two branches of the same input, the layers and a shortcut. Without a shortcut, the input
/// itself is added.
///
///     output = layers(input) + shortcut(input)
public struct ReferenceResidual<Scalar: ReferenceScalar>: ReferenceLayer {
  /// The layers inside.
  public var branches: ReferenceBranches<Scalar>

  public var name: String { "residual" }

  /// - Parameters:
  ///   - layers: the main branch.
  ///   - shortcut: the other branch, whose output is added; empty for the identity.
  public init(
    layers: [any ReferenceLayer<Scalar>], shortcut: [any ReferenceLayer<Scalar>] = []
  ) {
    branches = ReferenceBranches(layers: [layers, shortcut])
  }

  /// Weights and biases of the layers inside, one layer after the other.
  public var weights: [Scalar] {
    get { branches.weights }
    set { branches.weights = newValue }
  }

  public func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    forward(batch: [input])[0]
  }

  public func forward(batch inputs: [ReferenceTensor<Scalar>]) -> [ReferenceTensor<Scalar>] {
    let ends = branches.forward(batch: inputs)
    return zip(ends[0], ends[1]).map { $0.adding($1) }
  }

  /// The output's gradient flows back through both branches; the input's is the sum of the results.
  public func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    backward(batch: [input], outputs: [output], outputGradients: [outputGradient])
  }

  public func backward(
    batch inputs: [ReferenceTensor<Scalar>],
    outputs: [ReferenceTensor<Scalar>],
    outputGradients: [ReferenceTensor<Scalar>]
  ) -> ReferenceGradients<Scalar> {
    branches.backward(batch: inputs, outputGradients: [outputGradients, outputGradients])
  }

  public func drawn(
    for inputs: [ReferenceTensor<Scalar>], using generator: inout some RandomNumberGenerator
  ) -> Self {
    var layer = self
    layer.branches = branches.drawn(for: inputs, using: &generator)
    return layer
  }
}
