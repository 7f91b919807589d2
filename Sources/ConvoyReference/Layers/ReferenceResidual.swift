/// A residual connection (He et al., 2016, "Deep Residual Learning for Image Recognition"): the sum
/// of two branches of the same input, the layers and a shortcut. Without a shortcut, the input
/// itself is added.
///
///     output = layers(input) + shortcut(input)
package struct ReferenceResidual<Scalar: ReferenceScalar>: ReferenceLayer {
  package var layers: [any ReferenceLayer<Scalar>]
  package var shortcut: [any ReferenceLayer<Scalar>]

  package init(
    layers: [any ReferenceLayer<Scalar>], shortcut: [any ReferenceLayer<Scalar>] = []
  ) {
    self.layers = layers
    self.shortcut = shortcut
  }

  /// Weights and biases of the layers inside, one layer after the other.
  package var weights: [Scalar] {
    get { (layers + shortcut).flatMap { $0.weights + $0.biases } }
    set {
      var rest = newValue[...]
      func take(_ count: Int) -> [Scalar] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
      }
      for index in layers.indices {
        layers[index].weights = take(layers[index].weights.count)
        layers[index].biases = take(layers[index].biases.count)
      }
      for index in shortcut.indices {
        shortcut[index].weights = take(shortcut[index].weights.count)
        shortcut[index].biases = take(shortcut[index].biases.count)
      }
    }
  }

  package func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    forward(batch: [input])[0]
  }

  package func forward(batch inputs: [ReferenceTensor<Scalar>]) -> [ReferenceTensor<Scalar>] {
    let ends = [layers, shortcut].map { layers in
      layers.reduce(inputs) { activations, layer in layer.forward(batch: activations) }
    }
    return zip(ends[0], ends[1]).map { one, other in
      precondition(one.shape == other.shape, "layers and shortcut give the same shape")
      return sum(one, other)
    }
  }

  /// The output's gradient flows back through both branches; the input's is the sum of the results.
  package func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    backward(batch: [input], outputs: [output], outputGradients: [outputGradient])
  }

  package func backward(
    batch inputs: [ReferenceTensor<Scalar>],
    outputs: [ReferenceTensor<Scalar>],
    outputGradients: [ReferenceTensor<Scalar>]
  ) -> ReferenceGradients<Scalar> {
    let ends = [layers, shortcut].map { layers in
      let chain = ReferenceChain(layers: layers)
      return chain.backward(chain.activations(from: inputs), outputGradients: outputGradients)
    }
    let inner = ends[0].layers + ends[1].layers
    return ReferenceGradients(
      inputs: zip(ends[0].inputs, ends[1].inputs).map(sum),
      weights: inner.flatMap { $0.weights + $0.biases }, inner: inner)
  }

  private func sum(
    _ one: ReferenceTensor<Scalar>, _ other: ReferenceTensor<Scalar>
  ) -> ReferenceTensor<Scalar> {
    ReferenceTensor(shape: one.shape, values: zip(one.values, other.values).map { $0 + $1 })
  }
}
