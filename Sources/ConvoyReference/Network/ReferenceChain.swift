/// A sequence of layers, each of which takes the output of the one before.
struct ReferenceChain<Scalar: ReferenceScalar> {
  var layers: [any ReferenceLayer<Scalar>]

  /// The weights and biases of all layers, one layer after the other.
  var parameters: [Scalar] {
    get { layers.flatMap { $0.weights + $0.biases } }
    set {
      precondition(newValue.count == parameters.count, "there are as many parameters as before")
      var rest = newValue[...]
      func take(_ count: Int) -> [Scalar] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
      }
      for index in layers.indices {
        let (weights, biases) = (layers[index].weights.count, layers[index].biases.count)
        if weights > 0 { layers[index].weights = take(weights) }
        if biases > 0 { layers[index].biases = take(biases) }
      }
    }
  }

  /// The forward pass: what each layer gives for a batch, first layer first.
  func outputs(of inputs: [ReferenceTensor<Scalar>]) -> [[ReferenceTensor<Scalar>]] {
    var outputs: [[ReferenceTensor<Scalar>]] = []
    for layer in layers {
      outputs.append(layer.forward(batch: outputs.last ?? inputs))
    }
    return outputs
  }

  /// The forward pass of a training step: the layers with its random choices, and what each gives.
  func drawn(
    for inputs: [ReferenceTensor<Scalar>], using generator: inout some RandomNumberGenerator
  ) -> (chain: Self, outputs: [[ReferenceTensor<Scalar>]]) {
    var chain = self
    var outputs: [[ReferenceTensor<Scalar>]] = []
    for index in layers.indices {
      let batch = outputs.last ?? inputs
      chain.layers[index] = layers[index].drawn(for: batch, using: &generator)
      outputs.append(chain.layers[index].forward(batch: batch))
    }
    return (chain, outputs)
  }

  /// The backward pass: the gradients of the inputs, and those of each layer, first layer first.
  func backward(
    batch inputs: [ReferenceTensor<Scalar>],
    outputs: [[ReferenceTensor<Scalar>]],
    outputGradients: [ReferenceTensor<Scalar>]
  ) -> (inputs: [ReferenceTensor<Scalar>], layers: [ReferenceGradients<Scalar>]) {
    var gradients = outputGradients
    var layerGradients: [ReferenceGradients<Scalar>] = []
    for index in layers.indices.reversed() {
      let result = layers[index].backward(
        batch: index == 0 ? inputs : outputs[index - 1], outputs: outputs[index],
        outputGradients: gradients)
      gradients = result.inputs
      layerGradients.append(result)
    }
    return (gradients, layerGradients.reversed())
  }
}
