import ConvoyAugmentation
import ConvoyDatasets
import ConvoyPictures
import ConvoyProcessLimits
import ConvoyTraining

/// A picture of images, a row for each: the image as it is, then as it is in the first epochs of a run.
package enum AugmentationSheet {
  /// Images are enlarged to about this side.
  private static let smallestSide = 64

  /// - Parameters:
  ///   - images: bytes, grey or in colour.
  ///   - rows: the most images, spread over the set.
  ///   - columns: variations of each.
  /// - Throws: `AugmentationError` if the augmentation does not fit the images, `MemoryError`, and what
  ///   reading images throws.
  package static func picture(
    of images: ImageSet, _ augmentation: Augmentation, rows: Int, columns: Int, seed: UInt64
  ) throws -> Picture {
    let shape = images.pixelShape
    let augmenter = try Augmenter(
      augmentation, from: shape, to: shape, fill: meanBytes(of: images), seed: seed)
    let count = min(rows, images.count)
    let scale = max(1, smallestSide / max(shape.height, shape.width))
    // The images and the sheet that shows them enlarged.
    let bytes = Double(count * (columns + 1)) * Double(shape.count) * Double(1 + scale * scale)
    try AvailableMemory.now.check(MemoryNeed(bytes: bytes), for: "a sheet of images")
    let sheet = PictureSheet(
      rows: (0..<count).map { row in
        pictures(
          of: row * (images.count - 1) / max(1, count - 1), of: images, augmenter, columns)
      }, scale: scale, gap: 2)
    try images.pixels.requireReadings()
    return sheet.picture()
  }

  /// An image and its variations.
  private static func pictures(
    of number: Int, of images: ImageSet, _ augmenter: Augmenter, _ columns: Int
  ) -> [Picture] {
    let image = images.bytes(of: number)
    func picture(_ bytes: [UInt8]) -> Picture {
      Picture(
        width: images.shape.width, height: images.shape.height, channels: images.shape.channels,
        bytes: bytes)
    }
    var scratch = [UInt32](repeating: 0, count: augmenter.scratchCount)
    return [picture(image)]
      // As training counts them, from 0.
      + (0..<columns).map { epoch in
        var result = image
        var target = result.mutableSpan
        var memory = scratch.mutableSpan
        augmenter.augment(
          image.span, into: &target, sample: number, epoch: epoch, scratch: &memory)
        return picture(result)
      }
  }

  private static func meanBytes(of images: ImageSet) -> [UInt8] {
    let channels = images.shape.channels
    var sums = Array(repeating: 0, count: channels)
    unsafe images.pixels.forEachPiece(ofImages: images.imageSize) { piece in
      for unsafe(place, byte) in unsafe piece.enumerated() { sums[place % channels] += Int(byte) }
    }
    return sums.map {
      UInt8((Double($0) * Double(channels) / Double(images.pixels.count)).rounded())
    }
  }
}
