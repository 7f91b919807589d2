import Foundation
import Optimizers
import Testing

@Suite("Hyper-parameters")
struct HyperparameterTests {
  static let refused: [(line: String, make: @Sendable () throws -> Void)] = [
    (
      "learningRate: expected a finite number of at least 0, found -1.0",
      { _ = try StochasticGradientDescent(learningRate: -1) }
    ),
    (
      "learningRate: expected a finite number of at least 0, found nan",
      { _ = try Momentum(learningRate: .nan) }
    ),
    (
      "learningRate: expected a finite number of at least 0, found inf",
      { _ = try RMSProp(learningRate: .infinity) }
    ),
    // Infinite in single precision.
    (
      "learningRate: expected a finite number of at least 0, found 1e+39",
      { _ = try Adam(learningRate: 1e39) }
    ),
    (
      "learningRate: expected a finite number of at least 0, found -0.1",
      { _ = try AdamW(learningRate: -0.1) }
    ),
    (
      "l2: expected a finite number of at least 0, found -1.0",
      { _ = try StochasticGradientDescent(l2: -1) }
    ),
    ("l2: expected a finite number of at least 0, found -1.0", { _ = try Momentum(l2: -1) }),
    ("l2: expected a finite number of at least 0, found -1.0", { _ = try RMSProp(l2: -1) }),
    ("l2: expected a finite number of at least 0, found nan", { _ = try Adam(l2: .nan) }),
    (
      "weightDecay: expected a finite number of at least 0, found -1.0",
      { _ = try AdamW(weightDecay: -1) }
    ),
    (
      "momentum: expected a number from 0 up to but not including 1, found 1.0",
      { _ = try Momentum(momentum: 1) }
    ),
    // One in single precision.
    (
      "momentum: expected a number from 0 up to but not including 1, found 0.999999999",
      { _ = try Momentum(momentum: 0.999999999) }
    ),
    (
      "momentum: expected a number from 0 up to but not including 1, found -0.5",
      { _ = try RMSProp(momentum: -0.5) }
    ),
    (
      "decay: expected a number from 0 up to but not including 1, found nan",
      { _ = try RMSProp(decay: .nan) }
    ),
    (
      "beta1: expected a number from 0 up to but not including 1, found 1.5",
      { _ = try Adam(beta1: 1.5) }
    ),
    (
      "beta2: expected a number from 0 up to but not including 1, found 1.0",
      { _ = try Adam(beta2: 1) }
    ),
    (
      "beta1: expected a number from 0 up to but not including 1, found -1.0",
      { _ = try AdamW(beta1: -1) }
    ),
    (
      "beta2: expected a number from 0 up to but not including 1, found 1.0",
      { _ = try AdamW(beta2: 1) }
    ),
    (
      "epsilon: expected a finite number of at least 1.1754944e-38, found 0.0",
      { _ = try RMSProp(epsilon: 0) }
    ),
    // Zero in single precision.
    (
      "epsilon: expected a finite number of at least 1.1754944e-38, found 1e-60",
      { _ = try Adam(epsilon: 1e-60) }
    ),
    (
      "epsilon: expected a finite number of at least 1.1754944e-38, found inf",
      { _ = try AdamW(epsilon: .infinity) }
    ),
    (
      "learningRate: expected a finite number of at least 0, found -1.0",
      { _ = try Lion(learningRate: -1) }
    ),
    (
      "beta1: expected a number from 0 up to but not including 1, found 1.0",
      { _ = try Lion(beta1: 1) }
    ),
    (
      "beta2: expected a number from 0 up to but not including 1, found nan",
      { _ = try Lion(beta2: .nan) }
    ),
    (
      "weightDecay: expected a finite number of at least 0, found inf",
      { _ = try Lion(weightDecay: .infinity) }
    ),
    (
      "learningRate: expected a finite number of at least 0, found nan",
      { _ = try Lamb(learningRate: .nan) }
    ),
    (
      "beta1: expected a number from 0 up to but not including 1, found 2.0",
      { _ = try Lamb(beta1: 2) }
    ),
    (
      "beta2: expected a number from 0 up to but not including 1, found 1.0",
      { _ = try Lamb(beta2: 1) }
    ),
    (
      "epsilon: expected a finite number of at least 1.1754944e-38, found 0.0",
      { _ = try Lamb(epsilon: 0) }
    ),
    (
      "weightDecay: expected a finite number of at least 0, found -1.0",
      { _ = try Lamb(weightDecay: -1) }
    ),
    // The rate of vectors is a multiple of it.
    (
      "learningRate: expected a finite number of at least 1.1754944e-38, found 0.0",
      { _ = try Muon(learningRate: 0) }
    ),
    (
      "momentum: expected a number from 0 up to but not including 1, found 1.0",
      { _ = try Muon(momentum: 1) }
    ),
    (
      "weightDecay: expected a finite number of at least 0, found -1.0",
      { _ = try Muon(weightDecay: -1) }
    ),
    (
      "rows: expected a whole number of at least 1, found 0",
      {
        _ = try ParameterGroup(
          0..<0, isDecayed: true, shape: MatrixShape(rows: 0, columns: 3))
      }
    ),
    (
      "columns: expected a whole number of at least 1, found -2",
      {
        _ = try ParameterGroup(
          0..<4, isDecayed: true, shape: MatrixShape(rows: 2, columns: -2))
      }
    ),
    (
      "shape: expected rows times columns of 7 parameters, found 2 by 3",
      {
        _ = try ParameterGroup(
          0..<7, isDecayed: true, shape: MatrixShape(rows: 2, columns: 3))
      }
    ),
    (
      "shape: expected rows times columns of 1 parameters, found 4611686018427387904 by 4",
      {
        _ = try ParameterGroup(
          0..<1, isDecayed: true, shape: MatrixShape(rows: 1 << 62, columns: 4))
      }
    ),
    (
      "value: expected a finite number of at least 1.1754944e-38, found -1.0",
      { _ = try GradientClipping.value(-1) }
    ),
    (
      "norm: expected a finite number of at least 1.1754944e-38, found nan",
      { _ = try GradientClipping.norm(.nan) }
    ),
    (
      "rateFactor: expected a finite number of at least 0, found -2.0",
      { _ = try ParameterGroup(0..<1, rateFactor: -2, isDecayed: true) }
    ),
    (
      "rate: expected a finite number of at least 0, found nan",
      { _ = try LearningRateSchedule.constant(.nan) }
    ),
    (
      "every: expected a whole number of at least 1, found 0",
      { _ = try LearningRateSchedule.steps(from: 1, every: 0) }
    ),
    (
      "factor: expected a number from 0 to 1, found 1.5",
      { _ = try LearningRateSchedule.exponential(from: 1, factor: 1.5) }
    ),
    (
      "over: expected a whole number of at least 1, found 0",
      { _ = try LearningRateSchedule.cosine(from: 1, over: 0) }
    ),
    (
      "points: expected at least two, at shares from 0 to 1, in order, found none",
      { _ = try LearningRateSchedule.linear(rate: 1, through: [], over: 9) }
    ),
    (
      "points: expected at least two, at shares from 0 to 1, in order, found 0.0, 0.6, 0.5, 1.0",
      {
        let points = [0, 0.6, 0.5, 1].map { SchedulePoint(at: $0, factor: 1) }
        _ = try LearningRateSchedule.linear(rate: 1, through: points, over: 9)
      }
    ),
    (
      "points: expected at least two, at shares from 0 to 1, in order, found 0.0, nan, 1.0",
      {
        let points = [0, .nan, 1].map { SchedulePoint(at: $0, factor: 1) }
        _ = try LearningRateSchedule.linear(rate: 1, through: points, over: 9)
      }
    ),
    (
      "factor: expected a finite number of at least 0, found -1.0",
      {
        let points = [0, 1].map { SchedulePoint(at: $0, factor: -$0) }
        _ = try LearningRateSchedule.linear(rate: 1, through: points, over: 9)
      }
    ),
    (
      "rate · factor: expected a finite number of at least 0, found 1e+40",
      {
        let points = [0, 1].map { SchedulePoint(at: $0, factor: 1e20) }
        _ = try LearningRateSchedule.linear(rate: 1e20, through: points, over: 9)
      }
    ),
    (
      "riseShare: expected a number from 0 to 1, found -0.1",
      { _ = try LearningRateSchedule.oneCycle(peak: 1, over: 9, riseShare: -0.1) }
    ),
    (
      "initialDivisor: expected a finite number of at least 1, found 0.0",
      { _ = try LearningRateSchedule.oneCycle(peak: 1, over: 9, initialDivisor: 0) }
    ),
    (
      "finalDivisor: expected a finite number of at least 1, found 0.5",
      { _ = try LearningRateSchedule.oneCycle(peak: 1, over: 9, finalDivisor: 0.5) }
    ),
    (
      "steps: expected a whole number of at least 1, found 0",
      { _ = try LearningRateSchedule.constant(1).warmedUp(over: 0, from: 0) }
    ),
    (
      "startFactor: expected a number from 0 to 1, found 2.0",
      { _ = try LearningRateSchedule.constant(1).warmedUp(over: 1, from: 2) }
    ),
  ]

  @Test("with which training could only fail are refused in one line", arguments: refused.indices)
  func refusals(case index: Int) throws {
    let (line, make) = Self.refused[index]
    let error = #expect(throws: HyperparameterError.self) { try make() }
    #expect(error?.description == line)
  }

  @Test("at the edges of what is allowed are taken")
  func edges() throws {
    _ = try Momentum(learningRate: 0, momentum: 0)
    _ = try Adam(beta1: 0, beta2: 0, epsilon: 1.1754944e-38)
    _ = try RMSProp(decay: 0)
  }

  @Test("by default are the same with and without `try`")
  func defaults() throws {
    #expect(try StochasticGradientDescent(l2: 0) == StochasticGradientDescent())
    #expect(try Momentum(l2: 0) == Momentum())
    #expect(try RMSProp(l2: 0) == RMSProp())
    #expect(try Adam(l2: 0) == Adam())
    #expect(try AdamW(beta1: 0.9) == AdamW())
    #expect(try Lion(beta1: 0.9) == Lion())
    #expect(try Lamb(beta1: 0.9) == Lamb())
    #expect(try Muon(momentum: 0.95) == Muon())
  }

  @Test("are read back as they were written")
  func codable() throws {
    func readBack<Rule: Codable & Equatable>(_ rule: Rule) throws {
      let data = try JSONEncoder().encode(rule)
      #expect(try JSONDecoder().decode(Rule.self, from: data) == rule)
    }
    try readBack(StochasticGradientDescent(learningRate: 0.3, l2: 0.1))
    try readBack(Momentum(learningRate: 0.3, momentum: 0.7, nesterov: true, l2: 0.1))
    try readBack(
      RMSProp(learningRate: 0.3, decay: 0.7, epsilon: 0.2, centred: true, momentum: 0.5, l2: 0.1))
    try readBack(Adam(learningRate: 0.3, beta1: 0.7, beta2: 0.8, epsilon: 0.2, l2: 0.1))
    try readBack(AdamW(learningRate: 0.3, beta1: 0.7, beta2: 0.8, epsilon: 0.2, weightDecay: 0.1))
    try readBack(Lion(learningRate: 0.3, beta1: 0.7, beta2: 0.8, weightDecay: 0.1))
    try readBack(Lamb(learningRate: 0.3, beta1: 0.7, beta2: 0.8, epsilon: 0.2, weightDecay: 0.1))
    try readBack(
      Muon(
        learningRate: 0.3, momentum: 0.7, weightDecay: 0.1, vectorRule: AdamW(learningRate: 0.4)))
    try readBack(
      ParameterGroup(3..<9, isDecayed: true, shape: MatrixShape(rows: 2, columns: 3)))
    try readBack(ParameterGroup(3..<7, rateFactor: 0.5, isDecayed: false))
  }

  @Test("are not read if they could not be given")
  func refusedFiles() throws {
    let text = #"{"learningRate": 1, "beta1": 0.9, "beta2": 1, "epsilon": 1e-8, "l2": 0}"#
    #expect(throws: HyperparameterError.self) {
      try JSONDecoder().decode(Adam.self, from: Data(text.utf8))
    }
  }
}
