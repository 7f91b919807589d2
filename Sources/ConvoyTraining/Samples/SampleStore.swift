import ConvoyAugmentation
import ConvoyCPUFeatures
import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyProcessLimits

/// Identifies a sample and its random numbers, independently of threads and interruptions.
package struct SampleKey: Sendable, Equatable {
  package let seed: UInt64
  /// From 1; in evaluation, the number of the variation, 0 for the image itself.
  package let epoch: Int
  /// In the data set.
  package let number: Int

  package init(seed: UInt64, epoch: Int, number: Int) {
    self.seed = seed
    self.epoch = epoch
    self.number = number
  }

  /// The key of a sample in evaluation.
  ///
  /// - Parameter variation: from 1; 0 for the image itself.
  static func evaluated(_ number: Int, variation: Int) -> SampleKey {
    SampleKey(seed: 0, epoch: variation, number: number)
  }
}

/// Provides samples by key, augmented and normalised, in the layout of the network's input. Pixels
/// are in memory or in a file that is mapped.
package final class SampleStore: Sendable {
  private let images: ImageSet
  private let areFloats: Bool
  /// Nil where samples are the images as they are.
  private let augmenter: Augmenter?
  private let kernels: any KernelSet
  let map: FeatureMap
  /// Of bytes, by position in a row.
  private let scales: [Float]
  private let offsets: [Float]
  /// Of floats, by channel.
  private let means: [Double]
  private let factors: [Double]

  /// - Throws: `AugmentationError` if the augmentation does not fit the images, as none fits floats.
  package convenience init(
    _ images: ImageSet, normalization: Normalization, augmentation: Augmentation, seed: UInt64,
    map: FeatureMap, kernels: any KernelSet
  ) throws(AugmentationError) {
    guard augmentation == .none || images.pixels.type == .bytes else {
      throw .doesNotFit(
        augmentation.description, expected: "images of bytes", found: "images of floats")
    }
    let augmenter =
      augmentation == .none
      ? nil
      : try Augmenter(
        augmentation, from: images.pixelShape, to: images.pixelShape,
        fill: normalization.meanBytes, seed: seed)
    self.init(images, normalization, augmenter, map: map, kernels: kernels)
  }

  /// Without augmentation.
  package convenience init(
    _ images: ImageSet, normalization: Normalization, map: FeatureMap, kernels: any KernelSet
  ) {
    self.init(images, normalization, nil, map: map, kernels: kernels)
  }

  private init(
    _ images: ImageSet, _ normalization: Normalization, _ augmenter: Augmenter?, map: FeatureMap,
    kernels: any KernelSet
  ) {
    self.images = images
    areFloats = images.pixels.type == .floats
    self.augmenter = augmenter
    self.kernels = kernels
    self.map = map
    means = normalization.means
    factors = normalization.deviations.map { 1 / $0 }
    let channels = images.shape.channels
    let row = 0..<images.shape.width * channels
    scales = row.map { Float(1 / (255 * normalization.deviations[$0 % channels])) }
    offsets = row.map {
      Float(-normalization.means[$0 % channels] / normalization.deviations[$0 % channels])
    }
  }

  package var count: Int { images.count }

  /// An image's size in bytes.
  var imageSize: Int { images.imageSize }

  /// Whether the pixels are in a file that is mapped.
  var isMapped: Bool { images.pixels.isMapped }

  /// Whether the memory has room for all pixels.
  var hasRoom: Bool { (try? images.requireRoom(in: .now)) != nil }

  /// Has consecutive images read that will be used soon, if they are in a mapped file.
  func willNeed(_ numbers: Range<Int>) { images.pixels.willNeed(numbers, size: imageSize) }

  /// Has only those images of a mapped file read that are used or asked for.
  func readOnlyAsAsked() { images.pixels.readOnlyAsAsked() }

  /// Has images read that come a while after these, where images are visited in order.
  func readAhead(of images: Range<Int>) {
    let distance = max(1, Self.readAheadBytes / imageSize)
    // The first images of all ask for those up to there.
    let first = images.lowerBound == 0 ? images.upperBound : images.lowerBound + distance
    willNeed(first..<max(first, images.upperBound + distance))
  }

  private static let readAheadBytes = 4 << 20

  /// Gives the memory of consecutive images back, if they are in a mapped file.
  func isDone(with numbers: Range<Int>) {
    images.pixels.isDone(with: numbers, size: imageSize)
  }

  package func label(_ number: Int) -> Int { Int(images.labels[number]) }

  /// Prefetches an image and its label. Samples are visited in random order, which hardware
  /// prefetchers cannot predict.
  package func prefetch(_ number: Int) {
    unsafe images.labels.withUnsafeBufferPointer { labels in
      guard number < labels.count, let first = labels.baseAddress else { return }
      unsafe convoy_prefetch_for_reading(first + number)
    }
    if images.pixels.isRead { return }
    unsafe images.pixels.withImage(number, size: imageSize) { image in
      guard let first = image.baseAddress else { return }
      for offset in stride(from: 0, to: image.count, by: 64) {
        unsafe convoy_prefetch_for_reading(first + offset)
      }
    }
  }

  /// The memory in which samples are augmented, for one thread.
  ///
  /// - Parameter mixedClasses: the classes of samples that are mixed; 0 where none are.
  package func makeScratch(mixedClasses: Int = 0) -> SampleScratch {
    SampleScratch(augmenter, map, mixedClasses: mixedClasses)
  }

  /// Writes a sample, augmented and normalised; in epoch 0, as it is.
  ///
  /// - Parameters:
  ///   - sample: the sample's values, border included.
  ///   - scratch: made by this store.
  package func write(
    _ key: SampleKey, to sample: UnsafeMutablePointer<Float>, scratch: SampleScratch
  ) {
    unsafe images.pixels.withImage(key.number, size: imageSize) { image in
      guard let augmenter, key.epoch > 0 else {
        unsafe normalize(UnsafeRawBufferPointer(image), to: sample)
        return
      }
      unsafe scratch.image.withUnsafeMutableBufferPointer { result in
        unsafe scratch.augmentation.withUnsafeMutableBufferPointer { memory in
          var target = unsafe result.mutableSpan
          var memory = unsafe memory.mutableSpan
          unsafe augmenter.augment(
            image.span, into: &target, sample: key.number, epoch: key.epoch - 1, scratch: &memory)
        }
        unsafe normalize(UnsafeRawBufferPointer(result), to: sample)
      }
    }
  }

  /// Writes a sample mixed with another, after both are augmented and normalised as they would be
  /// alone. A sample that is its own partner stays as it is.
  func write(
    _ key: SampleKey, mixedWith other: SampleKey, _ mixture: BatchMixture,
    to sample: UnsafeMutablePointer<Float>, scratch: SampleScratch
  ) {
    unsafe write(key, to: sample, scratch: scratch)
    if other == key { return }
    unsafe write(other, to: scratch.other.pointer, scratch: scratch)
    unsafe mixture.mix(scratch.other.pointer, into: sample, map)
  }

  /// Writes an image as a sample: normalised, and as it is otherwise.
  ///
  /// - Parameter image: `imageSize` bytes, as the pixels of the images that this store was made with.
  func normalize(_ image: UnsafeRawBufferPointer, to sample: UnsafeMutablePointer<Float>) {
    let shape = images.shape
    let target = unsafe sample + map.start
    if areFloats {
      unsafe normalizeFloats(image, to: target)
      return
    }
    guard let source = unsafe image.assumingMemoryBound(to: UInt8.self).baseAddress else { return }
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

  /// Each in double precision, because a mean may be far larger than the deviation.
  private func normalizeFloats(
    _ image: UnsafeRawBufferPointer, to target: UnsafeMutablePointer<Float>
  ) {
    let shape = images.shape
    var number = 0
    for row in 0..<shape.height {
      for column in 0..<shape.width {
        let pixel = unsafe target + row * map.rowStep + column * map.channels
        for channel in 0..<shape.channels {
          let value = Double(unsafe image.pixel(number, of: .floats))
          unsafe pixel[channel] = Float((value - means[channel]) * factors[channel])
          number += 1
        }
      }
    }
  }
}

/// Memory of one thread that augments and mixes samples.
///
/// Sound to share: only the thread that it is made for uses it.
package final class SampleScratch: @unchecked Sendable {
  fileprivate var image: [UInt8]
  fileprivate var augmentation: [UInt32]
  /// The sample that is mixed into another.
  fileprivate let other: AlignedBuffer<Float>
  /// Of a mixed sample, by class.
  let targets: AlignedBuffer<Float>

  fileprivate init(_ augmenter: Augmenter?, _ map: FeatureMap, mixedClasses: Int) {
    other = AlignedBuffer(count: mixedClasses > 0 ? map.count : 0)
    targets = AlignedBuffer(count: mixedClasses)
    image = Array(repeating: 0, count: augmenter?.output.count ?? 0)
    augmentation = Array(repeating: 0, count: augmenter?.scratchCount ?? 0)
  }
}

extension ImageSet {
  /// Throws if a memory has no room for all pixels.
  package func requireRoom(in memory: AvailableMemory) throws(MemoryError) {
    try memory.check(
      MemoryNeed(resident: Double(pixels.count), reserved: 0), for: imagesFile)
  }

  /// The shape of an image, for its augmentation.
  package var pixelShape: PixelShape {
    PixelShape(height: shape.height, width: shape.width, channels: shape.channels)
  }

  /// The shape of the network's input.
  package var featureShape: FeatureShape {
    FeatureShape(channels: shape.channels, height: shape.height, width: shape.width)
  }

  /// Checks that a network has an output for each named class, and no others: a model file has a name
  /// for each output.
  func validateClasses(for plan: NetworkPlan) throws(TrainingDataError) {
    guard let classNames, classNames.count != plan.classes else { return }
    throw .outputs(file: labelsFile, classes: classNames, found: plan.classes)
  }

  /// Checks that a trained network can take every image and has an output for every label.
  func validate(
    for plan: NetworkPlan, _ normalization: Normalization
  ) throws(TrainingDataError) {
    guard pixels.type == normalization.pixelType else {
      throw .pixels(
        file: imagesFile, expected: normalization.pixelType.rawValue, found: pixels.type.rawValue)
    }
    try validate(for: plan)
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
