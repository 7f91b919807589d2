/// A network: a sequence of layers, and the loss of the last layer's output.
///
/// The gradients come from backpropagation (Rumelhart, Hinton and Williams, 1986, "Learning
/// Representations by Back-Propagating Errors"): a forward pass that keeps every activation, then a
/// backward pass that gives each layer the gradient of its output.
package struct ReferenceNetwork<Scalar: ReferenceScalar>: Sendable {
  package var layers: [any ReferenceLayer<Scalar>]
  package let loss: ReferenceLoss

  package init(layers: [any ReferenceLayer<Scalar>], loss: ReferenceLoss) {
    self.layers = layers
    self.loss = loss
  }

  /// The logits of a batch: the outputs of the last layer.
  package func forward(_ inputs: [ReferenceTensor<Scalar>]) -> [ReferenceTensor<Scalar>] {
    layers.reduce(inputs) { activations, layer in layer.forward(batch: activations) }
  }

  /// The mean loss of samples with their true classes.
  package func loss(of inputs: [ReferenceTensor<Scalar>], labels: [Int]) -> Scalar {
    zip(forward(inputs), labels).reduce(0) { sum, sample in
      sum + loss.evaluate(logits: sample.0.values, label: sample.1).loss
    } / Scalar(inputs.count)
  }

  /// The losses of a batch, and the gradients of their mean with respect to all parameters and the
  /// inputs.
  package func backward(
    inputs: [ReferenceTensor<Scalar>], labels: [Int]
  ) -> ReferenceNetworkGradients<Scalar> {
    let chain = ReferenceChain(layers: layers)
    let activations = chain.activations(from: inputs)
    let evaluations = zip(activations[layers.count], labels).map { logits, label in
      let (loss, gradient) = loss.evaluate(logits: logits.values, label: label)
      let mean = gradient.map { $0 / Scalar(inputs.count) }
      return (loss, ReferenceTensor(shape: logits.shape, values: mean))
    }
    let (gradients, layerGradients) = chain.backward(
      activations, outputGradients: evaluations.map(\.1))
    return ReferenceNetworkGradients(
      losses: evaluations.map(\.0), layers: layerGradients, inputs: gradients)
  }
}

/// A sequence of layers.
struct ReferenceChain<Scalar: ReferenceScalar> {
  let layers: [any ReferenceLayer<Scalar>]

  /// The batch, and what each layer gives: layer i turns activations i into activations i + 1.
  func activations(from inputs: [ReferenceTensor<Scalar>]) -> [[ReferenceTensor<Scalar>]] {
    var activations = [inputs]
    for layer in layers {
      activations.append(layer.forward(batch: activations[activations.count - 1]))
    }
    return activations
  }

  /// The gradients of the inputs, and those of each layer, first layer first.
  func backward(
    _ activations: [[ReferenceTensor<Scalar>]], outputGradients: [ReferenceTensor<Scalar>]
  ) -> (inputs: [ReferenceTensor<Scalar>], layers: [ReferenceGradients<Scalar>]) {
    var inputGradients = outputGradients
    var layerGradients: [ReferenceGradients<Scalar>] = []
    for index in layers.indices.reversed() {
      let gradients = layers[index].backward(
        batch: activations[index], outputs: activations[index + 1],
        outputGradients: inputGradients)
      inputGradients = gradients.inputs
      layerGradients.append(gradients)
    }
    return (inputGradients, layerGradients.reversed())
  }
}
