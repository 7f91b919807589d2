import ConvoyAugmentation
import ConvoyKeyedRandom
import Testing

/// Random bytes of a shape.
func randomImage(_ shape: PixelShape, seed: UInt64 = 1) -> [UInt8] {
  KeyedRandom(seed: seed, purpose: .initialization)
    .bytes(count: shape.height * shape.width * shape.channels)
}

func augmenter(
  _ text: String, _ input: PixelShape, to output: PixelShape? = nil, seed: UInt64 = 1
) throws -> Augmenter {
  try Augmenter(
    Augmentation(text), from: input, to: output ?? input,
    fill: [90, 110, 130].prefix(input.channels).map { $0 }, seed: seed)
}

extension Augmenter {
  /// The result of a variation, with guard bands around all memory that may be written.
  func result(
    of variation: Variation, on image: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
  ) -> [UInt8] {
    let count = output.height * output.width * output.channels
    let (band, byte, word): (Int, UInt8, UInt32) = (64, 0xA5, 0xFFF0_FFF1)
    var bytes = Array(repeating: byte, count: count + 2 * band)
    var words = Array(repeating: word, count: scratchCount + 2 * band)
    bytes.withUnsafeMutableBufferPointer { bytes in
      words.withUnsafeMutableBufferPointer { words in
        let inner = UnsafeMutableBufferPointer(rebasing: bytes[band..<(band + count)])
        let scratch = UnsafeMutableBufferPointer(rebasing: words[band..<(band + scratchCount)])
        var result = MutableSpan(_unsafeElements: inner)
        var scratchSpan = MutableSpan(_unsafeElements: scratch)
        apply(variation, to: image.span, into: &result, scratch: &scratchSpan)
      }
    }
    let bands = bytes.prefix(band) + bytes.suffix(band)
    #expect(bands.allSatisfy { $0 == byte }, sourceLocation: sourceLocation)
    let wordBands = words.prefix(band) + words.suffix(band)
    #expect(wordBands.allSatisfy { $0 == word }, sourceLocation: sourceLocation)
    return Array(bytes[band..<(band + count)])
  }

  func result(
    _ image: [UInt8], sample: Int, epoch: Int = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> [UInt8] {
    result(
      of: variation(sample: sample, epoch: epoch), on: image, sourceLocation: sourceLocation)
  }
}
