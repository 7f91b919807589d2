import Optimizers
import TestSupport
import Testing

@Suite("Threads that share a step")
struct ThreadTests {
  /// Memory that tasks share. Sound: every task has a range of its own, and the owner waits for all.
  private struct Shared: @unchecked Sendable {
    let parameters: UnsafeMutableBufferPointer<Float>
    let gradients: UnsafeBufferPointer<Float>
    let moments: Moments
  }

  @Test("give the bits of one", arguments: OptimizerRule.all)
  func threads(rule: OptimizerRule) async throws {
    let optimizer = try rule.optimizer(l2: 0.125)
    let count = 4099
    let start = SeededGenerator.floats(seed: 8, count: count)
    let gradients = SeededGenerator.floats(seed: 9, count: count)
    var whole = start
    var state = OptimizerState(for: optimizer, parameterCount: count)
    for _ in 1...3 { optimizer.update(&whole, along: gradients, state: &state) }

    let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 5 * count)
    defer { memory.deallocate() }
    memory.initialize(repeating: 0)
    guard let base = memory.baseAddress else { return }
    for (place, value) in start.enumerated() { base[place] = value }
    for (place, value) in gradients.enumerated() { base[count + place] = value }
    let shared = Shared(
      parameters: UnsafeMutableBufferPointer(start: base, count: count),
      gradients: UnsafeBufferPointer(start: base + count, count: count),
      moments: Moments(
        first: base + 2 * count, second: base + 3 * count, third: base + 4 * count))
    for number in 1...3 {
      let step = UpdateStep(number: number, learningRate: optimizer.learningRate)
      await withTaskGroup(of: Void.self) { group in
        for first in stride(from: 0, to: count, by: 401) {
          group.addTask {
            optimizer.update(
              shared.parameters, along: shared.gradients, in: first..<min(first + 401, count),
              moments: shared.moments, step: step)
          }
        }
      }
    }
    #expect(shared.parameters.map(\.bitPattern) == whole.map(\.bitPattern))
  }
}
