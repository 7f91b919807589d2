/// Sequences of layers that all read the same input: the inside of a residual connection and of a
/// concatenation.
public struct ReferenceBranches<Scalar: ReferenceScalar>: Sendable {
  /// The layers of each branch.
  public var layers: [[any ReferenceLayer<Scalar>]]

  /// Weights and biases of all layers, one layer after the other.
  var weights: [Scalar] {
    get { layers.flatMap { ReferenceChain(layers: $0).parameters } }
    set {
      var first = 0
      for branch in layers.indices {
        var chain = ReferenceChain(layers: layers[branch])
        let count = chain.parameters.count
        chain.parameters = Array(newValue[first..<first + count])
        layers[branch] = chain.layers
        first += count
      }
    }
  }

  /// What each branch gives, by branch and sample.
  func forward(batch inputs: [ReferenceTensor<Scalar>]) -> [[ReferenceTensor<Scalar>]] {
    layers.map { layers in
      layers.reduce(inputs) { outputs, layer in layer.forward(batch: outputs) }
    }
  }

  /// The branches with the random choices of a training step.
  func drawn(
    for inputs: [ReferenceTensor<Scalar>], using generator: inout some RandomNumberGenerator
  ) -> Self {
    var branches = self
    for branch in layers.indices {
      branches.layers[branch] =
        ReferenceChain(layers: layers[branch]).drawn(for: inputs, using: &generator).chain.layers
    }
    return branches
  }

  /// The gradients of the input, the sum over the branches, and of all layers.
  ///
  /// - Parameter outputGradients: by branch and sample.
  func backward(
    batch inputs: [ReferenceTensor<Scalar>], outputGradients: [[ReferenceTensor<Scalar>]]
  ) -> ReferenceGradients<Scalar> {
    let ends = zip(layers, outputGradients).map { layers, gradients in
      let chain = ReferenceChain(layers: layers)
      return chain.backward(
        batch: inputs, outputs: chain.outputs(of: inputs), outputGradients: gradients)
    }
    let inner = ends.flatMap(\.layers)
    return ReferenceGradients(
      inputs: inputs.indices.map { sample in
        ends.dropFirst().reduce(ends[0].inputs[sample]) { $0.adding($1.inputs[sample]) }
      },
      weights: inner.flatMap { $0.weights + $0.biases }, inner: inner)
  }
}
