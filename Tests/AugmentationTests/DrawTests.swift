import ConvoyAugmentation
import Testing

/// The distributions of what is drawn. Bounds are 5 standard deviations, which a sound generator
/// passes but for one key in 1.7 million; the keys are fixed.
@Suite("Draws")
struct DrawTests {
  private static let count = 4000
  private let shape = PixelShape(height: 30, width: 40, channels: 3)

  private func draws(_ text: String, epoch: Int = 0) throws -> [Variation] {
    let augmenter = try augmenter(text, shape)
    return (0..<Self.count).map { augmenter.variation(sample: $0, epoch: epoch) }
  }

  /// The count's deviation is √(n p (1 − p)).
  private func expectShare(
    _ hits: Int, _ p: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let n = Double(Self.count)
    #expect(
      abs(Double(hits) - n * p) <= 5 * (n * p * (1 - p)).squareRoot(),
      sourceLocation: sourceLocation)
  }

  /// Uniform numbers of a range r have the mean's deviation r / √(12 n); the variance, r² / 12, has
  /// r² √((1/80 − 1/144) / n).
  private func expectUniform(
    _ numbers: [Double], in range: ClosedRange<Double>,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let (n, width) = (Double(numbers.count), range.upperBound - range.lowerBound)
    let center = range.lowerBound + width / 2
    #expect(numbers.allSatisfy(range.contains), sourceLocation: sourceLocation)
    let mean = numbers.reduce(0, +) / n
    let variance = numbers.reduce(0) { $0 + ($1 - center) * ($1 - center) } / n
    #expect(abs(mean - center) <= 5 * width / (12 * n).squareRoot(), sourceLocation: sourceLocation)
    #expect(
      abs(variance - width * width / 12)
        <= 5 * width * width * ((1.0 / 80 - 1.0 / 144) / n).squareRoot(),
      sourceLocation: sourceLocation)
  }

  @Test("half of the samples are flipped, and a quarter in two epochs")
  func flips() throws {
    let (first, second) = (try draws("flip"), try draws("flip", epoch: 1))
    expectShare(first.count { $0.isFlipped }, 0.5)
    expectShare(zip(first, second).count { $0.isFlipped && $1.isFlipped }, 0.25)
  }

  @Test("alternating flips begin with a coin per sample, and alternate by epoch")
  func alternatingFlips() throws {
    let first = try draws("alternating-flip")
    expectShare(first.count { $0.isFlipped }, 0.5)
    for epoch in 1...5 {
      let other = try draws("alternating-flip", epoch: epoch)
      let changed = zip(first, other).count { $0.isFlipped != $1.isFlipped }
      #expect(changed == (epoch % 2 == 0 ? 0 : Self.count))
    }
  }

  @Test("the affine map and colours are uniform in their ranges")
  func ranges() throws {
    let all = try draws("scale:0.8:1.3,shear:20,rotate:15,translate:0.25,color:0.4")
    expectUniform(all.map(\.scale), in: 0.8...1.3)
    expectUniform(all.map(\.shear), in: -20...20)
    expectUniform(all.map(\.rotation), in: -15...15)
    expectUniform(all.map(\.right), in: -10...10)
    expectUniform(all.map(\.down), in: -7.5...7.5)
    for factors in [all.map(\.brightness), all.map(\.contrast), all.map(\.saturation)] {
      expectUniform(factors, in: 0.6...1.4)
    }
    // Numbers of different terms are unrelated: products of unit uniforms have the deviation 1 / 3.
    let product = all.reduce(0) { $0 + ($1.rotation / 15) * ($1.shear / 20) } / Double(Self.count)
    #expect(abs(product) <= 5 / (9 * Double(Self.count)).squareRoot())
  }

  @Test("crops and cutouts are anywhere, each place equally often")
  func places() throws {
    let all = try draws("crop:2,cutout:6")
    for place in -2...2 {
      expectShare(all.count { $0.window.top == place }, 0.2)
      expectShare(all.count { $0.window.left == place }, 0.2)
    }
    #expect(all.allSatisfy { $0.window.height == 30 && $0.window.width == 40 })
    for place in 0..<30 { expectShare(all.count { $0.cutout?.top == place - 3 }, 1.0 / 30) }
    for place in 0..<40 { expectShare(all.count { $0.cutout?.left == place - 3 }, 1.0 / 40) }
    #expect(all.allSatisfy { $0.cutout?.height == 6 && $0.cutout?.width == 6 })
  }

  /// Sides are rounded: by half a pixel, an area of h · w changes by up to (h + w + ½) / 2 and an
  /// aspect w / h by up to (w + ½) / (h − ½).
  private func fits(
    _ box: PixelBox, share: ClosedRange<Double>, aspect: ClosedRange<Double>
  ) -> Bool {
    let (h, w) = (Double(box.height), Double(box.width))
    let slack = (h + w + 0.5) / 2
    return h * w >= share.lowerBound * 1200 - slack && h * w <= share.upperBound * 1200 + slack
      && (w + 0.5) / (h - 0.5) >= aspect.lowerBound && (w - 0.5) / (h + 0.5) <= aspect.upperBound
      && box.clipped(height: 30, width: 40) == box
  }

  @Test("resized crops have their share of the area and aspect, inside the image")
  func resizedCrops() throws {
    let boxes = try draws("resized-crop:0.2:0.5").map(\.window)
    #expect(boxes.allSatisfy { fits($0, share: 0.2...0.5, aspect: 0.75...(4.0 / 3)) })
    // At shares up to ½ every attempt fits here, so that shares are uniform; rounding averages out.
    let mean = boxes.reduce(0) { $0 + Double($1.height * $1.width) / 1200 } / Double(Self.count)
    #expect(abs(mean - 0.35) <= 5 * 0.3 / (12 * Double(Self.count)).squareRoot() + 0.001)
    // The logarithm of the aspect is uniform in ±ln 4/3, so that as many are wide as high.
    expectShare(
      boxes.count { $0.width > $0.height } + boxes.count { $0.width == $0.height } / 2, 0.5)
  }

  @Test("a resized crop that never fits is the middle of the image with the nearest aspect")
  func resizedCropOfNarrowImages() throws {
    for (height, width, box) in [
      (100, 20, PixelBox(top: 36, left: 0, height: 27, width: 20)),
      (20, 100, PixelBox(top: 0, left: 36, height: 20, width: 27)),
    ] {
      let shape = PixelShape(height: height, width: width, channels: 1)
      let augmenter = try augmenter("resized-crop:1", shape)
      #expect(augmenter.variation(sample: 0, epoch: 0).window == box)
    }
  }

  @Test("erasing has its probability, share of the area and aspect, inside the image")
  func erasing() throws {
    let all = try draws("erase:0.3")
    expectShare(all.count { $0.erased != nil }, 0.3)
    let boxes = all.compactMap(\.erased)
    #expect(boxes.allSatisfy { fits($0, share: 0.02...0.33, aspect: 0.3...3.3) })
    #expect(try draws("erase:1").allSatisfy { $0.erased != nil })
  }

  @Test("one more term leaves the numbers of the others")
  func independence() throws {
    let few = try draws("rotate:20,crop:2")
    let more = try draws("flip,rotate:20,shear:10,crop:2,erase:0.5,elastic:1,noise:0.1,color:0.3")
    let same = zip(few, more).allSatisfy { one, other in
      one.rotation == other.rotation && one.window == other.window
        && one.elastic == other.elastic && one.noise == other.noise
    }
    #expect(same)
  }

  /// The amplitude is the root mean square. The pixels looked at span 2 · 3 cells of the grid; as if
  /// four were independent, the mean square over 400 samples has the relative deviation √(2 / 1600).
  /// Places within cells differ from their average by less than 2% here.
  @Test("elastic displacements have their amplitude")
  func elasticAmplitude() throws {
    // An image whose value is 6 · column shows displacements to the right as differences.
    let shape = PixelShape(height: 30, width: 40, channels: 1)
    let augmenter = try augmenter("elastic:1.5:4", shape)
    let image = (0..<1200).map { UInt8($0 % 40 * 6) }
    var (sum, number) = (0.0, 0.0)
    for sample in 0..<400 {
      let result = augmenter.result(image, sample: sample)
      for row in 8..<22 {
        for column in 10..<30 {
          let difference = Double(result[row * 40 + column]) - Double(image[row * 40 + column])
          sum += difference * difference / 36
          number += 1
        }
      }
    }
    let relative = 5 * (2 / (400.0 * 4)).squareRoot() + 0.02
    #expect(abs(sum / number / 2.25 - 1) <= relative, "\(sum / number)")
  }
}
