import Optimizers
import Testing

@Suite("PyTorch's trajectories")
struct PyTorchTests {
  /// A step rounds the parameter once, by 2⁻²⁴ of it at most, and its change by 12 operations at
  /// most, each by 2⁻²⁴ of the change. The problem is convex, so that errors of earlier steps shrink
  /// rather than grow, and they are in our run and in PyTorch's.
  private func bound(steps: Int, parameter: Float, change: Float) -> Float {
    2 * Float(steps) * 0x1p-24 * (parameter + 12 * change)
  }

  @Test("every rule with every switch follows them", arguments: try PyTorchRun.file.get().runs)
  func follows(run: PyTorchRun) throws {
    let checkpoints = try PyTorchRun.file.get().checkpoints
    let steps = try #require(checkpoints.last)
    let problem = SmallProblem(seed: run.seed)
    let (optimizer, clipping) = (try run.optimizer.make(), try run.optimizer.clipping())
    let (schedule, groups) = (
      try run.optimizer.schedule(steps: steps), try run.optimizer.groups()
    )
    var parameters = problem.start
    var state = OptimizerState(for: optimizer, parameterCount: SmallProblem.count)
    var (largest, widest): (Float, Float) = (0, 0)
    for step in 1...steps {
      let before = parameters
      optimizer.update(
        &parameters, along: problem.gradient(at: parameters, step: step), state: &state,
        learningRate: schedule.rate(at: state.nextStep), clipping: clipping, groups: groups)
      for (old, new) in zip(before, parameters) {
        largest = max(largest, abs(old))
        widest = max(widest, abs(new - old))
      }
      guard let place = checkpoints.firstIndex(of: step) else { continue }
      let tolerance = bound(steps: step, parameter: largest, change: widest)
      for (found, expected) in zip(parameters, run.parameters[place]) {
        #expect(abs(found - expected) <= tolerance, "step \(step), within \(tolerance)")
      }
    }
    #expect(state.stepCount == steps)
    try compareState(state, with: run.state)
  }

  /// Moments are means of gradients and of their squares, which err where parameters do, times the
  /// slope of the gradient, at most 10 here. The smallest change of a rule moves them by percents.
  private func compareState(_ state: OptimizerState, with expected: [String: [Float]]) throws {
    #expect(Set(state.momentNames) == Set(expected.keys))
    let arrays = state.namedArrays
    for name in state.momentNames {
      let expected = try #require(expected[name])
      let found = try #require(arrays.first { $0.name == "\(state.optimizerName).\(name)" }).values
      let magnitude = expected.map(abs).max() ?? 0
      for (found, expected) in zip(found, expected) {
        #expect(abs(found - expected) <= 1e-4 * magnitude, "\(name)")
      }
    }
  }

  /// Settings that differ lead far apart, compared with the tolerance: each switch does something.
  @Test("the trajectories differ by more than the tolerance hides")
  func differ() throws {
    let file = try PyTorchRun.file.get()
    let steps = try #require(file.checkpoints.last)
    let runs = file.runs.filter { $0.seed == 1 }
    for (place, run) in runs.enumerated() {
      for other in runs[..<place] {
        let distance =
          zip(run.parameters.joined(), other.parameters.joined())
          .map { abs($0 - $1) }.max() ?? 0
        let tolerance = bound(steps: steps, parameter: 2, change: 0.5)
        #expect(distance > 10 * tolerance, "\(run.optimizer) and \(other.optimizer)")
      }
    }
  }
}
