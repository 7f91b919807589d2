import ConvoyKeyedRandom

/// What is done to one sample in one epoch: a number drawn from each term's range.
package struct Variation: Sendable, Equatable {
  package var isFlipped = false
  /// The part of the image, flipped or not, that is shown; resized if it is not of the output's size.
  package var window: PixelBox

  package var scale = 1.0
  /// In degrees.
  package var shear = 0.0
  /// In degrees, clockwise.
  package var rotation = 0.0
  /// The translation, in pixels of the output.
  package var (right, down) = (0.0, 0.0)

  /// Factors; 1 changes nothing.
  package var (brightness, contrast, saturation) = (1.0, 1.0, 1.0)

  package var erased: PixelBox?
  package var cutout: PixelBox?

  /// Random numbers of displacements and of noise.
  package var elastic: KeyedRandom
  package var noise: KeyedRandom

  /// Changes nothing but the window.
  package init(window: PixelBox, random: KeyedRandom) {
    self.window = window
    elastic = random.keyed(by: AugmentationTerm.Kind.elastic.rawValue)
    noise = random.keyed(by: AugmentationTerm.Kind.noise.rawValue)
  }

  /// Each term has numbers of its own, so that one more term leaves those of the others.
  init(
    _ terms: [AugmentationTerm], from input: PixelShape, to output: PixelShape, seed: UInt64,
    sample: Int, epoch: Int
  ) {
    let random = KeyedRandom(seed: seed, purpose: .augmentation, epoch, sample)
    self.init(window: Self.middle(of: input, for: output), random: random)
    for term in terms {
      let random = random.keyed(by: term.kind.rawValue)
      switch term {
      case .flip: isFlipped = random.uniform(0) < 0.5
      case .alternatingFlip:
        let coin = KeyedRandom(seed: seed, purpose: .augmentation, 0, sample)
          .keyed(by: term.kind.rawValue)
        isFlipped = (coin.uniform(0) < 0.5) != (epoch % 2 != 0)
      case .crop(let padding, _):
        window.top = random.integer(0, below: input.height + 2 * padding - output.height + 1)
        window.left = random.integer(1, below: input.width + 2 * padding - output.width + 1)
        window.top -= padding
        window.left -= padding
      case .resizedCrop(let share): window = .resizedCrop(of: input, areaShare: share, random)
      case .scale(let range):
        scale = range.lowerBound + (range.upperBound - range.lowerBound) * random.uniform(0)
      case .shear(let degrees): shear = degrees * random.signed(0)
      case .rotate(let degrees): rotation = degrees * random.signed(0)
      case .translate(let share):
        right = share * Double(output.width) * random.signed(0)
        down = share * Double(output.height) * random.signed(1)
      case .brightness(let range): brightness = 1 + range * random.signed(0)
      case .contrast(let range): contrast = 1 + range * random.signed(0)
      case .saturation(let range): saturation = 1 + range * random.signed(0)
      case .erase(let probability):
        erased = random.uniform(0) < probability ? .erased(in: output, random) : nil
      case .cutout(let side):
        cutout = PixelBox(
          top: random.integer(0, below: output.height) - side / 2,
          left: random.integer(1, below: output.width) - side / 2, height: side, width: side)
      case .elastic, .noise: break
      }
    }
  }

  private static func middle(of input: PixelShape, for output: PixelShape) -> PixelBox {
    // Shifts round down, so that a border of an odd number has its last pixel below and right.
    PixelBox(
      top: (input.height - output.height) >> 1, left: (input.width - output.width) >> 1,
      height: output.height, width: output.width)
  }
}

extension KeyedRandom {
  /// Uniform in [−1, 1).
  fileprivate func signed(_ counter: Int) -> Double { 2 * uniform(counter) - 1 }

  /// Uniform on a logarithmic scale.
  fileprivate func logUniform(_ counter: Int, from low: Double, to high: Double) -> Double {
    let (first, last) = (PortableMath.logarithm(low), PortableMath.logarithm(high))
    return PortableMath.exponential(first + (last - first) * uniform(counter))
  }
}

extension PixelBox {
  private static let attempts = 10

  /// As torchvision's `RandomResizedCrop`: in ten attempts, a box of a random share of the area and a
  /// random aspect that fits into the image; then the largest box in its middle with an aspect of
  /// 3/4 to 4/3.
  fileprivate static func resizedCrop(
    of image: PixelShape, areaShare: ClosedRange<Double>, _ random: KeyedRandom
  ) -> PixelBox {
    let range = areaShare.upperBound - areaShare.lowerBound
    for first in stride(from: 0, to: 4 * attempts, by: 4) {
      let share = areaShare.lowerBound + range * random.uniform(first)
      let aspect = random.logUniform(first + 1, from: 3.0 / 4, to: 4.0 / 3)
      let box = PixelBox(share, of: image, widthToHeight: aspect)
      guard box.width > 0, box.width <= image.width, box.height > 0, box.height <= image.height
      else { continue }
      return box.anywhere(in: image, random, first + 2)
    }
    var (height, width) = (image.height, image.width)
    if 4 * width < 3 * height {
      height = (8 * width + 3) / 6
    } else if 3 * width > 4 * height {
      width = (8 * height + 3) / 6
    }
    return PixelBox(
      top: (image.height - height) / 2, left: (image.width - width) / 2, height: height,
      width: width)
  }

  /// As torchvision's `RandomErasing`: none if no box of ten is smaller than the image.
  fileprivate static func erased(in image: PixelShape, _ random: KeyedRandom) -> PixelBox? {
    for first in stride(from: 1, to: 1 + 4 * attempts, by: 4) {
      let share = 0.02 + (0.33 - 0.02) * random.uniform(first)
      let aspect = random.logUniform(first + 1, from: 0.3, to: 3.3)
      let box = PixelBox(share, of: image, widthToHeight: aspect)
      guard box.width < image.width, box.height < image.height else { continue }
      return box.anywhere(in: image, random, first + 2)
    }
    return nil
  }

  private init(_ share: Double, of image: PixelShape, widthToHeight aspect: Double) {
    let area = share * Double(image.height * image.width)
    self.init(
      top: 0, left: 0, height: Int((area / aspect).squareRoot().rounded()),
      width: Int((area * aspect).squareRoot().rounded()))
  }

  private func anywhere(in image: PixelShape, _ random: KeyedRandom, _ counter: Int) -> PixelBox {
    PixelBox(
      top: random.integer(counter, below: image.height - height + 1),
      left: random.integer(counter + 1, below: image.width - width + 1), height: height,
      width: width)
  }
}
