import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import Foundation
import Synchronization

/// A trained network that answers images as they come. Its normalisations are folded once, and each
/// call runs on its caller's thread, in memory that is kept for the next.
///
/// Sound to share: parameters are not written after creation.
package final class Predictor: Sendable {
  private let plan: NetworkPlan
  private let parameters: ParameterMemory
  private let store: SampleStore
  private let meaning: ScoreMeaning
  private let pixelType: PixelType
  /// In bytes.
  private let imageSize: Int
  /// The most images in one pass.
  private let passSize: Int
  private let pool = Mutex<[Memory]>([])

  /// Of a prediction whose passes are as large as they get.
  static let mostImages = 2_048

  /// Sound to share: it is used by the one call that took it from the pool.
  private struct Memory: @unchecked Sendable {
    let worker: Worker
    let batch: BatchMemory
  }

  package init(_ network: TrainedNetwork) {
    meaning = ScoreMeaning(network.plan)
    if let folded = FoldedNetwork(network.plan) {
      plan = folded.plan
      let parameters = ParameterMemory(folded.plan)
      network.parameters.exclusively { folded.fold(network.parameters, into: parameters) }
      self.parameters = parameters
    } else {
      plan = network.plan
      parameters = network.parameters
    }
    let shape = network.input.shape
    let normalization = network.model.normalization
    pixelType = normalization.pixelType
    imageSize = shape.pixelCount * pixelType.size
    let none = pixelType == .bytes ? PixelBytes([] as [UInt8]) : PixelBytes([] as [Float])
    store = SampleStore(
      ImageSet(shape: shape, pixels: none, labels: []), normalization: normalization,
      map: plan.input.values, kernels: network.kernels)
    passSize = EvaluationCut(plan, images: Self.mostImages, threads: 1).chunkSize
  }

  /// Writes the scores of images, by class.
  ///
  /// - Parameters:
  ///   - pixels: whole images, height × width × channels bytes each.
  ///   - scores: a number per class and image.
  package func predict(_ pixels: Span<UInt8>, into scores: inout MutableSpan<Float>) {
    precondition(pixelType == .bytes, "The network was trained on bytes.")
    unsafe predict(pixels.bytes, into: &scores)
  }

  /// - Parameter values: whole images, height × width × channels numbers each, of a network that was
  ///   trained on floats.
  package func predict(_ values: Span<Float>, into scores: inout MutableSpan<Float>) {
    precondition(pixelType == .floats, "The network was trained on floats.")
    unsafe predict(values.bytes, into: &scores)
  }

  private func predict(_ pixels: RawSpan, into scores: inout MutableSpan<Float>) {
    precondition(pixels.byteCount.isMultiple(of: imageSize), "Pixels are those of whole images.")
    let count = pixels.byteCount / imageSize
    precondition(scores.count == count * plan.classes, "There is a score per class and image.")
    let memory = pool.withLock { $0.popLast() } ?? makeMemory()
    unsafe pixels.withUnsafeBytes { pixels in
      unsafe scores.withUnsafeMutableBufferPointer { scores in
        flushingDenormals {
          for first in stride(from: 0, to: count, by: passSize) {
            unsafe predict(first..<min(first + passSize, count), pixels, scores, memory)
          }
        }
      }
    }
    pool.withLock { $0.append(memory) }
  }

  private func makeMemory() -> Memory {
    Memory(
      worker: Worker(plan, samples: passSize),
      batch: BatchMemory(plan, samples: passSize, slots: 0))
  }

  private func predict(
    _ images: Range<Int>, _ pixels: UnsafeRawBufferPointer,
    _ scores: UnsafeMutableBufferPointer<Float>, _ memory: Memory
  ) {
    let plan = memory.worker.plan
    let pass = unsafe SamplePass(
      parameters: parameters, batch: memory.batch, worker: memory.worker.memory,
      samples: 0..<images.count, group: nil, training: nil)
    for (sample, image) in images.enumerated() {
      let place = image * imageSize
      unsafe store.normalize(
        UnsafeRawBufferPointer(rebasing: pixels[place..<place + imageSize]),
        to: pass.values(plan.input, sample))
    }
    plan.forward(pass)
    for (sample, image) in images.enumerated() {
      let first = image * plan.classes
      let target = unsafe UnsafeMutableBufferPointer(
        rebasing: scores[first..<first + plan.classes])
      let outputs = unsafe plan.outputs(pass, sample)
      for number in 0..<plan.classes { unsafe target[number] = outputs[number] }
      if meaning == .softmaxOfOutputs { unsafe softmax(target) }
    }
  }

  private func softmax(_ values: UnsafeMutableBufferPointer<Float>) {
    var largest = -Float.infinity
    for number in 0..<values.count { unsafe largest = max(largest, values[number]) }
    var sum = 0.0
    for number in 0..<values.count { unsafe sum += exp(Double(values[number] - largest)) }
    for number in 0..<values.count {
      unsafe values[number] = Float(exp(Double(values[number] - largest)) / sum)
    }
  }
}
