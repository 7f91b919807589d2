import ConvoyKernelDispatch
import ConvoyTestSupport
import Testing

/// A trial must notice kernels that do nothing, too little, too much or not quite the right thing.
@Suite("Trials of kernels")
struct KernelTrialTests {
  @Test("one that keeps its promises is faultless")
  func sound() {
    #expect(outcome { memory, place in fill(memory + place, count: 8) }.isFaultless)
  }

  @Test("one that does nothing is infinitely wrong")
  func nothing() {
    #expect(outcome { _, _ in }.worst.fraction == .infinity)
  }

  @Test("one that stops short is wrong")
  func short() {
    #expect(outcome { memory, place in fill(memory + place, count: 7) }.worst.fraction > 1)
  }

  @Test("one that writes a float before or after is caught", arguments: [-1, 8, 70, -4000])
  func trespass(offset: Int) {
    let outcome = outcome { memory, place in
      fill(memory + place, count: 8)
      memory[place + offset] = 0
    }
    #expect(outcome.worst.fraction <= 1)
    #expect(outcome.trespass != nil)
    #expect(!outcome.isFaultless)
  }

  /// The bands differ from place to place.
  @Test("one that copies a band is caught")
  func copy() {
    let outcome = outcome { memory, place in
      fill(memory + place, count: 8)
      memory[place + 8] = memory[place - 1]
    }
    #expect(outcome.trespass != nil)
  }

  /// A chain of one rounding at 1.5 may be off by 1.5 · 2⁻²⁴, half the spacing of 2⁻²³ and more.
  @Test("one that is off by two units of the last place is wrong by as much")
  func inexact() {
    let outcome = outcome { memory, place in
      fill(memory + place, count: 8)
      memory[place + 3] = 1.5 + 2 * Float(1).ulp
    }
    #expect(abs(outcome.worst.fraction - 4 / 1.5) < 1e-6)
    #expect(outcome.trespass == nil)
  }

  private func fill(_ pointer: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count { pointer[index] = 1.5 }
  }

  /// The outcome of a kernel that should write eight times 1.5 within one rounding.
  private func outcome(
    _ kernel: @escaping @Sendable (_ memory: UnsafeMutablePointer<Float>, _ place: Int) -> Void
  ) -> KernelOutcome {
    var memory = GuardedMemory()
    let place = memory.reserve(8)
    var trial = KernelTrial("example", memory: memory) { _, memory in kernel(memory, place) }
    trial.promise(
      Array(repeating: 1.5, count: 8), at: Array(place..<place + 8),
      magnitudes: Array(repeating: 1.5, count: 8), roundings: (fused: 1, separate: 1))
    return trial.outcome(on: KernelDispatch.best)
  }
}
