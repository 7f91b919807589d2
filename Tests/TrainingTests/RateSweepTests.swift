import Foundation
import Optimizers
import Testing

@testable import ConvoyTraining

@Suite struct RateSweepTests {
  /// Losses of a sweep from 1e-6 to 1, a hundred steps.
  private func sweep(_ loss: (_ logRate: Double) -> Double) -> RateSweep {
    RateSweep(
      points: (0..<100).map { step in
        let logRate = -6 + 6 * Double(step) / 99
        return RateSweep.Point(
          rate: pow(10, logRate), loss: loss(logRate), smoothed: loss(logRate))
      })
  }

  @Test func eachRateIsTheSameFactorAboveTheOneBefore() throws {
    let schedule = try RateSweep.schedule(1e-4...1, steps: 5)
    for step in 1...5 {
      let expected = pow(10, Double(step) - 5)
      // Powers and interpolation round a few times.
      #expect(abs(schedule.rate(at: step) / expected - 1) < 1e-12)
    }
  }

  /// A loss that falls between 1e-4 and 1e-2, fastest in the middle, and explodes from 1e-1 on.
  @Test func suggestsTheFall() throws {
    let sweep = sweep { 2.3 - 2 / (1 + exp(-4 * ($0 + 3))) + exp(12 * ($0 + 0.9)) }
    let steepest = try #require(sweep.steepest)
    #expect((5e-4...2e-3).contains(steepest))
    // The curve falls from its first point to about 10^-1.2: the middle is near 10^-3.6.
    #expect(try #require(sweep.valley) == sweep.points[42].rate)
  }

  /// A fall with waves. The step is what fastai's `valley` finds in `losses[10:-5]`.
  @Test func theValleyIsFastais() throws {
    let sweep = sweep {
      2.3 - 2 / (1 + exp(-4 * ($0 + 3))) + exp(12 * ($0 + 0.9)) + 0.02 * sin(40 * $0)
    }
    #expect(sweep.valley == sweep.points[56].rate)
  }

  @Test func suggestsNothingWhereNothingFalls() {
    let growing = sweep { exp($0) }
    #expect(growing.steepest == nil && growing.valley == nil)
    // What batches differ by, where rates are too small to learn anything.
    let level = sweep { 2.3 + 0.01 * sin(9 * $0) }
    #expect(level.steepest == nil && level.valley == nil)
    #expect(RateSweep(points: []).steepest == nil && RateSweep(points: []).valley == nil)
  }
}
