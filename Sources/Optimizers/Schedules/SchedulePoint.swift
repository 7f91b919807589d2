/// A point of a linear schedule.
public struct SchedulePoint: Sendable, Equatable, Codable {
  /// Its place in the run, from 0 at the beginning to 1 at the end.
  public let share: Double
  /// What the schedule's rate is multiplied by there.
  public let factor: Double

  /// A schedule made of points checks them.
  public init(at share: Double, factor: Double) {
    self.share = share
    self.factor = factor
  }
}

extension [SchedulePoint] {
  /// Checks that the points make a schedule of a rate.
  func check(rate: Double) throws(HyperparameterError) {
    let shares = map(\.share)
    guard count >= 2, shares.first == 0, shares.last == 1,
      zip(shares, shares.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw HyperparameterError(
        name: "points", expected: "at least two, at shares from 0 to 1, in order",
        found: isEmpty ? "none" : shares.map { "\($0)" }.joined(separator: ", "))
    }
    for point in self {
      try HyperparameterBounds.nonNegative.check("factor", point.factor)
      try HyperparameterBounds.nonNegative.check("rate · factor", rate * point.factor)
    }
  }

  /// The factor at a share of the run, from 0 to 1: on the line between its neighbours; of several points
  /// at that share, the last one's.
  func factor(at share: Double) -> Double {
    guard let next = firstIndex(where: { $0.share > share }) else { return self[count - 1].factor }
    let (start, end) = (self[next - 1], self[next])
    let progress = (share - start.share) / (end.share - start.share)
    return start.factor + (end.factor - start.factor) * progress
  }
}
