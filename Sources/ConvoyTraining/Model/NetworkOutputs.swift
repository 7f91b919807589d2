import ConvoyKernelInterface
import ConvoyNeuralNetwork
import Foundation

/// What a network answers to each of many images: a score for every class.
///
/// Sound to share: each image's values are written by the one chunk that has it, and are read after
/// the evaluation has ended.
package final class NetworkOutputs: @unchecked Sendable {
  /// The number of images.
  package let count: Int
  package let classes: Int
  /// What the scores are.
  package let meaning: ScoreMeaning
  /// The last layer's outputs, before the softmax that is part of cross-entropy.
  private let values: AlignedBuffer<Float>

  init(_ plan: NetworkPlan, images: Int) {
    count = images
    classes = plan.classes
    meaning = ScoreMeaning(plan)
    values = AlignedBuffer(count: images * plan.classes)
  }

  /// Keeps the outputs of one image.
  func set(_ image: Int, to outputs: UnsafePointer<Float>) {
    unsafe (values.pointer + image * classes).update(from: outputs, count: classes)
  }

  /// The outputs of an image, by class.
  package func outputs(of image: Int) -> [Float] {
    precondition((0..<count).contains(image), "An image is one of those evaluated.")
    return unsafe Array(values.elements[image * classes..<(image + 1) * classes])
  }

  /// The scores of an image, by class: probabilities where the loss is cross-entropy.
  package func scores(of image: Int) -> [Double] {
    let outputs = outputs(of: image).map(Double.init)
    return meaning == .softmaxOfOutputs ? softmax(outputs) : outputs
  }

  private func softmax(_ outputs: [Double]) -> [Double] {
    // Without the largest, exponentials would overflow.
    let largest = outputs.max() ?? 0
    let powers = outputs.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}

/// What the scores of a network are.
package enum ScoreMeaning: Sendable {
  /// Probabilities: the softmax of the outputs.
  case softmaxOfOutputs
  /// Probabilities, since the network's last layer is a softmax.
  case probabilities
  /// Outputs as they are; the largest one is the answer.
  case outputs

  init(_ plan: NetworkPlan) {
    self =
      plan.loss == .crossEntropy
      ? .softmaxOfOutputs : plan.architecture.endsInSoftmax ? .probabilities : .outputs
  }

  package var areProbabilities: Bool { self != .outputs }
}
