import ConvoyReference
import ConvoyTestSupport
import Testing

@Suite("Network")
struct NetworkTests {
  /// One of every layer, small and ragged: a batch of two of 1 × 7 × 9 to 4 classes.
  static func layers(_ generator: inout SeededGenerator) -> [any ReferenceLayer<Double>] {
    let first = ReferenceConvolution(
      inputChannels: 1, filters: 3,
      window: ReferenceWindow(height: 3, width: 2, stride: 1, padding: 1),
      weights: generator.spacedValues(count: 18), biases: generator.spacedValues(count: 3))
    let second = ReferenceConvolution(
      inputChannels: 3, filters: 2,
      window: ReferenceWindow(height: 1, width: 2, stride: 1),
      weights: generator.spacedValues(count: 12), biases: generator.spacedValues(count: 2))
    let hidden = ReferenceDense(
      inputFeatures: 8, units: 5,
      weights: generator.spacedValues(count: 40), biases: generator.spacedValues(count: 5))
    let last = ReferenceDense(
      inputFeatures: 5, units: 4,
      weights: generator.spacedValues(count: 20), biases: generator.spacedValues(count: 4))
    return [
      first,
      ReferenceActivation<Double>.relu,
      ReferenceMaxPooling<Double>(window: ReferenceWindow(height: 3, width: 3, stride: 2)),
      second,
      ReferenceBatchNormalization(
        weights: generator.spacedValues(count: 2), biases: generator.spacedValues(count: 2),
        epsilon: 0.1),
      ReferenceActivation<Double>.tanh,
      ReferenceAveragePooling<Double>(window: ReferenceWindow(height: 2, width: 2, stride: 1)),
      ReferenceFlatten<Double>(),
      hidden,
      ReferenceActivation<Double>.sigmoid,
      ReferenceDropout<Double>(
        rate: 0.2,
        kept: [[true, true, false, true, true], [false, true, true, true, true]]),
      last,
    ]
  }

  @Test("all gradients agree with finite differences", arguments: ReferenceLoss.allCases)
  func gradients(loss: ReferenceLoss) {
    let seed: UInt64 = 44
    var generator = SeededGenerator(seed: seed)
    let network = ReferenceNetwork(layers: Self.layers(&generator), loss: loss)
    let inputs = [generator.spacedTensor(shape(1, 7, 9)), generator.spacedTensor(shape(1, 7, 9))]
    let labels = [2, 0]
    let gradients = network.backward(inputs: inputs, labels: labels)
    let loss = network.loss(of: inputs, labels: labels)
    #expect((gradients.losses[0] + gradients.losses[1]) / 2 == loss)
    #expect(gradients.layers.count == network.layers.count)

    // The size is that of the one number summed up; parameters and inputs are below 1, so that the
    // third derivatives of the chain stay of the order of 1 as well.
    var check = GradientCheck()
    let size = 1 + loss
    for (index, layer) in network.layers.enumerated() {
      let found = gradients.layers[index]
      check.compare(found.weights, at: layer.weights, size: size, name: "layer \(index) weight") {
        var changed = network
        changed.layers[index].weights = $0
        return changed.loss(of: inputs, labels: labels)
      }
      check.compare(found.biases, at: layer.biases, size: size, name: "layer \(index) bias") {
        var changed = network
        changed.layers[index].biases = $0
        return changed.loss(of: inputs, labels: labels)
      }
    }
    for (sample, input) in inputs.enumerated() {
      check.compare(
        gradients.inputs[sample].values, at: input.values, size: size, name: "input of \(sample)"
      ) {
        var changed = inputs
        changed[sample].values = $0
        return network.loss(of: changed, labels: labels)
      }
    }
    #expect(check.worst <= 1, "seed \(seed), \(check.place)")
  }

  @Test("a step against the gradient lowers the loss", arguments: ReferenceLoss.allCases)
  func descent(loss: ReferenceLoss) {
    var generator = SeededGenerator(seed: 43)
    var network = ReferenceNetwork(layers: Self.layers(&generator), loss: loss)
    let inputs = [generator.spacedTensor(shape(1, 7, 9)), generator.spacedTensor(shape(1, 7, 9))]
    let gradients = network.backward(inputs: inputs, labels: [1, 3])
    for (index, layer) in gradients.layers.enumerated() {
      network.layers[index].weights = zip(network.layers[index].weights, layer.weights)
        .map { weight, gradient in weight - 0.01 * gradient }
    }
    #expect(
      network.loss(of: inputs, labels: [1, 3])
        < (gradients.losses[0] + gradients.losses[1]) / 2, "seed 43")
  }
}
