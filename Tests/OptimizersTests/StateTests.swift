import ConvoyTestSupport
import Foundation
import Optimizers
import Testing

@Suite("Optimizer state")
struct StateTests {
  private struct Run {
    var parameters: [Float]
    var state: OptimizerState
    var generator = SeededGenerator(seed: 5)

    init(_ optimizer: any Optimizer, count: Int) {
      parameters = SeededGenerator.floats(seed: 4, count: count)
      state = OptimizerState(for: optimizer, parameterCount: count)
    }

    mutating func train(by optimizer: any Optimizer, steps: Int) {
      for _ in 0..<steps {
        let gradients = generator.values(count: parameters.count).map { Float($0) }
        optimizer.update(&parameters, along: gradients, state: &state)
      }
    }
  }

  private let count = 21

  @Test("saved and loaded mid-run goes on bit for bit", arguments: OptimizerRule.withTensorRules)
  func codable(rule: OptimizerRule) throws {
    let optimizer = try rule.optimizer(l2: 0.125)
    var whole = Run(optimizer, count: count)
    whole.train(by: optimizer, steps: 7)
    var continued = whole
    continued.state = try JSONDecoder().decode(
      OptimizerState.self, from: JSONEncoder().encode(whole.state))
    whole.train(by: optimizer, steps: 7)
    continued.train(by: optimizer, steps: 7)
    #expect(continued.parameters.map(\.bitPattern) == whole.parameters.map(\.bitPattern))
    #expect(continued.state == whole.state)
    #expect(whole.state.stepCount == 14)
  }

  @Test("as named arrays goes on bit for bit", arguments: OptimizerRule.withTensorRules)
  func namedArrays(rule: OptimizerRule) throws {
    let optimizer = try rule.optimizer(l2: 0.125)
    var whole = Run(optimizer, count: count)
    whole.train(by: optimizer, steps: 7)
    var continued = whole
    let arrays = whole.state.namedArrays
    #expect(
      arrays.map(\.name) == (["step"] + optimizer.momentNames).map { "\(optimizer.name).\($0)" })
    #expect(arrays.first?.values == [7])
    continued.state = try OptimizerState(
      for: optimizer, parameterCount: count, namedArrays: arrays.reversed())
    whole.train(by: optimizer, steps: 7)
    continued.train(by: optimizer, steps: 7)
    #expect(continued.parameters.map(\.bitPattern) == whole.parameters.map(\.bitPattern))
    #expect(continued.state == whole.state)
  }

  @Test("bits that are no number are kept")
  func oddBits() throws {
    let text =
      #"{"stepCount": 3, "parameterCount": 4, "optimizerName": "momentum", "#
      + #""momentNames": ["momentum_buffer"], "#
      + #""momentBits": [2143289344, 4286578688, 2147483648, 1]}"#
    let state = try JSONDecoder().decode(OptimizerState.self, from: Data(text.utf8))
    let values = try #require(state.namedArrays.last).values
    #expect(values.map(\.bitPattern) == [0x7fc0_0000, 0xff80_0000, 0x8000_0000, 1])
    let again = try JSONDecoder().decode(
      OptimizerState.self, from: JSONEncoder().encode(state))
    #expect(again.namedArrays.last?.values.map(\.bitPattern) == values.map(\.bitPattern))
  }

  @Test(
    "step counts beyond single precision are exact",
    arguments: [0, 16_777_215, 16_777_216, 1 << 60])
  func longRuns(steps: Int) throws {
    let text =
      #"{"stepCount": \#(steps), "parameterCount": 0, "optimizerName": "sgd", "#
      + #""momentNames": [], "momentBits": []}"#
    let state = try JSONDecoder().decode(OptimizerState.self, from: Data(text.utf8))
    let loaded = try OptimizerState(
      for: StochasticGradientDescent(), parameterCount: 0, namedArrays: state.namedArrays)
    #expect(loaded.stepCount == steps)
  }

  @Test("named arrays that do not belong to the optimizer are refused in one line")
  func refusals() {
    func line(_ arrays: [(String, [Float])]) -> String? {
      let arrays = arrays.map { NamedArray(name: $0.0, values: $0.1) }
      return #expect(throws: OptimizerStateError.self) {
        try OptimizerState(for: Momentum(), parameterCount: 2, namedArrays: arrays)
      }?.description
    }
    #expect(
      line([("momentum.momentum_buffer", [1, 2])])
        == "momentum.step: expected an array of this name, found none")
    #expect(
      line([("momentum.step", [1])])
        == "momentum.momentum_buffer: expected an array of this name, found none")
    #expect(
      line([("momentum.step", [1]), ("momentum.momentum_buffer", [1, 2, 3])])
        == "momentum.momentum_buffer: expected 2 numbers, found 3")
    #expect(
      line([("momentum.step", [1]), ("momentum.momentum_buffer", [1, .infinity])])
        == "momentum.momentum_buffer: expected finite numbers, found inf at 1")
    for digits: [Float] in [[], [-1], [0.5], [.nan], [16_777_216], [0, 0, 0, 1]] {
      #expect(
        line([("momentum.step", digits), ("momentum.momentum_buffer", [1, 2])])
          == "momentum.step: expected a count of steps in base 16777216, found \(digits)")
    }
  }

  @Test(
    "files that contradict themselves are refused",
    arguments: [
      #""stepCount": -1, "parameterCount": 0, "optimizerName": "a", "momentNames": [], "momentBits": []"#,
      #""stepCount": 1, "parameterCount": -1, "optimizerName": "a", "momentNames": [], "momentBits": []"#,
      #""stepCount": 1, "parameterCount": 2, "optimizerName": "a", "momentNames": ["a"], "momentBits": [1]"#,
      #""stepCount": 1, "parameterCount": 0, "optimizerName": "a", "momentNames": ["a", "b", "c", "d"], "momentBits": []"#,
    ])
  func refusedFiles(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(OptimizerState.self, from: Data("{\(text)}".utf8))
    }
  }

  @Test("fits the same rule with the same moments")
  func fits() throws {
    let state = OptimizerState(for: Adam(), parameterCount: 2)
    #expect(state.fits(try Adam(learningRate: 1, l2: 0.1)))
    #expect(!state.fits(AdamW()))
    #expect(!state.fits(Momentum()))
    #expect(!state.fits(try RMSProp(momentum: 0.5)))
  }

  @Test("is not read for another rule")
  func otherRule() throws {
    let state = OptimizerState(for: Adam(), parameterCount: 2)
    let error = #expect(throws: OptimizerStateError.self) {
      try OptimizerState(for: AdamW(), parameterCount: 2, namedArrays: state.namedArrays)
    }
    #expect(error?.description == "adamw.step: expected an array of this name, found none")
    let copy = try JSONDecoder().decode(
      OptimizerState.self, from: JSONEncoder().encode(state))
    #expect(copy.fits(Adam()) && !copy.fits(AdamW()))
  }

  @Test("of another optimizer, or another number of parameters, is a programming error")
  func misuse() async {
    await #expect(processExitsWith: .failure) {
      var parameters: [Float] = [1]
      var state = OptimizerState(for: Adam(), parameterCount: 1)
      // As many moments, of the same names.
      AdamW().update(&parameters, along: [1], state: &state)
    }
    await #expect(processExitsWith: .failure) {
      var parameters: [Float] = [1, 2]
      var state = OptimizerState(for: Adam(), parameterCount: 1)
      Adam().update(&parameters, along: [1, 2], state: &state)
    }
    await #expect(processExitsWith: .failure) {
      var parameters: [Float] = [1, 2]
      var state = OptimizerState(for: Adam(), parameterCount: 2)
      Adam().update(&parameters, along: [1], state: &state)
    }
    await #expect(processExitsWith: .failure) {
      var parameters: [Float] = [1]
      var state = OptimizerState(for: Adam(), parameterCount: 1)
      Adam().update(&parameters, along: [1], state: &state, learningRate: .nan)
    }
  }
}
