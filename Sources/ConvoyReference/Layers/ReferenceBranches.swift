/// Sequences of layers that all read the same input: the inside of a residual connection and of a
/// concatenation.
package struct ReferenceBranches<Scalar: ReferenceScalar>: Sendable {
  package var layers: [[any ReferenceLayer<Scalar>]]

  /// Weights and biases of all layers, one layer after the other.
  var weights: [Scalar] {
    get { layers.joined().flatMap { $0.weights + $0.biases } }
    set {
      var rest = newValue[...]
      func take(_ count: Int) -> [Scalar] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
      }
      for branch in layers.indices {
        for index in layers[branch].indices {
          layers[branch][index].weights = take(layers[branch][index].weights.count)
          layers[branch][index].biases = take(layers[branch][index].biases.count)
        }
      }
    }
  }

  /// What each branch gives, by branch and sample.
  func forward(batch inputs: [ReferenceTensor<Scalar>]) -> [[ReferenceTensor<Scalar>]] {
    layers.map { layers in
      layers.reduce(inputs) { activations, layer in layer.forward(batch: activations) }
    }
  }

  /// The gradients of the input, the sum over the branches, and of all layers.
  ///
  /// - Parameter outputGradients: by branch and sample.
  func backward(
    batch inputs: [ReferenceTensor<Scalar>], outputGradients: [[ReferenceTensor<Scalar>]]
  ) -> ReferenceGradients<Scalar> {
    let ends = zip(layers, outputGradients).map { layers, gradients in
      let chain = ReferenceChain(layers: layers)
      return chain.backward(chain.activations(from: inputs), outputGradients: gradients)
    }
    let inner = ends.flatMap(\.layers)
    return ReferenceGradients(
      inputs: inputs.indices.map { sample in
        ends.dropFirst().reduce(ends[0].inputs[sample]) { $0.adding($1.inputs[sample]) }
      },
      weights: inner.flatMap { $0.weights + $0.biases }, inner: inner)
  }
}

extension ReferenceTensor {
  func adding(_ other: ReferenceTensor) -> ReferenceTensor {
    precondition(shape == other.shape, "only tensors of one shape can be added")
    return ReferenceTensor(shape: shape, values: zip(values, other.values).map { $0 + $1 })
  }
}
