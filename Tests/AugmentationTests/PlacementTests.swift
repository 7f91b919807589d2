import ConvoyAugmentation
import ConvoyKeyedRandom
import Testing

/// Where pixels go: flips, crops, affine maps and elastic displacements.
@Suite("Placement")
struct PlacementTests {
  private static let shapes: [PixelShape] = [
    PixelShape(height: 1, width: 1, channels: 3), PixelShape(height: 7, width: 12, channels: 1),
    PixelShape(height: 13, width: 9, channels: 3), PixelShape(height: 28, width: 28, channels: 1),
  ]

  private static let interpolated: [(String, Border, (Double, Double)?)] = [
    ("rotate:180", .zero, nil),
    ("scale:0.5:2", .zero, nil),
    ("shear:45", .zero, nil),
    ("translate:0.5", .zero, nil),
    ("flip,scale:0.8:1.2,shear:20,rotate:30,translate:0.2", .zero, nil),
    ("elastic:2:1.5", .zero, (2, 1.5)),
    ("flip,elastic:1:3,rotate:20", .zero, (1, 3)),
    ("resized-crop:0.1:0.6", .edge, nil),
    ("flip,resized-crop:0.3,elastic:1,rotate:45,scale:0.5:1", .edge, (1, 4)),
  ]

  private static let reflected: [(String, Border, (Double, Double)?)] = [
    ("crop:4:reflect,rotate:180", .reflection, nil),
    ("flip,crop:2:reflect,scale:0.5:0.6,elastic:2", .reflection, (2, 4)),
    ("crop:3,translate:0.4", .zero, nil),
  ]

  @Test("every pixel is the reference's within its rounding, also at another size")
  func interpolation() throws {
    for shape in Self.shapes {
      for (text, border, elastic) in Self.interpolated {
        try compare(text, border, elastic, shape, to: shape)
      }
      let other = PixelShape(
        height: shape.height + 3, width: max(shape.width - 3, 1), channels: shape.channels)
      for (text, border, elastic) in Self.interpolated where shape.width > 1 {
        try compare(text, border, elastic, shape, to: other)
      }
      for (text, border, elastic) in Self.reflected where shape.width > 4 {
        try compare(text, border, elastic, shape, to: shape)
      }
    }
  }

  private func compare(
    _ text: String, _ border: Border, _ elastic: (Double, Double)?, _ input: PixelShape,
    to output: PixelShape
  ) throws {
    let augmenter = try augmenter(text, input, to: output)
    let reference = ReferenceAugmentation(
      input: input, output: output, border: border, elastic: elastic)
    for sample in 0..<4 {
      let image = randomImage(input, seed: UInt64(sample))
      let variation = augmenter.variation(sample: sample, epoch: 3)
      let result = augmenter.result(of: variation, on: image)
      let expected = reference.placed(image, variation)
      let error = zip(result, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
      #expect(error <= reference.tolerance, "\(text), \(input) to \(output), sample \(sample)")
    }
  }

  private static let wholePixels: [(String, Border, Int, Int)] = [
    ("none", .zero, 0, 0), ("none", .zero, 3, -4), ("flip", .zero, 0, 0), ("crop:0", .zero, 0, 0),
    ("crop:3", .zero, 0, 0), ("flip,crop:5", .zero, -2, 4),
    ("flip,crop:4:reflect", .reflection, 0, 0),
    ("alternating-flip,crop:6:reflect", .reflection, 3, 5),
  ]

  @Test("flips and crops copy the reference's pixels exactly")
  func copies() throws {
    for shape in Self.shapes.dropFirst() {
      for (text, border, taller, wider) in Self.wholePixels {
        let output = PixelShape(
          height: shape.height + taller, width: shape.width + wider, channels: shape.channels)
        let augmenter = try augmenter(text, shape, to: output)
        #expect(augmenter.scratchCount == 0)
        let reference = ReferenceAugmentation(input: shape, output: output, border: border)
        for sample in 0..<8 {
          let image = randomImage(shape, seed: UInt64(sample))
          let variation = augmenter.variation(sample: sample, epoch: 0)
          let result = augmenter.result(of: variation, on: image)
          #expect(
            result.map(Double.init) == reference.placed(image, variation), "\(text), \(shape)")
        }
      }
    }
  }

  @Test("terms with nothing to do give identical bytes")
  func identity() throws {
    let text = "scale:1:1,shear:0,rotate:0,translate:0,elastic:0,color:0,noise:0,erase:0,cutout:0"
    for shape in Self.shapes {
      let image = randomImage(shape)
      #expect(try augmenter("none", shape).result(image, sample: 0) == image)
      let grey = text.replacing("color:0", with: "brightness:0,contrast:0")
      let all = try augmenter(shape.channels == 3 ? text : grey, shape)
      #expect(all.result(image, sample: 0) == image)
    }
  }

  @Test("a flip of a flip is the image; also where it is interpolated")
  func flips() throws {
    for shape in Self.shapes {
      for text in ["none", "rotate:0"] {
        let augmenter = try augmenter(text, shape)
        let image = randomImage(shape)
        var variation = augmenter.variation(sample: 0, epoch: 0)
        variation.isFlipped = true
        let once = augmenter.result(of: variation, on: image)
        #expect(shape.width == 1 || once != image)
        #expect(augmenter.result(of: variation, on: once) == image)
      }
    }
  }

  @Test("a translation by whole pixels moves them, and leaves zeros")
  func translations() throws {
    for shape in Self.shapes {
      let augmenter = try augmenter("translate:0.5", shape)
      let image = randomImage(shape)
      for (right, down) in [(1, 0), (0, -2), (-3, 2), (40, 0)] {
        var variation = Variation(
          window: PixelBox(top: 0, left: 0, height: shape.height, width: shape.width),
          random: KeyedRandom(seed: 1, purpose: .augmentation))
        (variation.right, variation.down) = (Double(right), Double(down))
        var expected = image.map { _ in UInt8(0) }
        for row in 0..<shape.height where (0..<shape.height).contains(row - down) {
          for column in 0..<shape.width where (0..<shape.width).contains(column - right) {
            for channel in 0..<shape.channels {
              expected[(row * shape.width + column) * shape.channels + channel] =
                image[((row - down) * shape.width + column - right) * shape.channels + channel]
            }
          }
        }
        #expect(augmenter.result(of: variation, on: image) == expected)
      }
    }
  }

  /// A quarter turn clockwise takes the top row to the right column.
  @Test("rotation is clockwise, shear tilts columns, scale above 1 enlarges")
  func directions() throws {
    let shape = PixelShape(height: 3, width: 3, channels: 1)
    let augmenter = try augmenter("rotate:90,shear:45,scale:0.5:2", shape)
    let image: [UInt8] = [10, 20, 30, 40, 50, 60, 70, 80, 90]
    var variation = Variation(
      window: PixelBox(top: 0, left: 0, height: 3, width: 3),
      random: KeyedRandom(seed: 1, purpose: .augmentation))
    variation.rotation = 90
    #expect(augmenter.result(of: variation, on: image) == [70, 40, 10, 80, 50, 20, 90, 60, 30])
    variation.rotation = 0
    variation.shear = 45
    // As torchvision: the row above the centre moves right, and that below left.
    #expect(augmenter.result(of: variation, on: image) == [0, 10, 20, 40, 50, 60, 80, 90, 0])
    variation.shear = 0
    variation.scale = 2
    #expect(augmenter.result(of: variation, on: image) == [30, 35, 40, 45, 50, 55, 60, 65, 70])
  }
}
