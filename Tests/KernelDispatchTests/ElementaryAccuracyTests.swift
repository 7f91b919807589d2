import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyTestSupport
import Foundation
import Testing

/// The functions that Convoy computes with polynomials of its own, over dense sweeps.
@Suite("Accuracy of exponential functions")
struct ElementaryAccuracyTests {
  /// Softmax of (0, x) is e^x / (1 + e^x), and for x < −17.4 the divisor rounds to 1: what is left is
  /// the exponential alone.
  ///
  /// Its bound is the 2 ulp it promises. What can be proved is 1.1 with fused multiply-add and 1.4
  /// without, in ulp of a result below 1 before it is scaled: the last sum's rounding 0.5, the sum
  /// before it 0.17 after its product with |r| ≤ 0.347, that product where it is rounded 0.25, the
  /// rounding of r 0.25, the series' end 0.1, and 0.1 for all the rest.
  @Test("e^x is within 2 ulp", arguments: KernelDispatch.available)
  func exponential(set: InstructionSet) throws {
    let kernels = try #require(KernelDispatch.kernels(for: set))
    let arguments = sweep(-86.9 ... -17.5, count: 60_000)
    var values = Array(repeating: Float(0), count: 8 * arguments.count)
    for (index, x) in arguments.enumerated() { values[8 * index + 1] = x }
    var memory = GuardedMemory()
    let start = memory.place(values)
    memory.withPointer { base in
      kernels.softmax(pixels: arguments.count, channels: 2, step: 8, values: base + start)
    }
    var worst = WorstULP()
    for (index, x) in arguments.enumerated() {
      let exact = exp(Double(x))
      worst.record(
        memory.floats[start + 8 * index + 1], exact: exact, bound: 2 * ulp(of: exact), at: x)
    }
    #expect(worst.fraction <= 1, "e^x: \(worst)")
  }

  /// The cross-entropy of n equal logits is ln n, and their sum of powers is exact.
  @Test("ln n is within 2 ulp", arguments: KernelDispatch.available)
  func logarithm(set: InstructionSet) throws {
    let kernels = try #require(KernelDispatch.kernels(for: set))
    var memory = GuardedMemory()
    let logits = memory.place(Array(repeating: Float(0), count: 1024))
    let gradient = memory.reserve(1024)
    var worst = WorstULP()
    for classes in 2...1024 {
      let result = memory.withPointer { base in
        kernels.softmaxCrossEntropy(
          classes: classes, label: 0, scale: 1, logits: base + logits, gradient: base + gradient)
      }
      let exact = log(Double(classes))
      worst.record(result.loss, exact: exact, bound: 2 * ulp(of: exact), at: Float(classes))
    }
    #expect(worst.fraction <= 1, "ln n: \(worst)")
  }

  @Test("sigmoid is within the bound of 1 / (1 + e^−x)", arguments: KernelDispatch.available)
  func sigmoid(set: InstructionSet) throws {
    let worst = try sweepActivation(.sigmoid, set, over: -86...86) { x in
      1 / (1 + exp(-x))
    }
    #expect(worst.fraction <= 1, "sigmoid: \(worst)")
  }

  @Test("tanh is within the bound of its two formulas", arguments: KernelDispatch.available)
  func tanh(set: InstructionSet) throws {
    for range in [-10...10, -0.26...0.26] as [ClosedRange<Float>] {
      let worst = try sweepActivation(.tanh, set, over: range) { Foundation.tanh($0) }
      #expect(worst.fraction <= 1, "tanh: \(worst)")
    }
  }

  @Test("the normal distribution is within 4e−7", arguments: KernelDispatch.available)
  func normalDistribution(set: InstructionSet) throws {
    let worst = try sweepActivation(.gelu, set, over: -8...8) { x in
      x * (1 + erf(x / 2.0.squareRoot())) / 2
    }
    #expect(worst.fraction <= 1, "gelu: \(worst)")
    // Where the distribution is 0 or 1, however large the argument.
    let far = sweep(6...1e30, count: 80)
    #expect(try activated(.gelu, set, far) == far)
    #expect(try activated(.gelu, set, far.map { -$0 }).allSatisfy { $0 == 0 })
  }

  @Test("e^x − 1 is within the bound of its two formulas", arguments: KernelDispatch.available)
  func exponentialMinusOne(set: InstructionSet) throws {
    for range in [-90 ... -0.1, -0.26 ... -1e-30] as [ClosedRange<Float>] {
      let worst = try sweepActivation(.elu(alpha: 1), set, over: range) { expm1($0) }
      #expect(worst.fraction <= 1, "e^x − 1: \(worst)")
    }
  }

  private func sweepActivation(
    _ function: ActivationFunction, _ set: InstructionSet, over range: ClosedRange<Float>,
    exactly: (Double) -> Double
  ) throws -> WorstULP {
    let arguments = sweep(range, count: 40_000)
    var worst = WorstULP()
    for (x, value) in zip(arguments, try activated(function, set, arguments)) {
      worst.record(
        value, exact: exactly(Double(x)), bound: Activation.bound(function, of: Double(x)), at: x)
    }
    return worst
  }

  /// What an activation gives for a multiple of 8 arguments.
  private func activated(
    _ function: ActivationFunction, _ set: InstructionSet, _ arguments: [Float]
  ) throws -> [Float] {
    let kernels = try #require(KernelDispatch.kernels(for: set))
    let rows = RowGeometry(rows: 1, count: arguments.count, step: 0, otherStep: 0)
    var memory = GuardedMemory()
    let start = memory.place(arguments)
    memory.withPointer { kernels.activate(function, rows, values: $0 + start) }
    return Array(memory.floats[start..<start + arguments.count])
  }

  /// Evenly spaced arguments; `count` is a multiple of 8.
  private func sweep(_ range: ClosedRange<Float>, count: Int) -> [Float] {
    let step = (range.upperBound - range.lowerBound) / Float(count - 1)
    return (0..<count).map { range.lowerBound + Float($0) * step }
  }
}
