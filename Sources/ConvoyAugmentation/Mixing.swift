import ConvoyKeyedRandom

/// How the samples of a batch are mixed in pairs, images and labels alike: the random numbers of
/// mixup and CutMix.
///
/// A step draws one share λ from Beta(α, α) for the whole batch. Each sample keeps λ of its image and
/// label and takes 1 − λ of its partner's. The partners are the batch in reverse order, as in timm:
/// batches are shuffled, so that this is as random as a permutation; it needs no memory, and only the
/// middle sample of an odd batch stays unmixed.
public struct Mixing: Sendable, Equatable {
  /// How two samples become one.
  public enum Method: String, Sendable, CaseIterable, Codable {
    /// Weighted sums of two images (Zhang et al., 2018).
    case mixup
    /// A box of the partner's image in the sample's (Yun et al., 2019).
    case cutmix
  }

  /// What the parameter of the beta distribution may be.
  public static let alphas: ClosedRange<Double> = 0.01...100

  /// How two samples become one.
  public let method: Method
  /// With α below 1, most shares are near 0 or 1; with α = 1 they are uniform, above 1 near ½.
  public let alpha: Double

  /// - Throws: `AugmentationError` if alpha is out of `alphas`.
  public init(_ method: Method, alpha: Double) throws(AugmentationError) {
    guard Self.alphas.contains(alpha) else {
      throw .invalidTerm(
        method.rawValue, expected: "alpha from 0.01 to 100",
        found: AugmentationError.quoted("\(alpha)"))
    }
    self.method = method
    self.alpha = alpha
  }

  /// The index in the batch of the sample that a sample is mixed with.
  package static func partner(of index: Int, inBatchOf count: Int) -> Int {
    precondition((0..<count).contains(index), "The sample is in the batch.")
    return count - 1 - index
  }

  /// The mixing of a step of an epoch; both count from 0.
  package func draw(seed: UInt64, epoch: Int, step: Int) -> Mixture {
    let random = KeyedRandom(seed: seed, purpose: .augmentation, epoch, step)
      .keyed(by: method == .mixup ? Self.mixupKey : Self.cutmixKey)
    return Mixture(share: random.symmetricBeta(alpha), random: random.keyed(by: 2))
  }

  // Apart from `AugmentationTerm.Kind`, because a step and a sample may have equal numbers.
  private static let (mixupKey, cutmixKey) = (1001, 1002)
}

extension Mixing: Codable {
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      values.decode(Method.self, forKey: .method), alpha: values.decode(Double.self, forKey: .alpha)
    )
  }
}

/// The mixing of one batch.
package struct Mixture: Sendable {
  /// What a sample keeps of its own.
  package let share: Double
  fileprivate let random: KeyedRandom

  /// CutMix's box for images of that size, and the share of the image outside of it, which is that of
  /// the sample's own label.
  ///
  /// The sides are √(1 − λ) of the image's, rounded down; the centre is any pixel, and what is beyond
  /// the image is cut off.
  package func box(height: Int, width: Int) -> (box: PixelBox, share: Double) {
    let side = (1 - share).squareRoot()
    let (rows, columns) = (Int(Double(height) * side), Int(Double(width) * side))
    let box = PixelBox(
      top: random.integer(0, below: height) - rows / 2,
      left: random.integer(1, below: width) - columns / 2, height: rows, width: columns
    ).clipped(height: height, width: width)
    return (box, 1 - Double(box.height * box.width) / Double(height * width))
  }
}

extension KeyedRandom {
  /// Beta(α, α): G / (G + G′) of two Gamma(α) numbers. They are kept as logarithms, because for small
  /// α both can be too small for a Double.
  fileprivate func symmetricBeta(_ alpha: Double) -> Double {
    let difference = keyed(by: 1).logarithmOfGamma(alpha) - keyed(by: 0).logarithmOfGamma(alpha)
    return 1 / (1 + PortableMath.exponential(difference))
  }

  /// ln G for G from Gamma(α) = Gamma(α + 1) U^(1/α), with Gamma(α + 1) by rejection from the cube of a
  /// normal number (Marsaglia and Tsang, 2000), which accepts at least 95% of attempts.
  private func logarithmOfGamma(_ alpha: Double) -> Double {
    let power = PortableMath.logarithm(1 - keyed(by: 0).uniform(0)) / alpha
    let (normals, uniforms) = (keyed(by: 1), keyed(by: 2))
    let d = alpha + 1 - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    var attempt = 0
    while true {
      let x = normals.normal(attempt)
      let root = 1 + c * x
      if root > 0 {
        let v = root * root * root
        let logarithm = PortableMath.logarithm(v)
        if PortableMath.logarithm(1 - uniforms.uniform(attempt))
          < x * x / 2 + d - d * v + d * logarithm
        {
          return PortableMath.logarithm(d) + logarithm + power
        }
      }
      attempt += 1
    }
  }
}
