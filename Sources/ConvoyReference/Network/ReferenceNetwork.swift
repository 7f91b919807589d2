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

  /// The logits: the output of the last layer.
  package func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    layers.reduce(input) { activation, layer in layer.forward(activation) }
  }

  /// The loss of one sample with its true class.
  package func loss(of input: ReferenceTensor<Scalar>, label: Int) -> Scalar {
    loss.evaluate(logits: forward(input).values, label: label).loss
  }

  /// The loss of one sample and its gradients with respect to all parameters and the input.
  package func backward(
    input: ReferenceTensor<Scalar>, label: Int
  ) -> ReferenceNetworkGradients<Scalar> {
    let chain = ReferenceChain(layers: layers)
    let activations = chain.activations(from: input)
    let logits = activations[layers.count]
    let (value, logitGradient) = loss.evaluate(logits: logits.values, label: label)
    let (gradient, layerGradients) = chain.backward(
      activations, outputGradient: ReferenceTensor(shape: logits.shape, values: logitGradient))
    return ReferenceNetworkGradients(
      loss: value, layers: layerGradients, input: gradient)
  }
}

/// A sequence of layers.
struct ReferenceChain<Scalar: ReferenceScalar> {
  let layers: [any ReferenceLayer<Scalar>]

  /// The input, and what each layer gives: layer i turns activation i into activation i + 1.
  func activations(from input: ReferenceTensor<Scalar>) -> [ReferenceTensor<Scalar>] {
    var activations = [input]
    for layer in layers {
      activations.append(layer.forward(activations[activations.count - 1]))
    }
    return activations
  }

  /// The gradient of the input, and those of each layer, first layer first.
  func backward(
    _ activations: [ReferenceTensor<Scalar>], outputGradient: ReferenceTensor<Scalar>
  ) -> (input: ReferenceTensor<Scalar>, layers: [ReferenceGradients<Scalar>]) {
    var gradient = outputGradient
    var layerGradients: [ReferenceGradients<Scalar>] = []
    for index in layers.indices.reversed() {
      let gradients = layers[index].backward(
        input: activations[index], output: activations[index + 1], outputGradient: gradient)
      gradient = gradients.input
      layerGradients.append(gradients)
    }
    return (gradient, layerGradients.reversed())
  }
}
