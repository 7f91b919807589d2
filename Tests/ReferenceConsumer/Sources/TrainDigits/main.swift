import ConvoyReference
import Foundation

// The network of "Building a Convolutional Neural Network From Scratch" (January 2026), trained as
// there: one image at a time, by plain gradient descent.
var generator = ReferenceGenerator(seed: 0)
var network = ReferenceNetwork<Float>(layers: [
  ReferenceConvolution(
    inputChannels: 1, filters: 8, kernelSize: 3, bias: false, using: &generator),
  ReferenceActivation.relu,
  ReferenceMaxPooling(kernelSize: 2),
  ReferenceFlatten(),
  ReferenceDense(inputFeatures: 8 * 13 * 13, units: 10, using: &generator),
])
var optimizer = ReferenceGradientDescent<Float>(learningRate: 0.01)

let folder =
  CommandLine.arguments.dropFirst().first.map { URL(filePath: $0) }
  ?? URL(filePath: #filePath).appending(path: "../../../../../data/mnist").standardizedFileURL
let training = try MNIST.samples("train", in: folder).prefix(6000)
let test = try MNIST.samples("t10k", in: folder).prefix(2000)

func percent(_ share: Double) -> String { String(format: "%.2f%%", 100 * share) }

var accuracy = 0.0
for epoch in 1...3 {
  let result = network.trainEpoch(
    on: training, batch: 1, optimizer: &optimizer, using: &generator)
  accuracy = network.evaluate(on: test).accuracy
  print(
    "epoch \(epoch): loss \(String(format: "%.4f", result.loss)),"
      + " training accuracy \(percent(result.accuracy)), test accuracy \(percent(accuracy))")
}

let digit = test.inputs[0]
print("\nwhat the layers make of a \(test.labels[0]):")
let layers = network.layerOutputs(of: digit)
for layer in layers { print("\(layer.name) \(layer.output.shape)") }
print("\nthe digit, and the first two channels of what pooling leaves:")
print(digit.drawing())
for channel in 0..<2 { print(layers[2].output.drawing(ofChannel: channel)) }
print("taken for a \(network.predict(digit))")

// Chance is 10%.
guard accuracy >= 0.9 else {
  print("expected a test accuracy of at least 90%, found \(percent(accuracy))")
  exit(1)
}
