import ConvoyReference
import Testing

/// Steps worked by hand.
@Suite("Optimizers")
struct OptimizerTests {
  /// The parameter, from 0, after each step along the gradients.
  private static func path(
    _ rule: some ReferenceOptimizer<Double>, along gradients: [Double]
  ) -> [Double] {
    var rule = rule
    var parameters = [0.0]
    return gradients.map { gradient in
      rule.update(&parameters, along: [gradient])
      return parameters[0]
    }
  }

  @Test("gradient descent moves each parameter by its gradient times the rate")
  func gradientDescent() {
    var rule = ReferenceGradientDescent(learningRate: 0.25)
    var parameters = [1.0, -2]
    rule.update(&parameters, along: [2, -8])
    #expect(parameters == [0.5, 0])
  }

  @Test("momentum sums up past gradients")
  func momentum() {
    // Velocities 1, 1.5, 1.75 and −3.125.
    let path = Self.path(
      ReferenceMomentum(learningRate: 2, momentum: 0.5), along: [1, 1, 1, -4])
    let expected: [Double] = [-2, -5, -8.5, -2.25]
    #expect(path == expected)
  }

  @Test("Adam divides a corrected mean by the root of a corrected mean square")
  func adam() {
    // m is 1/2 and 7/4, v is 1/2 and 19/4; corrected 1 and 7/3, 1 and 19/3.
    let path = Self.path(
      ReferenceAdam(learningRate: 2, beta1: 0.5, beta2: 0.5, epsilon: 1), along: [1, 3])
    let root = (19.0 / 3).squareRoot()
    let expected: Double = -1 - 2 * (7.0 / 3) / (root + 1)
    #expect(path[0] == -1)
    #expect(abs(path[1] - expected) <= 1e-15)
    // The betas are not exchanged.
    let slow = Self.path(
      ReferenceAdam(learningRate: 1, beta1: 0, beta2: 0.75, epsilon: 0), along: [1, 3])
    let slowExpected: Double = -1 - 3 / (39.0 / 7).squareRoot()
    #expect(abs(slow[1] - slowExpected) <= 1e-15)
  }

  @Test("a rate that changes counts from the next step")
  func schedule() {
    var rule = ReferenceMomentum(learningRate: 1, momentum: 0.5)
    var parameters = [0.0]
    rule.update(&parameters, along: [1])
    rule.learningRate = 0
    rule.update(&parameters, along: [1])
    #expect(parameters == [-1])
    #expect(rule.velocity == [1.5])
  }
}
