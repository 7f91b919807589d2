import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import Foundation
import Synchronization

/// A trained network that answers images as they come. Its normalisations are folded once, and each
/// call runs on its caller's thread, in memory that is kept for the next.
///
/// Sound to share: parameters are not written after creation.
package final class Predictor: Sendable {
  private let plan: NetworkPlan
  private let parameters: ParameterMemory
  private let many: Passes
  /// Made by the first call with a single image. May be the same as for many.
  private let one = Mutex<Passes?>(nil)
  private let store: SampleStore
  private let meaning: ScoreMeaning
  private let pixelType: PixelType
  /// In bytes.
  private let imageSize: Int

  /// Of a prediction whose passes are as large as they get.
  static let mostImages = 2_048

  /// The network compiled for passes of up to so many images.
  private final class Passes: Sendable {
    let plan: NetworkPlan
    let parameters: ParameterMemory
    let size: Int
    private let pool = Mutex<[Memory]>([])

    init(_ plan: NetworkPlan, _ parameters: ParameterMemory, size: Int) {
      self.plan = plan
      self.parameters = parameters
      self.size = size
    }

    /// Calls a body with memory that no other call has.
    func withMemory(_ body: (Memory) -> Void) {
      let memory =
        pool.withLock { $0.popLast() }
        ?? Memory(
          worker: Worker(plan, samples: size),
          batch: BatchMemory(plan, samples: size, slots: 0))
      body(memory)
      pool.withLock { $0.append(memory) }
    }
  }

  /// Sound to share: it is used by the one call that took it from the pool.
  private struct Memory: @unchecked Sendable {
    let worker: Worker
    let batch: BatchMemory
  }

  package convenience init(_ network: TrainedNetwork) {
    self.init(
      network.plan, network.parameters, shape: network.input.shape,
      normalization: network.model.normalization)
  }

  package init(
    _ plan: NetworkPlan, _ parameters: ParameterMemory, shape: ImageShape,
    normalization: Normalization
  ) {
    self.plan = plan
    self.parameters = parameters
    meaning = ScoreMeaning(plan)
    let folded = FoldedNetwork(plan)
    let many = folded?.plan ?? plan
    self.many = Passes(
      many, folded.map { Self.fold(parameters, by: $0) } ?? parameters,
      size: EvaluationCut(many, images: Self.mostImages, threads: 1).chunkSize)
    pixelType = normalization.pixelType
    imageSize = shape.pixelCount * pixelType.size
    let none = pixelType == .bytes ? PixelBytes([] as [UInt8]) : PixelBytes([] as [Float])
    store = SampleStore(
      ImageSet(shape: shape, pixels: none, labels: []), normalization: normalization,
      map: plan.input.values, kernels: plan.kernels)
    precondition(store.map == many.input.values, "samples lie as the network reads them")
  }

  private static func fold(
    _ parameters: ParameterMemory, by network: FoldedNetwork
  ) -> ParameterMemory {
    let folded = ParameterMemory(network.plan)
    parameters.exclusively { network.fold(parameters, into: folded) }
    return folded
  }

  private func passes(forImages count: Int) -> Passes {
    guard count == 1 else { return many }
    return one.withLock { one in
      if let one { return one }
      let passes = passesForOne() ?? many
      one = passes
      return passes
    }
  }

  /// Nil where they would have hardly less to read, or no room.
  private func passesForOne() -> Passes? {
    let network = FoldedNetwork(plan, for: .singleSamples)
    let bytes = network.plan.parameterMemoryBytes
    guard bytes < 0.9 * FoldedNetwork(plan, for: .evaluation).plan.parameterMemoryBytes else {
      return nil
    }
    // A tensor is copied on its way, in double precision where it is folded.
    let largest = plan.tensors.map(\.count).max() ?? 0
    let need = MemoryNeed(
      bytes: bytes + network.plan.workerMemoryBytes(samples: 1)
        + network.plan.batchMemoryBytes(samples: 1, slots: 0)
        + Double(largest * MemoryLayout<Double>.stride * 2))
    guard AvailableMemory.now.hasRoom(for: need) else { return nil }
    return Passes(network.plan, Self.fold(parameters, by: network), size: 1)
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
    let passes = passes(forImages: count)
    unsafe pixels.withUnsafeBytes { pixels in
      unsafe scores.withUnsafeMutableBufferPointer { scores in
        flushingDenormals {
          passes.withMemory { memory in
            for first in stride(from: 0, to: count, by: passes.size) {
              let images = first..<min(first + passes.size, count)
              unsafe predict(images, pixels, scores, passes.parameters, memory)
            }
          }
        }
      }
    }
  }

  private func predict(
    _ images: Range<Int>, _ pixels: UnsafeRawBufferPointer,
    _ scores: UnsafeMutableBufferPointer<Float>, _ parameters: ParameterMemory, _ memory: Memory
  ) {
    let plan = memory.worker.plan
    let pass = unsafe SamplePass(
      parameters: parameters, batch: memory.batch, worker: memory.worker.memory,
      samples: 0..<images.count, slot: nil, training: nil)
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
