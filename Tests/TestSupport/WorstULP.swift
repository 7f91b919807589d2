/// The largest error of a sweep, both in units of the last place and as a fraction of its bound.
package struct WorstULP: Sendable {
  package private(set) var fraction = 0.0
  package private(set) var ulps = 0.0
  private var argument: Float = 0

  package init() {}

  package mutating func record(_ value: Float, exact: Double, bound: Double, at argument: Float) {
    let error = abs(Double(value) - exact)
    if !(error / bound <= fraction) {
      fraction = error.isNaN ? .infinity : error / bound
      self.argument = argument
    }
    ulps = max(ulps, error / ulp(of: exact))
  }
}

extension WorstULP: CustomStringConvertible {
  package var description: String {
    "worst error \(fraction) of its bound at \(argument); largest error \(ulps) ulp"
  }
}

/// The spacing of single precision around an exact value.
package func ulp(of exact: Double) -> Double { Double(Float(exact).ulp) }
