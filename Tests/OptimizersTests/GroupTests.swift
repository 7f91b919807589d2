import Optimizers
import TestSupport
import Testing

@Suite("Groups of parameters")
struct GroupTests {
  private let start: [Float] = [2, 2, 2, 2, 2, 2]
  private let gradients: [Float] = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]

  private func step(
    by optimizer: some Optimizer, groups: [ParameterGroup]?, learningRate: Double? = nil
  ) -> [Float] {
    var parameters = start
    var state = OptimizerState(for: optimizer, parameterCount: start.count)
    optimizer.update(
      &parameters, along: gradients, state: &state, learningRate: learningRate, groups: groups)
    #expect(state.stepCount == 1)
    return parameters
  }

  /// Decayed 2 − 0.25 · (0.5 + 0.25 · 2) = 1.75, not decayed 2 − 0.25 · 0.5 = 1.875, at twice the rate
  /// 2 − 0.5 · 0.5 = 1.75 and 2 − 0.5 · 1 = 1.5.
  @Test("have rates and decay of their own, and spare what is in none")
  func groups() throws {
    let optimizer = try StochasticGradientDescent(learningRate: 0.25, l2: 0.25)
    #expect(
      step(by: optimizer, groups: [.weights(0..<2), .biases(3..<5)])
        == [1.75, 1.75, 2, 1.875, 1.875, 2])
    let faster = [
      try ParameterGroup(0..<1, rateFactor: 2, isDecayed: true),
      try ParameterGroup(1..<2, rateFactor: 2, isDecayed: false),
    ]
    #expect(step(by: optimizer, groups: faster) == [1.5, 1.75, 2, 2, 2, 2])
    #expect(step(by: optimizer, groups: nil) == Array(repeating: 1.75, count: 6))
    #expect(step(by: optimizer, groups: []) == start)
  }

  /// 2 · (1 − 0.25 · 0.5) = 1.75 before the step, which is the same in both groups.
  @Test("biases get no decoupled decay")
  func decoupled() throws {
    let optimizer = try AdamW(learningRate: 0.25, beta1: 0.5, beta2: 0.75, weightDecay: 0.5)
    let updated = step(by: optimizer, groups: [.weights(0..<3), .biases(3..<6)])
    #expect(abs((updated[3] - updated[0]) - 0.25) <= 2 * Float(2).ulp)
  }

  /// At half the rate given, 2 − 0.5 · 0.5 · 0.5 = 1.875.
  @Test("follow the schedule with their factor")
  func schedule() throws {
    let half = try ParameterGroup(0..<6, rateFactor: 0.5, isDecayed: true)
    let updated = step(
      by: StochasticGradientDescent(), groups: [half], learningRate: 0.5)
    #expect(updated == Array(repeating: 1.875, count: 6))
  }

  @Test("a step taken block by block equals one taken whole", arguments: OptimizerRule.all)
  func blocks(rule: OptimizerRule) throws {
    let optimizer = try rule.optimizer(l2: 0.125)
    let count = 1001
    var whole = SeededGenerator.floats(seed: 8, count: count)
    var shared = whole
    var wholeState = OptimizerState(for: optimizer, parameterCount: count)
    var sharedState = wholeState
    for number in 1...3 {
      let gradients = SeededGenerator.floats(seed: UInt64(number), count: count)
      optimizer.update(&whole, along: gradients, state: &wholeState, clipping: try .norm(5))
      let scale = try GradientClipping.norm(5).scale(ofNorm: GradientNorm.norm(of: gradients))
      shared.withUnsafeMutableBufferPointer { parameters in
        gradients.withUnsafeBufferPointer { gradients in
          optimizer.takeStep(with: &sharedState, gradientScale: scale) { step, moments in
            for range in [700..<count, 0..<37, 333..<700, 37..<333] {
              optimizer.update(
                parameters, along: gradients, in: range, moments: moments, step: step)
            }
          }
        }
      }
    }
    #expect(shared.map(\.bitPattern) == whole.map(\.bitPattern))
    #expect(sharedState == wholeState)
    #expect(wholeState.stepCount == 3)
  }

  @Test("that overlap or reach too far are a programming error")
  func misuse() async {
    await #expect(processExitsWith: .failure) {
      var parameters: [Float] = [1, 2]
      var state = OptimizerState(for: Adam(), parameterCount: 2)
      Adam().update(
        &parameters, along: [1, 1], state: &state, groups: [.weights(0..<2), .biases(1..<2)])
    }
    await #expect(processExitsWith: .failure) {
      var parameters: [Float] = [1, 2]
      var state = OptimizerState(for: Adam(), parameterCount: 2)
      Adam().update(&parameters, along: [1, 1], state: &state, groups: [.weights(0..<3)])
    }
  }
}
