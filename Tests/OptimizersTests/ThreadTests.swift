import ConvoyTestSupport
import Optimizers
import Testing

@Suite("Threads that share a step")
struct ThreadTests {
  /// Groups that end within blocks, with a gap between them.
  @Test("give the bits of one", arguments: OptimizerRule.withTensorRules)
  func threads(rule: OptimizerRule) throws {
    let optimizer = try rule.optimizer(l2: 0.125)
    let count = 3 * GradientNorm.blockSize + 1001
    let split = GradientNorm.blockSize + 77
    let groups: [ParameterGroup]? =
      rule.isDecoupled ? nil : [.weights(0..<split), .biases(split + 5..<count)]
    var whole = SeededGenerator.floats(seed: 8, count: count)
    var shared = whole
    var wholeState = OptimizerState(for: optimizer, parameterCount: count)
    var sharedState = wholeState
    for number in 1...3 {
      let gradients = SeededGenerator.floats(seed: UInt64(number), count: count)
      optimizer.update(
        &whole, along: gradients, state: &wholeState, clipping: try .norm(5), groups: groups)
      optimizer.update(
        &shared, along: gradients, state: &sharedState, clipping: try .norm(5), groups: groups,
        threads: number + 1)
    }
    // Booleans: the arrays are too long to be told apart number by number.
    let (sameParameters, sameState) = (
      shared.elementsEqual(whole) { $0.bitPattern == $1.bitPattern }, sharedState == wholeState
    )
    #expect(sameParameters && sameState)
    #expect(wholeState.stepCount == 3)
  }

  @Test("find nothing to do where there are no parameters")
  func none() {
    var parameters: [Float] = []
    var state = OptimizerState(for: Adam(), parameterCount: 0)
    Adam().update(&parameters, along: [], state: &state, threads: 4)
    #expect(state.stepCount == 1)
  }
}
