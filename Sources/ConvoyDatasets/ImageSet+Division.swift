import ConvoyKeyedRandom
import ConvoyProcessLimits

extension ImageSet {
  /// Splits off a part of the images, chosen by the seed, with about the same share of each class.
  /// Both parts keep the order of the whole, and its memory or file.
  ///
  /// Every class keeps at least one image. The numbers of images that the first k classes give are
  /// their share, rounded, for every k, as far as that allows.
  ///
  /// - Parameters:
  ///   - fraction: of the images, between 0 and 1.
  ///   - purpose: what the part is for. Parts for different purposes are unrelated.
  /// - Returns: nil if no class gives an image.
  package func divided(
    _ fraction: Double, seed: UInt64, for purpose: KeyedRandom.Purpose
  ) throws(MemoryError) -> (rest: ImageSet, part: ImageSet)? {
    let isInPart = try Self.draw(fraction, of: labels, seed: seed, for: purpose, from: imagesFile)
    guard let isInPart else { return nil }
    return (
      selecting(isInPart.indices.filter { !isInPart[$0] }),
      selecting(isInPart.indices.filter { isInPart[$0] })
    )
  }

  /// Whether each image of these labels is in the part that `divided` takes; nil if none is.
  static func draw(
    _ fraction: Double, of labels: [UInt16], seed: UInt64, for purpose: KeyedRandom.Purpose,
    from file: String
  ) throws(MemoryError) -> [Bool]? {
    // The images are listed by class, in an order of each, and in two parts, with a label each.
    let lists =
      Double(labels.count) * Double(4 * MemoryLayout<Int>.stride + MemoryLayout<UInt16>.stride)
    try AvailableMemory.now.check(MemoryNeed(bytes: lists), for: "a part of \(file)")
    var members: [[Int]] = Array(repeating: [], count: Int(labels.max() ?? 0) + 1)
    for (image, label) in labels.enumerated() { members[Int(label)].append(image) }
    var isInPart = Array(repeating: false, count: labels.count)
    var (seen, taken) = (0, 0)
    for (label, images) in members.enumerated() {
      let before = share(fraction, of: seen)
      seen += images.count
      let wanted = min(share(fraction, of: seen) - before, images.count - 1)
      guard wanted > 0 else { continue }
      let order = KeyedRandom(seed: seed, purpose: purpose, label).permutation(of: images.count)
      for place in order.prefix(wanted) { isInPart[images[place]] = true }
      taken += wanted
    }
    return taken > 0 ? isInPart : nil
  }

  private static func share(_ fraction: Double, of count: Int) -> Int {
    Int((fraction * Double(count)).rounded())
  }

  /// Splits off a part for tests.
  ///
  /// - Parameter fraction: of the images, between 0 and 1.
  func divided(
    testFraction fraction: Double, seed: UInt64
  ) throws(DatasetError) -> (training: ImageSet, test: ImageSet) {
    let parts: (rest: ImageSet, part: ImageSet)?
    do {
      parts = try divided(fraction, seed: seed, for: .testPart)
    } catch {
      throw .memory(error)
    }
    guard let parts else {
      throw .tooFewForTest(file: imagesFile, fraction: fraction, found: count)
    }
    return (parts.rest, parts.part)
  }

  /// Some images, in the order of their numbers, in the same memory or file.
  package func selecting(_ numbers: [Int]) -> ImageSet {
    ImageSet(
      shape: shape, pixels: pixels.selecting(numbers, ofSize: imageSize),
      labels: numbers.map { labels[$0] }, classNames: classNames, fit: fit,
      files: files.map { files in numbers.map { files[$0] } },
      imagesFile: imagesFile, labelsFile: labelsFile)
  }
}
