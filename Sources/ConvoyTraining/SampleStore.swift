import ConvoyCPUFeatures
import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyNeuralNetwork

/// Identifies a sample and its random numbers, independently of threads and interruptions.
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

  /// The key of a sample in evaluation, where nothing is random.
  static func evaluated(_ number: Int) -> SampleKey {
    SampleKey(seed: 0, epoch: 0, number: number)
  }
}

/// Provides samples by key, normalised, in the layout of the network's input.
package struct SampleStore: Sendable {
  private let images: ImageSet
  private let kernels: any KernelSet
  private let map: FeatureMap
  /// By position in a row.
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

  /// Prefetches an image. Samples are visited in random order, which hardware prefetchers cannot
  /// predict.
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
      // With padding channels, each pixel is normalised as a row of its own.
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
  /// The shape of the network's input.
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
