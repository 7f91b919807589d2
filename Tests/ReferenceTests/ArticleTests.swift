import ConvoyDatasets
import ConvoyReference
import Foundation
import Testing

/// The network of "Building a Convolutional Neural Network From Scratch" (January 2026), trained as
/// there: one image at a time, by plain gradient descent at 0.01.
@Suite("The article's network")
struct ArticleTests {
  static func mnist(_ split: Dataset.Split, count: Int) throws -> ReferenceSamples<Float> {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../data/mnist").standardizedFileURL
    let images = try Dataset.load(split, from: folder.path)
    let shape = ReferenceShape(channels: 1, height: 28, width: 28)
    var inputs: [ReferenceTensor<Float>] = []
    for image in 0..<count {
      let pixels = images.pixels[image * shape.count..<(image + 1) * shape.count]
      inputs.append(ReferenceTensor(shape: shape, values: pixels.map { Float($0) / 255 }))
    }
    return ReferenceSamples(inputs: inputs, labels: images.labels.prefix(count).map { Int($0) })
  }

  /// In the second epoch the loss is 0.28, then the test accuracy is 90.4%. With filters that stay as
  /// they begin, these are 0.64 and 83.8%, since a dense layer alone learns much of it. Other seeds
  /// train to 0.31 and 0.35.
  @Test("two epochs on 3,000 digits teach the filters too")
  func learns() throws {
    var generator = ReferenceGenerator(seed: 2)
    var network = ReferenceNetwork<Float>(layers: [
      ReferenceConvolution(
        inputChannels: 1, filters: 8, kernelSize: 3, bias: false, using: &generator),
      ReferenceActivation.relu,
      ReferenceMaxPooling(kernelSize: 2),
      ReferenceFlatten(),
      ReferenceDense(inputFeatures: 8 * 13 * 13, units: 10, using: &generator),
    ])
    let training = try Self.mnist(.training, count: 3000)
    let test = try Self.mnist(.test, count: 1000)
    var optimizer = ReferenceGradientDescent<Float>(learningRate: 0.01)
    var epochs: [ReferenceEvaluation<Float>] = []
    for _ in 1...2 {
      epochs.append(
        network.trainEpoch(on: training, batch: 1, optimizer: &optimizer, using: &generator))
    }
    let evaluation = network.evaluate(on: test)
    #expect(epochs[1].loss < 0.4, "\(epochs)")
    #expect(evaluation.accuracy >= 0.88, "\(evaluation)")
  }
}
