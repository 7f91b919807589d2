/// The outputs of branches of the same input, one after another along the channels (Szegedy et al.,
/// 2015, "Going Deeper with Convolutions"; Huang et al., 2017, "Densely Connected Convolutional
/// Networks"). All have the same height and width.
///
///     output[channels of branch b] = branch_b(input)
public struct ReferenceConcatenation<Scalar: ReferenceScalar>: ReferenceLayer {
  /// The layers inside.
  public var branches: ReferenceBranches<Scalar>

  public var name: String { "concatenate" }

  /// Branches of layers that all read the same input.
  ///
  /// - Precondition: there is one.
  public init(branches: [[any ReferenceLayer<Scalar>]]) {
    precondition(!branches.isEmpty, "a concatenation has a branch")
    self.branches = ReferenceBranches(layers: branches)
  }

  /// Weights and biases of the layers inside, one layer after the other.
  public var weights: [Scalar] {
    get { branches.weights }
    set { branches.weights = newValue }
  }

  public func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    forward(batch: [input])[0]
  }

  /// Channels are the outermost dimension, so the values follow one another.
  public func forward(batch inputs: [ReferenceTensor<Scalar>]) -> [ReferenceTensor<Scalar>] {
    let ends = branches.forward(batch: inputs)
    return inputs.indices.map { sample in
      let parts = ends.map { $0[sample] }
      return ReferenceTensor(
        shape: ReferenceShape(
          channels: parts.reduce(0) { $0 + $1.shape.channels }, height: parts[0].shape.height,
          width: parts[0].shape.width),
        values: parts.flatMap(\.values))
    }
  }

  /// Each branch takes the gradients of its channels; the input's is the sum of the results.
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
    var first = 0
    let gradients = branches.forward(batch: inputs).map { end in
      let shape = end[0].shape
      defer { first += shape.count }
      return outputGradients.map {
        ReferenceTensor(shape: shape, values: Array($0.values[first..<first + shape.count]))
      }
    }
    return branches.backward(batch: inputs, outputGradients: gradients)
  }

  public func drawn(
    for inputs: [ReferenceTensor<Scalar>], using generator: inout some RandomNumberGenerator
  ) -> Self {
    var layer = self
    layer.branches = branches.drawn(for: inputs, using: &generator)
    return layer
  }
}
