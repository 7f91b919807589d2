/// The largest error of many, as a fraction of what each may be.
package struct WorstError: Sendable {
  package private(set) var fraction = 0.0
  private var actual = 0.0
  private var expected = 0.0
  private var place = 0

  package init() {}

  /// A result that is not a number is infinitely wrong; one that equals what is expected is right.
  package mutating func record(_ actual: Double, expected: Double, bound: Double, place: Int) {
    guard actual != expected else { return }
    let error = abs(actual - expected) / bound
    guard !(error <= fraction) else { return }
    fraction = error.isNaN ? .infinity : error
    (self.actual, self.expected, self.place) = (actual, expected, place)
  }
}

extension WorstError: CustomStringConvertible {
  package var description: String {
    "worst error \(fraction) of its bound: \(actual) instead of \(expected) at \(place)"
  }
}
