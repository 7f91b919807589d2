import ConvoyCPUFeatures
import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyNeuralNetwork

/// Names a sample, and whatever is random about it: the same on any thread, and after any interruption.
package struct SampleKey: Sendable, Equatable {
  package let seed: UInt64
  /// 0 in evaluation.
  package let epoch: Int
  /// In the data set.
  package let number: Int

  package init(seed: UInt64, epoch: Int, number: Int) {
    self.seed = seed
    self.epoch = epoch
    self.number = number
  }

  /// A sample as it is, to be evaluated.
  static func evaluated(_ number: Int) -> SampleKey {
    SampleKey(seed: 0, epoch: 0, number: number)
  }
}

/// Samples by their keys, written as numbers to where a network reads them. Where their bytes lie is
/// the store's affair: here, in memory.
package struct SampleStore: Sendable {
  private let images: ImageSet
  private let kernels: any KernelSet
  private let map: FeatureMap
  /// For each number of a row.
  private let scales: [Float]
  private let offsets: [Float]

  package init(
    _ images: ImageSet, normalization: Normalization, map: FeatureMap, kernels: any KernelSet
  ) {
    self.images = images
    self.kernels = kernels
    self.map = map
    let channels = images.shape.channels
    let row = 0..<images.shape.width * channels
    scales = row.map { Float(1 / (255 * normalization.deviations[$0 % channels])) }
    offsets = row.map {
      Float(-normalization.means[$0 % channels] / normalization.deviations[$0 % channels])
    }
  }

  package var count: Int { images.count }

  package func label(_ number: Int) -> Int { Int(images.labels[number]) }

  /// Asks for the image's memory: samples are taken in random order, which no processor foresees.
  package func prefetch(_ number: Int) {
    let count = images.shape.pixelCount
    unsafe images.pixels.withUnsafeBufferPointer { pixels in
      guard let first = pixels.baseAddress else { return }
      for offset in stride(from: 0, to: count, by: 64) {
        unsafe convoy_prefetch_for_reading(first + (number * count + offset))
      }
    }
  }

  /// Writes a sample, normalised.
  ///
  /// - Parameter sample: the sample's values, border included.
  package func write(_ key: SampleKey, to sample: UnsafeMutablePointer<Float>) {
    let shape = images.shape
    unsafe images.pixels.withUnsafeBufferPointer { pixels in
      guard let first = pixels.baseAddress else { return }
      let source = unsafe first + key.number * shape.pixelCount
      let target = unsafe sample + map.start
      if map.channels == shape.channels {
        unsafe kernels.normalize(
          rows: shape.height, count: shape.width * shape.channels, bytes: source, scales: scales,
          offsets: offsets, output: target, outputStep: map.rowStep)
        return
      }
      // Channels are stored with others added: a pixel is what a row is otherwise.
      for row in 0..<shape.height {
        unsafe kernels.normalize(
          rows: shape.width, count: shape.channels,
          bytes: source + row * shape.width * shape.channels, scales: scales, offsets: offsets,
          output: target + row * map.rowStep, outputStep: map.channels)
      }
    }
  }
}

extension ImageSet {
  /// The shape a network sees.
  package var featureShape: FeatureShape {
    FeatureShape(channels: shape.channels, height: shape.height, width: shape.width)
  }

  /// Checks that a network can take every image and has an output for every label.
  package func validate(for plan: NetworkPlan) throws(TrainingDataError) {
    guard featureShape == plan.inputShape else {
      throw .shape(
        file: imagesFile, expected: "\(plan.inputShape)", found: "\(featureShape)")
    }
    guard let image = labels.firstIndex(where: { $0 >= plan.classes }) else { return }
    throw .label(
      file: labelsFile, image: image, classes: plan.classes, found: Int(labels[image]))
  }
}
