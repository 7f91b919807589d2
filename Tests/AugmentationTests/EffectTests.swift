import ConvoyAugmentation
import ConvoyKeyedRandom
import Testing

/// What is done to pixels in their places: colours, noise and fills.
@Suite("Effects")
struct EffectTests {
  private static let shapes: [PixelShape] = [
    PixelShape(height: 7, width: 12, channels: 1), PixelShape(height: 13, width: 9, channels: 3),
  ]

  /// A factor is rounded to 2⁻¹⁷, and multiplies a difference of at most 255; grey is rounded to
  /// 2⁻¹⁶, and its weights to 2⁻¹⁷ each.
  private static let tolerance = 0.5 + 255 * 5 * 0x1p-16

  @Test("brightness, contrast and saturation are those of their formulas, rounded and clamped")
  func colors() throws {
    for shape in Self.shapes {
      let augmenter = try augmenter("brightness:1,contrast:1", shape)
      for sample in 0..<6 {
        let image = randomImage(shape, seed: UInt64(sample))
        let all = augmenter.variation(sample: sample, epoch: 0)
        var variation = Variation(window: all.window, random: all.noise)
        variation.brightness = all.brightness
        let brighter = augmenter.result(of: variation, on: image)
        expect(brighter, image.map { Double($0) * all.brightness })

        variation.brightness = 1
        variation.contrast = all.contrast
        let greys = greys(of: image, shape.channels)
        let mean = greys.reduce(0, +) / Double(greys.count)
        expect(
          augmenter.result(of: variation, on: image),
          image.map { mean + all.contrast * (Double($0) - mean) })

        // Contrast is applied to what brightness has rounded.
        variation.brightness = all.brightness
        let both = augmenter.result(of: variation, on: image)
        variation.brightness = 1
        #expect(both == augmenter.result(of: variation, on: brighter))
      }
    }
    let shape = Self.shapes[1]
    let augmenter = try augmenter("saturation:1", shape)
    for sample in 0..<6 {
      let image = randomImage(shape, seed: UInt64(sample))
      let variation = augmenter.variation(sample: sample, epoch: 0)
      let greys = greys(of: image, 3)
      expect(
        augmenter.result(of: variation, on: image),
        image.enumerated().map { index, value in
          greys[index / 3] + variation.saturation * (Double(value) - greys[index / 3])
        })
    }
  }

  /// `photos` is for grey pictures too.
  @Test("A grey image has no saturation")
  func greySaturation() throws {
    for shape in Self.shapes where shape.channels == 1 {
      let image = randomImage(shape, seed: 5)
      let augmenter = try augmenter("saturation:1", shape)
      for sample in 0..<6 {
        let variation = augmenter.variation(sample: sample, epoch: 0)
        #expect(augmenter.result(of: variation, on: image) == image)
      }
      try Augmentation.photos.check(
        from: PixelShape(height: 32, width: 32, channels: 1),
        to: PixelShape(height: 32, width: 32, channels: 1))
    }
  }

  private func greys(of image: [UInt8], _ channels: Int) -> [Double] {
    guard channels == 3 else { return image.map(Double.init) }
    return stride(from: 0, to: image.count, by: 3).map { index in
      let (red, green, blue) = (image[index], image[index + 1], image[index + 2])
      return 0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)
    }
  }

  private func expect(
    _ result: [UInt8], _ values: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let errors = zip(result, values).map { byte, value in
      abs(Double(byte) - min(max(value, 0), 255))
    }
    let error = errors.max() ?? .infinity
    #expect(error <= Self.tolerance, sourceLocation: sourceLocation)
  }

  /// Of n values with deviation σ, the mean has the deviation σ / √n, and the variance at most that of
  /// a normal number's, σ² √(2 / n); rounding adds a variance of 1/12. Bounds are 5 deviations.
  @Test("noise has mean 0 and its deviation, another for each sample and epoch, and is clamped")
  func noise() throws {
    let shape = PixelShape(height: 40, width: 50, channels: 3)
    let augmenter = try augmenter("noise:0.05", shape)
    let image = Array(repeating: UInt8(128), count: 6000)
    let result = augmenter.result(image, sample: 1)
    let noise = result.map { Double($0) - 128 }
    let n = Double(noise.count)
    let variance = 12.75 * 12.75 + 1.0 / 12
    let mean = noise.reduce(0, +) / n
    #expect(abs(mean) <= 5 * (variance / n).squareRoot())
    let square = noise.reduce(0) { $0 + $1 * $1 } / n
    #expect(abs(square - variance) <= 5 * variance * (2 / n).squareRoot())
    for other in [augmenter.result(image, sample: 2), augmenter.result(image, sample: 1, epoch: 1)]
    {
      // Two normal numbers of deviation σ round to equal ones with probability 1 / (2 √π σ).
      let equal = Double(zip(result, other).count { $0 == $1 })
      let expected = n / (2 * 12.75 * Double.pi.squareRoot())
      #expect(abs(equal - expected) <= 5 * expected.squareRoot())
    }
    let extremes = [UInt8](repeating: 0, count: 3000) + [UInt8](repeating: 255, count: 3000)
    let clamped = augmenter.result(extremes, sample: 1)
    #expect(clamped.prefix(3000).allSatisfy { $0 < 100 })
    #expect(clamped.suffix(3000).allSatisfy { $0 > 155 })
  }

  @Test("erased and cut out boxes have the fill's bytes, and all else is the image's")
  func fills() throws {
    for shape in Self.shapes {
      let augmenter = try augmenter("erase:0.7,cutout:5", shape)
      let fill: [UInt8] = [90, 110, 130]
      for sample in 0..<20 {
        let image = randomImage(shape)
        let variation = augmenter.variation(sample: sample, epoch: 0)
        let result = augmenter.result(of: variation, on: image)
        let boxes = [variation.erased, variation.cutout].compactMap { $0 }
        let expected = image.enumerated().map { index, value in
          let (channel, pixel) = (index % shape.channels, index / shape.channels)
          let (row, column) = (pixel / shape.width, pixel % shape.width)
          let isFilled = boxes.contains {
            ($0.top..<($0.top + $0.height)).contains(row)
              && ($0.left..<($0.left + $0.width)).contains(column)
          }
          return isFilled ? fill[channel] : value
        }
        #expect(result == expected)
      }
    }
  }

  /// Of all bits (Fowler, Noll and Vo's 1a).
  private func fingerprint(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// Fixed once and for all: whoever changes them changes every run on record.
  @Test("the bytes themselves, on every processor and system")
  func golden() throws {
    let grey = PixelShape(height: 28, width: 28, channels: 1)
    let colored = PixelShape(height: 32, width: 32, channels: 3)
    let digits = try augmenter("digits,elastic:0.8:4", grey)
    let photos = try augmenter("photos,erase:0.5,noise:0.02", colored)
    let crops = try augmenter("resized-crop:0.2,rotate:20,elastic:0.5,alternating-flip", colored)
    for (augmenter, expected) in [
      (digits, 5_673_102_829_540_846_209), (photos, 14_816_196_641_228_334_789),
      (crops, 14_630_196_877_217_827_119),
    ] as [(Augmenter, UInt64)] {
      let image = randomImage(augmenter.input)
      let bytes = (0..<4).flatMap { augmenter.result(image, sample: $0) }
      #expect(fingerprint(bytes) == expected)
    }
  }
}
