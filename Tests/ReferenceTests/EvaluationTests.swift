import ConvoyReference
import Testing

@Suite("Evaluation and layer outputs")
struct EvaluationTests {
  /// The network of "Building a Convolutional Neural Network From Scratch" (January 2026).
  static func article(seed: UInt64) -> ReferenceNetwork<Float> {
    var generator = ReferenceGenerator(seed: seed)
    return ReferenceNetwork(layers: [
      ReferenceConvolution(
        inputChannels: 1, filters: 8, kernelSize: 3, bias: false, using: &generator),
      ReferenceActivation.relu,
      ReferenceMaxPooling(kernelSize: 2),
      ReferenceFlatten(),
      ReferenceDense(inputFeatures: 8 * 13 * 13, units: 10, using: &generator),
    ])
  }

  private static let identity = ReferenceNetwork<Double>(
    layers: [ReferenceActivation.identity], loss: .hinge)

  @Test("the mean loss and the share of right classes, for any size of batch")
  func evaluation() {
    // Hinge losses: 0; (1 + 3) / 3; (1 + 1) / 3, where a tie goes to the first class.
    let logits: [[Double]] = [[5, 1, 2], [0, 2, 0], [3, 3, 3]]
    let samples = ReferenceSamples<Double>(
      inputs: logits.map { ReferenceTensor(vector: $0) }, labels: [0, 2, 0])
    for batch in 1...4 {
      let evaluation = Self.identity.evaluate(on: samples, batch: batch)
      #expect(evaluation.accuracy == 2.0 / 3)
      #expect(abs(evaluation.loss - 2.0 / 3) <= 1e-15)
    }
    let predictions: [Int] = [0, 1, 0]
    #expect(samples.inputs.map { Self.identity.predict($0) } == predictions)
  }

  @Test("probabilities are the softmax of the outputs")
  func probabilities() {
    let probabilities = Self.identity.probabilities(of: ReferenceTensor(vector: [1000, 0, 1000]))
    let expected: [Double] = [0.5, 0, 0.5]
    #expect(probabilities == expected)
  }

  @Test("every layer's output has a name, a shape and values; there are 13,602 parameters")
  func layerOutputs() {
    let network = Self.article(seed: 0)
    var generator = ReferenceGenerator(seed: 1)
    let shape = ReferenceShape(channels: 1, height: 28, width: 28)
    let image = ReferenceTensor(
      shape: shape, values: (0..<784).map { _ in Float.random(in: 0...1, using: &generator) })
    let outputs = network.layerOutputs(of: image)
    let names: [String] = ["convolution", "relu", "maxPooling", "flatten", "dense"]
    let shapes: [String] = ["8×26×26", "8×26×26", "8×13×13", "1352", "10"]
    #expect(outputs.map(\.name) == names)
    #expect(outputs.map { $0.output.shape.description } == shapes)
    var expected = image
    for (layer, output) in zip(network.layers, outputs) {
      expected = layer.forward(expected)
      #expect(output.output == expected)
    }
    #expect(network.forward([image]) == [expected])
    #expect(network.parameters.count == 13_602)
  }

  @Test("parameters are weights, then biases, layer by layer, also those inside of branches")
  func parameters() {
    func dense(_ first: Double) -> ReferenceDense<Double> {
      ReferenceDense(
        inputFeatures: 1, units: 2, weights: [first, first + 1], biases: [first + 2, first + 3])
    }
    var network = ReferenceNetwork<Double>(layers: [
      dense(0),
      ReferenceActivation.relu,
      ReferenceResidual(layers: [dense(4), ReferenceActivation.tanh], shortcut: [dense(8)]),
      ReferenceConcatenation(branches: [[dense(12)], [dense(16)]]),
      ReferencePReLU(slopes: [20]),
    ])
    let ascending: [Double] = (0...20).map { Double($0) }
    #expect(network.parameters == ascending)
    let descending: [Double] = ascending.map { 100 - $0 }
    network.parameters = descending
    #expect(network.parameters == descending)
    #expect(network.layers[3].weights == Array(descending[12..<20]))
    #expect(network.layers[0].biases == Array(descending[2..<4]))
  }

  @Test("a drawing is brighter where values are larger")
  func drawing() {
    let tensor = ReferenceTensor<Double>(
      shape: shape(2, 2, 3), values: [0, 0, 0, 0, 0, .infinity, 9, 0, -5, 1, 4, .nan])
    #expect(tensor.drawing() == "      \n    ??")
    #expect(tensor.drawing(ofChannel: 1) == "@@    \n..==??")
  }
}
