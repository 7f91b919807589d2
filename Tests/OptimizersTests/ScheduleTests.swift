import Foundation
import Optimizers
import Testing

@Suite("Schedules")
struct ScheduleTests {
  static let all: [(name: String, make: @Sendable () throws -> LearningRateSchedule)] = [
    ("constant", { try .constant(0.3) }),
    ("steps", { try .steps(from: 0.3, every: 7, factor: 0.5) }),
    ("exponential", { try .exponential(from: 0.3, factor: 0.95) }),
    ("cosine", { try .cosine(from: 0.3, to: 0.01, over: 42) }),
    (
      "linear",
      {
        try .linear(
          rate: 0.3,
          through: [
            SchedulePoint(at: 0, factor: 0.2), SchedulePoint(at: 0.23, factor: 1),
            SchedulePoint(at: 0.5, factor: 1), SchedulePoint(at: 1, factor: 0.07),
          ], over: 44)
      }
    ),
    ("oneCycle", { try .oneCycle(peak: 0.5, over: 51) }),
    (
      "earlyPeak",
      {
        try .oneCycle(
          peak: 0.5, over: 51, riseShare: 0.1, initialDivisor: 4, finalDivisor: 100)
      }
    ),
    ("warmConstant", { try .constant(0.3).warmedUp(over: 8, from: 0.1) }),
    (
      "warmSteps",
      { try .steps(from: 0.3, every: 7, factor: 0.5).warmedUp(over: 8, from: 0.1) }
    ),
    (
      "warmExponential",
      { try .exponential(from: 0.3, factor: 0.95).warmedUp(over: 8, from: 0.1) }
    ),
    (
      "warmCosine",
      { try .cosine(from: 0.3, to: 0.01, over: 42).warmedUp(over: 8, from: 0.1) }
    ),
  ]

  /// PyTorch multiplies rates from step to step, which gathers some fifty roundings of 5e-17, as rates
  /// are below 0.5.
  @Test("are PyTorch's schedulers", arguments: all.map(\.name))
  func pyTorch(name: String) throws {
    let file: [String: [Double]] = try Fixture.read("schedules")
    let rates = try #require(file[name])
    let schedule = try #require(Self.all.first { $0.name == name }).make()
    for (place, expected) in rates.enumerated() {
      let found = schedule.rate(at: place + 1)
      #expect(abs(found - expected) <= 5e-15, "step \(place + 1)")
    }
  }

  @Test("every scheduler of the fixture has its schedule")
  func complete() throws {
    let file: [String: [Double]] = try Fixture.read("schedules")
    #expect(Set(file.keys) == Set(Self.all.map(\.name)))
  }

  @Test("step schedules fall on the step after each stage")
  func steps() throws {
    let schedule = try LearningRateSchedule.steps(from: 1, every: 3, factor: 0.5)
    #expect((1...7).map(schedule.rate) == [1, 1, 1, 0.5, 0.5, 0.5, 0.25])
  }

  @Test("exponential schedules fall at every step")
  func exponential() throws {
    let schedule = try LearningRateSchedule.exponential(from: 1, factor: 0.5)
    #expect((1...4).map(schedule.rate) == [1, 0.5, 0.25, 0.125])
    #expect(schedule.rate(at: .max) == 0)
  }

  /// Of a cosine wave, 0, 60, 90, 120 and 180 degrees.
  @Test("a cosine ends at its final rate and stays there")
  func cosine() throws {
    let schedule = try LearningRateSchedule.cosine(from: 3, to: 1, over: 6)
    #expect(schedule.rate(at: 1) == 3)
    #expect(abs(schedule.rate(at: 3) - 2.5) < 1e-15)
    #expect(abs(schedule.rate(at: 4) - 2) < 1e-15)
    #expect(abs(schedule.rate(at: 5) - 1.5) < 1e-15)
    #expect(schedule.rate(at: 7) == 1)
    #expect(schedule.rate(at: 1000) == 1)
  }

  @Test("a cosine is that of the system's library, within its error")
  func accuracy() throws {
    let schedule = try LearningRateSchedule.cosine(from: 1, to: 0, over: 1000)
    for step in 0...1000 {
      let expected = (1 + cos(Double.pi * Double(step) / 1000)) / 2
      #expect(abs(schedule.rate(at: step + 1) - expected) < 1e-15)
    }
  }

  @Test("a linear schedule goes through its points and stays at the last")
  func linear() throws {
    let schedule = try LearningRateSchedule.linear(
      rate: 2,
      through: [
        SchedulePoint(at: 0, factor: 0.25), SchedulePoint(at: 0.5, factor: 1),
        SchedulePoint(at: 1, factor: 0),
      ], over: 8)
    #expect((1...10).map(schedule.rate) == [0.5, 0.875, 1.25, 1.625, 2, 1.5, 1, 0.5, 0, 0])
    // Points between steps.
    let short = try LearningRateSchedule.linear(
      rate: 1,
      through: [
        SchedulePoint(at: 0, factor: 0), SchedulePoint(at: 0.25, factor: 1),
        SchedulePoint(at: 1, factor: 0.25),
      ], over: 2)
    #expect((1...3).map(short.rate) == [0, 0.75, 0.25])
    // Two points at one share are a jump.
    let jump = try LearningRateSchedule.linear(
      rate: 1,
      through: [
        SchedulePoint(at: 0, factor: 1), SchedulePoint(at: 0.5, factor: 1),
        SchedulePoint(at: 0.5, factor: 0.125), SchedulePoint(at: 1, factor: 0.125),
      ], over: 8)
    #expect((1...9).map(jump.rate) == [1, 1, 1, 1] + Array(repeating: 0.125, count: 5))
  }

  /// 0.3 · 100 − 1 = 29 steps up, 70 down.
  @Test("one cycle begins, peaks and ends where it should, and stays there")
  func oneCycle() throws {
    let schedule = try LearningRateSchedule.oneCycle(peak: 1, over: 100)
    #expect(abs(schedule.rate(at: 1) - 1.0 / 25) < 1e-16)
    #expect(schedule.rate(at: 30) == 1)
    #expect(abs(schedule.rate(at: 65) - (1 + 1.0 / 25 / 1e4) / 2) < 1e-15)
    #expect(abs(schedule.rate(at: 100) - 1.0 / 25 / 1e4) < 1e-20)
    #expect(schedule.rate(at: 101) == schedule.rate(at: 100))
    #expect((1..<30).allSatisfy { schedule.rate(at: $0) < schedule.rate(at: $0 + 1) })
    #expect((30..<100).allSatisfy { schedule.rate(at: $0) > schedule.rate(at: $0 + 1) })
  }

  @Test("one cycle of any length and share gives rates", arguments: 1...5, [0, 0.2, 0.5, 1])
  func shortCycles(steps: Int, share: Double) throws {
    let schedule = try LearningRateSchedule.oneCycle(peak: 1, over: steps, riseShare: share)
    for number in 1...steps + 1 {
      #expect((0...1).contains(schedule.rate(at: number)), "step \(number)")
    }
  }

  @Test("a warm-up grows in a line, and the schedule begins after it")
  func warmUp() throws {
    let schedule = try LearningRateSchedule.steps(from: 1, every: 2, factor: 0.5)
      .warmedUp(over: 4, from: 0)
    #expect((1...8).map(schedule.rate) == [0, 0.25, 0.5, 0.75, 1, 1, 0.5, 0.5])
    let again = try schedule.warmedUp(over: 1, from: 0.5)
    #expect((1...3).map(again.rate) == [0.5, 1, 1])
  }

  @Test("are read back as they were written", arguments: all.map(\.name))
  func codable(name: String) throws {
    let schedule = try #require(Self.all.first { $0.name == name }).make()
    let data = try JSONEncoder().encode(schedule)
    #expect(try JSONDecoder().decode(LearningRateSchedule.self, from: data) == schedule)
  }

  @Test(
    "are not read if they could not be made",
    arguments: [
      #"{"curve": {"exponential": {"rate": 1, "factor": 2}}}"#,
      #"{"curve": {"linear": {"rate": 1, "points": [], "over": 3}}}"#,
    ])
  func refusedFiles(text: String) throws {
    #expect(throws: HyperparameterError.self) {
      try JSONDecoder().decode(LearningRateSchedule.self, from: Data(text.utf8))
    }
  }
}
