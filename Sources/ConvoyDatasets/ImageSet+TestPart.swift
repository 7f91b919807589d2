import ConvoyKeyedRandom
import ConvoyProcessLimits

extension ImageSet {
  /// Splits off a part of the images for tests, chosen by the seed, with about the same share of
  /// each class. Both parts keep the order of the whole.
  ///
  /// Every class keeps at least one image for training. The numbers of test images of the first k
  /// classes together are their share, rounded, for every k, as far as that allows.
  ///
  /// - Parameter fraction: of the images, between 0 and 1.
  func divided(
    testFraction fraction: Double, seed: UInt64
  ) throws(DatasetError) -> (training: ImageSet, test: ImageSet) {
    do {
      // Both parts are copies, and their images are listed.
      let lists = 4 * Double(count) * Double(MemoryLayout<Int>.stride)
      try AvailableMemory.now.check(
        MemoryNeed(bytes: Double(pixels.count) + lists), for: "the test part of \(imagesFile)")
    } catch {
      throw .memory(error)
    }
    var members: [[Int]] = Array(repeating: [], count: Int(labels.max() ?? 0) + 1)
    for (image, label) in labels.enumerated() { members[Int(label)].append(image) }
    var isTest = Array(repeating: false, count: count)
    var (seen, taken) = (0, 0)
    for (label, images) in members.enumerated() {
      let before = Self.share(fraction, of: seen)
      seen += images.count
      let wanted = min(Self.share(fraction, of: seen) - before, images.count - 1)
      guard wanted > 0 else { continue }
      let order = KeyedRandom(seed: seed, purpose: .testPart, label).permutation(of: images.count)
      for place in order.prefix(wanted) { isTest[images[place]] = true }
      taken += wanted
    }
    guard taken > 0 else {
      throw .tooFewForTest(file: imagesFile, fraction: fraction, found: count)
    }
    return (
      selecting(isTest.indices.filter { !isTest[$0] }),
      selecting(isTest.indices.filter { isTest[$0] })
    )
  }

  private static func share(_ fraction: Double, of count: Int) -> Int {
    Int((fraction * Double(count)).rounded())
  }

  /// A copy of some images, in the order of their numbers.
  package func selecting(_ numbers: [Int]) -> ImageSet {
    let size = shape.pixelCount
    var selected: [UInt8] = []
    selected.reserveCapacity(numbers.count * size)
    unsafe pixels.withUnsafeBufferPointer { all in
      for number in numbers { unsafe selected += all[number * size..<(number + 1) * size] }
    }
    return ImageSet(
      shape: shape, pixels: selected, labels: numbers.map { labels[$0] }, classNames: classNames,
      fit: fit,
      imagesFile: imagesFile, labelsFile: labelsFile)
  }
}
