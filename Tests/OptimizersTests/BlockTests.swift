import ConvoyTestSupport
import Optimizers
import Testing

@Suite("Blocks of parameters")
struct BlockTests {
  @Test(
    "updating all at once equals updating ragged blocks, bit for bit",
    arguments: OptimizerRule.all)
  func blocks(rule: OptimizerRule) throws {
    let optimizer = try rule.optimizer(l2: 0.01)
    var generator = SeededGenerator(seed: 31)
    let count = 103
    let parameters = generator.values(count: count)
    var whole = ParameterBlock(parameters: parameters, gradients: parameters)
    var cut = whole
    for number in 1...3 {
      let step = UpdateStep(
        number: number, learningRate: 0.1, gradientScale: 0.75, gradientLimit: 0.5)
      let gradients = generator.values(count: count)
      whole.update(by: optimizer, step, gradients: gradients)
      var ranges: [Range<Int>] = []
      var begin = 0
      while begin < count {
        let end = min(count, begin + generator.integer(in: 1...21))
        ranges.append(begin..<end)
        begin = end
      }
      cut.update(by: optimizer, step, range: 0..<0, gradients: gradients)
      for range in ranges.shuffled(using: &generator) {
        cut.update(by: optimizer, step, range: range)
      }
      #expect(cut.memory.firstChange(from: whole.memory, outside: []) == nil, "seed 31, \(ranges)")
    }
  }

  @Test(
    "every length is updated to its end and no further", arguments: OptimizerRule.all, 0...17)
  func tails(rule: OptimizerRule, count: Int) throws {
    let optimizer = try rule.optimizer(l2: 0)
    var generator = SeededGenerator(seed: UInt64(count))
    let before = ParameterBlock(
      parameters: generator.values(count: 20), gradients: generator.values(count: 20))
    var after = before
    let range = 1..<1 + count
    after.update(by: optimizer, UpdateStep(number: 1, learningRate: 0.1), range: range)
    let allowed = after.places(of: range, momentCount: optimizer.momentCount)
    #expect(after.memory.firstChange(from: before.memory, outside: allowed) == nil)
    // No gradient is zero, so every parameter and every moment moves.
    for place in allowed {
      #expect(after.memory.floats[place] != before.memory.floats[place], "place \(place)")
    }
  }
}
