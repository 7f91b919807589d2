import ConvoyAugmentation
import Foundation
import Testing

/// Bounds are 5 standard deviations.
@Suite("Mixing")
struct MixingTests {
  private static let count = 8000

  private func shares(_ mixing: Mixing, count: Int = count) -> [Double] {
    (0..<count).map { mixing.draw(seed: 3, epoch: 2, step: $0).share }
  }

  private static let alphas = [0.05, 0.2, 0.4, 1, 2, 8]

  /// Beta(α, α) has the mean ½, the variance 1 / (4 (2α + 1)) and the kurtosis 3 − 6 / (2α + 3); the
  /// variance of n squares is (kurtosis − 1) variance² / n.
  @Test("shares have the moments of Beta(α, α)", arguments: alphas)
  func moments(alpha: Double) throws {
    for method in Mixing.Method.allCases {
      // 120,000 shares notice if the rejection of gamma numbers is left out.
      let count = alpha == 1 && method == .mixup ? 120_000 : Self.count
      let shares = shares(try Mixing(method, alpha: alpha), count: count)
      let n = Double(count)
      let variance = 1 / (4 * (2 * alpha + 1))
      let kurtosis = 3 - 6 / (2 * alpha + 3)
      #expect(shares.allSatisfy { (0...1).contains($0) })
      let mean = shares.reduce(0, +) / n
      #expect(abs(mean - 0.5) <= 5 * (variance / n).squareRoot())
      let square = shares.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / n
      #expect(abs(square - variance) <= 5 * variance * ((kurtosis - 1) / n).squareRoot())
      // Beta(1, 1) is uniform and Beta(2, 2) has the distribution 3x² − 2x³.
      guard alpha == 1 || alpha == 2 else { continue }
      for x in [0.1, 0.3, 0.8] {
        let p = alpha == 1 ? x : 3 * x * x - 2 * x * x * x
        let below = Double(shares.count { $0 < x }) / n
        #expect(abs(below - p) <= 5 * (p * (1 - p) / n).squareRoot())
      }
    }
  }

  @Test("extreme alphas give numbers from 0 to 1", arguments: [0.01, 100])
  func extremes(alpha: Double) throws {
    let shares = shares(try Mixing(.mixup, alpha: alpha))
    #expect(shares.allSatisfy { (0...1).contains($0) })
    let variance = 1 / (4 * (2 * alpha + 1))
    let mean = shares.reduce(0, +) / Double(Self.count)
    #expect(abs(mean - 0.5) <= 5 * (variance / Double(Self.count)).squareRoot())
  }

  @Test("a draw is a function of method, seed, epoch and step")
  func keys() throws {
    let mixup = try Mixing(.mixup, alpha: 0.4)
    let share = mixup.draw(seed: 1, epoch: 2, step: 3).share
    #expect(mixup.draw(seed: 1, epoch: 2, step: 3).share == share)
    #expect(mixup.draw(seed: 2, epoch: 2, step: 3).share != share)
    #expect(mixup.draw(seed: 1, epoch: 3, step: 3).share != share)
    #expect(mixup.draw(seed: 1, epoch: 2, step: 4).share != share)
    #expect(try Mixing(.cutmix, alpha: 0.4).draw(seed: 1, epoch: 2, step: 3).share != share)
    // Fixed once and for all.
    #expect(share == 0.991_828_696_528_379_1)
  }

  @Test("partners are the batch in reverse")
  func partners() {
    for count in [1, 2, 7] {
      let partners = (0..<count).map { Mixing.partner(of: $0, inBatchOf: count) }
      #expect(partners == Array((0..<count).reversed()))
    }
  }

  /// The centre is uniform; the share is that of the pixels outside the box.
  @Test("CutMix's boxes have their size, inside the image")
  func boxes() throws {
    let mixing = try Mixing(.cutmix, alpha: 1)
    let (height, width) = (20, 30)
    var (whole, wrong) = (0, 0)
    for step in 0..<2000 {
      let mixture = mixing.draw(seed: 1, epoch: 0, step: step)
      let (box, share) = mixture.box(height: height, width: width)
      let side = sqrt(1 - mixture.share)
      let (rows, columns) = (Int(20 * side), Int(30 * side))
      let isInside = box.clipped(height: height, width: width) == box
      // A centre is in the image, so that at least half of a side is, rounded.
      let isHalf = box.height >= rows / 2 && box.width >= columns / 2
      let isCut = box.top == 0 || box.top + box.height == height || box.height == rows
      let isCutAcross = box.left == 0 || box.left + box.width == width || box.width == columns
      let isSmall = box.height <= rows && box.width <= columns
      let hasShare = share == 1 - Double(box.height * box.width) / 600
      if !(isInside && isHalf && isCut && isCutAcross && isSmall && hasShare) { wrong += 1 }
      if box.height == rows, box.width == columns { whole += 1 }
    }
    #expect(wrong == 0)
    // A box of side s is whole with probability about (1 − s)², and E (1 − √(1 − λ))² = 1/6 for a
    // uniform λ; rounding of centres moves it by below a pixel of each side.
    let share = Double(whole) / 2000
    let deviation = (5.0 / 36 / 2000).squareRoot()
    let bound: Double = 5 * deviation + 0.06
    #expect(abs(share - 1 / 6) <= bound)
  }

  @Test("alpha outside its range is refused")
  func refusal() {
    for alpha in [0, -1, 0.001, 1000, Double.nan, .infinity] {
      #expect(throws: AugmentationError.self) { try Mixing(.mixup, alpha: alpha) }
    }
    do { _ = try Mixing(.cutmix, alpha: 0) } catch {
      #expect("\(error)" == "augmentation 'cutmix': expected alpha from 0.01 to 100, found '0.0'")
    }
  }
}
