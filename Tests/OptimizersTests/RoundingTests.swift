import ConvoyTestSupport
import Optimizers
import Testing

@Suite("Rounding over many steps")
struct RoundingTests {
  /// The bound is what the roundings of all steps so far can add up to.
  @Test("follow the rule in double precision", arguments: OptimizerRule.all, [0, 0.03125])
  func trajectory(rule: OptimizerRule, l2: Double) throws {
    let optimizer = try rule.optimizer(l2: l2)
    let seed: UInt64 = 21
    var generator = SeededGenerator(seed: seed)
    let count = 19
    let start = generator.values(count: count)
    var block = ParameterBlock(parameters: start, gradients: start)
    var states = start.map { OptimizerRule.State(parameter: Rounded($0)) }
    var worst = WorstError()
    for number in 1...50 {
      let gradients = generator.values(count: count)
      // The rate changes on the way, as a schedule may have it.
      let step = UpdateStep(
        number: number, learningRate: number <= 25 ? 0.05 : 0.01)
      block.update(by: optimizer, step, gradients: gradients)
      for index in 0..<count {
        var gradient = Rounded(gradients[index])
        if rule.isDecoupled {
          let shrinkage = Rounded(rounding: 1 - step.learningRate * l2)
          states[index].parameter = states[index].parameter * shrinkage
        } else if l2 != 0 {
          gradient = gradient + states[index].parameter * Rounded(l2)
        }
        rule.update(&states[index], gradient, step)
        worst.record(
          Double(block.parameters[index]), expected: states[index].parameter.value,
          bound: states[index].parameter.error, place: index)
      }
    }
    #expect(worst.fraction <= 1, "seed \(seed): \(worst)")
    // The bound must stay far below the way the parameters have gone.
    let way = zip(states, start).map { abs($0.parameter.value - $1) }.max() ?? 0
    #expect(states.allSatisfy { $0.parameter.error < 1e-3 * way })
  }
}
