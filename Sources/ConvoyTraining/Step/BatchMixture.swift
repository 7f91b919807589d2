import ConvoyAugmentation
import ConvoyKernelInterface
import ConvoyNeuralNetwork

/// How the samples of one step are mixed in pairs, with their labels in the same shares.
struct BatchMixture {
  /// What a sample keeps of its label, and with mixup of each value.
  let share: Float
  /// Where CutMix puts the other sample's values; nil for mixup.
  private let box: PixelBox?

  /// - Parameters:
  ///   - epoch: from 1.
  ///   - step: of the epoch, from 0.
  init(_ mixing: Mixing, seed: UInt64, epoch: Int, step: Int, images shape: FeatureShape) {
    let mixture = mixing.draw(seed: seed, epoch: epoch - 1, step: step)
    switch mixing.method {
    case .mixup:
      share = Float(mixture.share)
      box = nil
    case .cutmix:
      let (box, share) = mixture.box(height: shape.height, width: shape.width)
      self.share = Float(share)
      self.box = box
    }
  }

  /// Whether a mixed sample's prediction is right if it is its own label, rather than the other's.
  var keepsLabel: Bool { share >= 0.5 }

  /// Mixes a sample into another, both without their borders.
  func mix(
    _ other: UnsafePointer<Float>, into sample: UnsafeMutablePointer<Float>, _ map: FeatureMap
  ) {
    let pixels =
      box ?? PixelBox(top: 0, left: 0, height: map.shape.height, width: map.shape.width)
    for row in pixels.top..<pixels.top + pixels.height {
      let start = map.start + row * map.rowStep + pixels.left * map.channels
      let count = pixels.width * map.channels
      if box != nil {
        unsafe (sample + start).update(from: other + start, count: count)
        continue
      }
      for place in start..<start + count {
        unsafe sample[place] = share * sample[place] + (1 - share) * other[place]
      }
    }
  }
}
