/// A network: a sequence of layers, and the loss of the last layer's output.
///
/// The gradients come from backpropagation (Rumelhart, Hinton and Williams, 1986, "Learning
/// Representations by Back-Propagating Errors"): a forward pass that keeps the output of every
/// layer, then a backward pass that gives each layer the gradient of its output.
public struct ReferenceNetwork<Scalar: ReferenceScalar>: Sendable {
  /// The layers, each of which takes the output of the one before.
  ///
  /// That sizes fit is checked when a sample passes: a layer that gets another shape than it takes
  /// stops the program with a sentence.
  public var layers: [any ReferenceLayer<Scalar>]

  /// The loss that training minimises.
  public let loss: ReferenceLoss

  /// - Parameters:
  ///   - layers: first layer first.
  ///   - loss: the cross-entropy applies softmax itself, so no softmax layer comes before it.
  public init(layers: [any ReferenceLayer<Scalar>], loss: ReferenceLoss = .crossEntropy) {
    self.layers = layers
    self.loss = loss
  }

  /// All weights and biases in one flat array, layer by layer, weights first: what an optimizer
  /// updates.
  public var parameters: [Scalar] {
    get { ReferenceChain(layers: layers).parameters }
    set {
      var chain = ReferenceChain(layers: layers)
      chain.parameters = newValue
      layers = chain.layers
    }
  }

  /// The logits of a batch: the outputs of the last layer.
  public func forward(_ inputs: [ReferenceTensor<Scalar>]) -> [ReferenceTensor<Scalar>] {
    layers.reduce(inputs) { outputs, layer in layer.forward(batch: outputs) }
  }

  /// The mean loss of samples with their true classes.
  ///
  /// - Precondition: there is a sample, and each has a label.
  public func loss(of inputs: [ReferenceTensor<Scalar>], labels: [Int]) -> Scalar {
    precondition(!inputs.isEmpty && inputs.count == labels.count, "a label for each sample")
    return zip(forward(inputs), labels).reduce(0) { sum, sample in
      sum + loss.evaluate(logits: sample.0.values, label: sample.1).loss
    } / Scalar(inputs.count)
  }

  /// The losses of a batch, and the gradients of their mean with respect to all parameters and the
  /// inputs.
  ///
  /// - Precondition: the batch has a sample, and each sample a label.
  public func backward(
    inputs: [ReferenceTensor<Scalar>], labels: [Int]
  ) -> ReferenceNetworkGradients<Scalar> {
    let chain = ReferenceChain(layers: layers)
    return backward(
      through: chain, inputs: inputs, outputs: chain.outputs(of: inputs), labels: labels)
  }

  /// The same of a training step, for which dropout draws which values it keeps.
  public func backward(
    inputs: [ReferenceTensor<Scalar>], labels: [Int],
    using generator: inout some RandomNumberGenerator
  ) -> ReferenceNetworkGradients<Scalar> {
    let (chain, outputs) = ReferenceChain(layers: layers).drawn(for: inputs, using: &generator)
    return backward(through: chain, inputs: inputs, outputs: outputs, labels: labels)
  }

  private func backward(
    through chain: ReferenceChain<Scalar>, inputs: [ReferenceTensor<Scalar>],
    outputs: [[ReferenceTensor<Scalar>]], labels: [Int]
  ) -> ReferenceNetworkGradients<Scalar> {
    precondition(inputs.count == labels.count, "each sample has a label")
    let logits = outputs.last ?? inputs
    let evaluations = zip(logits, labels).map { logits, label in
      let (loss, gradient) = loss.evaluate(logits: logits.values, label: label)
      let ofMean = gradient.map { $0 / Scalar(inputs.count) }
      return (loss, ReferenceTensor(shape: logits.shape, values: ofMean))
    }
    let gradients = chain.backward(
      batch: inputs, outputs: outputs, outputGradients: evaluations.map(\.1))
    return ReferenceNetworkGradients(
      losses: evaluations.map(\.0), logits: logits, layers: gradients.layers,
      inputs: gradients.inputs)
  }
}
