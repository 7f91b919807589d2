import ConvoyKeyedRandom

/// Varies images of one shape as an augmentation says.
///
/// The variation of a sample is a function of the seed, the epoch and the sample. It is drawn first;
/// then integer arithmetic, with rounding to nearest, makes the same bytes on every machine. Elastic
/// displacements alone are computed in single precision, and rounded to 1/65,536 pixel. The order is that of the terms, where flip, crop, scale, shear, rotation, translation and elastic
/// displacement are one map from the pixels of the result to places in the image. If all are by whole
/// pixels, pixels are copied; otherwise each is interpolated once, bilinearly.
///
/// Outside the image are zeros; with `crop:N:reflect` its reflection, and with `resized-crop` the
/// nearest pixel. Without either crop, a result of another size shows the middle of the image.
package struct Augmenter: Sendable {
  /// The largest height and width of an image.
  package static let largestSide = 2048

  package let input: PixelShape
  package let output: PixelShape
  /// The length of the scratch memory of `augment`.
  package let scratchCount: Int

  private let terms: [AugmentationTerm]
  private let seed: UInt64
  private let fill: [UInt8]
  private let mover: PixelMover
  /// None if all terms move by whole pixels.
  private let resampler: Resampler?
  /// In 2⁻³² bytes per unit of `NormalBytes`.
  private let noiseFactor: Int

  /// - Parameters:
  ///   - output: the shape of the results, with as many channels.
  ///   - fill: a byte per channel for what is erased or cut out.
  package init(
    _ augmentation: Augmentation, from input: PixelShape, to output: PixelShape, fill: [UInt8],
    seed: UInt64
  ) throws(AugmentationError) {
    try augmentation.check(from: input, to: output)
    precondition(fill.count == input.channels, "The fill has a byte per channel.")
    terms = augmentation.terms
    (self.input, self.output, self.fill, self.seed) = (input, output, fill, seed)
    var (border, interpolates) = (Border.zero, false)
    var elastic: ElasticField?
    var deviation = 0.0
    for term in terms {
      switch term {
      case .crop(_, reflecting: true): border = .reflection
      case .resizedCrop: (border, interpolates) = (.edge, true)
      case .scale, .shear, .rotate, .translate: interpolates = true
      case .elastic(let amplitude, let sigma):
        elastic = ElasticField(
          amplitude: amplitude, sigma: sigma, height: output.height,
          width: output.width + output.width % 2)
        interpolates = true
      case .noise(let value): deviation = value
      default: break
      }
    }
    noiseFactor = Int((deviation * 255 / NormalBytes.deviation * 0x1p32).rounded())
    mover = PixelMover(input: input, reflecting: border == .reflection)
    resampler =
      interpolates
      ? Resampler(input: input, output: output, border: border, elastic: elastic) : nil
    scratchCount = resampler?.scratchCount ?? 0
  }

  /// What is done to the sample in the epoch; both count from 0.
  package func variation(sample: Int, epoch: Int) -> Variation {
    Variation(terms, from: input, to: output, seed: seed, sample: sample, epoch: epoch)
  }

  /// Draws the sample's variation and applies it.
  ///
  /// - Parameter scratch: memory for this call alone, of `scratchCount`, with any contents.
  package func augment(
    _ image: Span<UInt8>, into result: inout MutableSpan<UInt8>, sample: Int, epoch: Int,
    scratch: inout MutableSpan<UInt32>
  ) {
    apply(
      variation(sample: sample, epoch: epoch), to: image, into: &result, scratch: &scratch)
  }

  package func apply(
    _ variation: Variation, to image: Span<UInt8>, into result: inout MutableSpan<UInt8>,
    scratch: inout MutableSpan<UInt32>
  ) {
    precondition(image.count == input.count, "The image has the input's shape.")
    precondition(result.count == output.count, "The result has the output's shape.")
    precondition(scratch.count >= scratchCount, "The scratch memory is large enough.")
    // Sound: the counts above are those that the loops use, and the spans keep their memory for the
    // duration of the call. No shape is empty, so that both images have an address.
    unsafe image.withUnsafeBufferPointer { image in
      unsafe result.withUnsafeMutableBufferPointer { result in
        unsafe scratch.withUnsafeMutableBufferPointer { scratch in
          guard let image = image.baseAddress, let result = result.baseAddress else { return }
          unsafe place(
            image, variation, in: result, scratch: UnsafeMutableRawPointer(scratch.baseAddress))
          unsafe ColorChange(variation).apply(to: result, output)
          if noiseFactor > 0 { unsafe addNoise(variation.noise, to: result) }
          if let box = variation.erased { unsafe fillIn(box, of: result) }
          if let box = variation.cutout { unsafe fillIn(box, of: result) }
        }
      }
    }
  }

  private func place(
    _ image: UnsafePointer<UInt8>, _ variation: Variation,
    in result: UnsafeMutablePointer<UInt8>, scratch: UnsafeMutableRawPointer?
  ) {
    let window = variation.window
    guard let resampler, let scratch = unsafe scratch else {
      unsafe mover.move(
        image, top: window.top, left: window.left, flipped: variation.isFlipped, to: result, output)
      return
    }
    var map = PixelMap(
      height: output.height, width: output.width, scale: variation.scale, shear: variation.shear,
      rotation: variation.rotation, right: variation.right, down: variation.down)
    map.place(in: window, height: output.height, width: output.width)
    if variation.isFlipped { map.flip(width: input.width) }
    let scaleX = Double(window.width) / Double(output.width)
    unsafe resampler.resample(
      image, by: map,
      displacing: SIMD2(
        variation.isFlipped ? -scaleX : scaleX, Double(window.height) / Double(output.height)),
      random: variation.elastic, to: result, scratch: scratch)
  }

  private func addNoise(_ random: KeyedRandom, to pixels: UnsafeMutablePointer<UInt8>) {
    for index in 0..<output.count {
      let noise = (NormalBytes.number(random[index]) &* noiseFactor &+ (1 << 31)) >> 32
      // Sound: the result has `output.count` bytes.
      unsafe pixels[index] = clampedByte(Int(pixels[index]) &+ noise)
    }
  }

  private func fillIn(_ box: PixelBox, of pixels: UnsafeMutablePointer<UInt8>) {
    let box = box.clipped(height: output.height, width: output.width)
    let channels = output.channels
    for row in box.top..<(box.top + box.height) {
      // Sound: the clipped box is within the result.
      let target = unsafe pixels + (row * output.width + box.left) * channels
      for column in 0..<box.width {
        for channel in 0..<channels { unsafe target[column * channels + channel] = fill[channel] }
      }
    }
  }
}

extension Augmentation {
  /// Throws if images of that shape cannot be augmented to results of the other.
  package func check(from input: PixelShape, to output: PixelShape) throws(AugmentationError) {
    let sides = 1...Augmenter.largestSide
    for side in [input.height, input.width, output.height, output.width] {
      guard sides.contains(side) else {
        throw .doesNotFit(
          description, expected: "images with sides from 1 to \(Augmenter.largestSide)",
          found: "\(side)")
      }
    }
    guard input.channels == output.channels, input.channels == 1 || input.channels == 3 else {
      throw .doesNotFit(
        description, expected: "images with 1 or 3 channels",
        found: "\(input.channels) in, \(output.channels) out")
    }
    let shrinking = shrinking(from: input, to: output)
    for term in terms { try term.check(from: input, to: output, shrinking: shrinking) }
    // An affine map has coefficients of at most √2 / 0.5 < 3, and a translation of at most half the
    // sides, which leads at most 3 · (height + width) pixels of the result away from its centre.
    // Places have 15 bits for whole pixels.
    let reach = 3 * Double(output.height + output.width) * shrinking
    guard reach + 2 * Double(Augmenter.largestSide) < 0x1p15 else {
      throw .doesNotFit(
        description, expected: "results of about the size or the aspect of the images",
        found: "\(output) for \(input)")
    }
  }

  /// Pixels of the image in one of the result, at most: more than one only in a resized crop.
  private func shrinking(from input: PixelShape, to output: PixelShape) -> Double {
    guard terms.contains(where: { $0.kind == .resizedCrop }) else { return 1 }
    return max(
      1, Double(input.height) / Double(output.height), Double(input.width) / Double(output.width))
  }
}

extension AugmentationTerm {
  fileprivate func check(
    from input: PixelShape, to output: PixelShape, shrinking: Double
  ) throws(AugmentationError) {
    let smallest = min(input.height, input.width)
    switch self {
    case .crop(let padding, let reflecting):
      let most = reflecting ? smallest - 1 : smallest
      guard padding <= most else {
        throw .doesNotFit(
          text, expected: "at most \(most) pixels for images of \(input)", found: "\(padding)")
      }
      let (rows, columns) = (input.height + 2 * padding, input.width + 2 * padding)
      guard output.height <= rows, output.width <= columns else {
        throw .doesNotFit(
          text, expected: "results of at most \(rows)×\(columns) pixels",
          found: "\(output.height)×\(output.width)")
      }
    case .cutout(let side):
      guard side <= 2 * max(output.height, output.width) else {
        throw .doesNotFit(
          text, expected: "at most twice the side of results of \(output)", found: "\(side)")
      }
    case .elastic(let amplitude, _):
      let largest = ElasticField.largestAmplitude
      guard amplitude * shrinking <= largest else {
        throw .doesNotFit(
          text, expected: "displacements of at most \(Decimal.text(largest)) pixels of the image",
          found: "results of \(output) for images of \(input)")
      }
    default: break
    }
  }
}

extension PixelShape: CustomStringConvertible {
  package var description: String { "\(channels)×\(height)×\(width)" }
}
