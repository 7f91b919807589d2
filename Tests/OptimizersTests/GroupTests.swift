import ConvoyTestSupport
import Optimizers
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
    await #expect(processExitsWith: .failure) {
      _ = ParameterGroup.weights(0..<7, rows: 2, columns: 3)
    }
  }
}
