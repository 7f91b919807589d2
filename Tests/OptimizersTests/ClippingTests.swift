import ConvoyTestSupport
import Optimizers
import Testing

@Suite("Clipping")
struct ClippingTests {
  @Test("the norm of 3 and 4 is 5, and all counts have theirs")
  func byHand() {
    #expect(GradientNorm.norm(of: [3, 4]) == 5)
    #expect(GradientNorm.norm(of: []) == 0)
    for count in 0...20 {
      let ones = Array(repeating: Float(1), count: count)
      #expect(GradientNorm.norm(of: ones) == Double(count).squareRoot())
    }
  }

  @Test("squares do not overflow")
  func large() {
    let largest = Float.greatestFiniteMagnitude
    #expect(GradientNorm.norm(of: [largest, 0]) == Double(largest))
    #expect(GradientNorm.norm(of: [.infinity]) == .infinity)
    #expect(GradientNorm.norm(of: [.nan, 1]).isNaN)
  }

  /// Squares are exact; n sums in double precision err by n · 2⁻⁵³ of the whole at most.
  @Test("any number of threads gives the norm of one, bit for bit", arguments: 0...4)
  func threads(blocks: Int) {
    let count = blocks * GradientNorm.blockSize + (blocks == 2 ? 0 : 1234)
    let gradients = SeededGenerator.floats(seed: 6, count: count)
    let norm = GradientNorm.norm(of: gradients)
    for threads in 2...5 { #expect(GradientNorm.norm(of: gradients, threads: threads) == norm) }
    let plain = gradients.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    #expect(abs(norm - plain) <= Double(count) * 0x1p-53 * plain)
  }

  @Test("gradients of a large norm are scaled, of a small one left alone")
  func scale() throws {
    let clipping = try GradientClipping.norm(2)
    #expect(clipping.scale(ofNorm: 1) == 1)
    #expect(clipping.scale(ofNorm: 0) == 1)
    let half: Double = 2 / (4 + 1e-6)
    #expect(clipping.scale(ofNorm: 4) == half)
    #expect(clipping.scale(ofNorm: .infinity) == 0)
    #expect(clipping.scale(ofNorm: .nan).isNaN)
    #expect(GradientClipping.none.scale(ofNorm: .nan) == 1)
    #expect(try GradientClipping.value(2).scale(ofNorm: 100) == 1)
  }

  /// Of (3, 4) with a limit of 2.5 half is left, but for the 1e-6; with one of 3.5 by value, 3 and 3.5.
  @Test("in a step of gradient descent")
  func step() throws {
    func moved(_ clipping: GradientClipping) -> [Float] {
      let optimizer = StochasticGradientDescent()
      var parameters: [Float] = [0, 0]
      var state = OptimizerState(for: optimizer, parameterCount: 2)
      optimizer.update(
        &parameters, along: [3, -4], state: &state, learningRate: 1, clipping: clipping)
      return parameters
    }
    #expect(moved(.none) == [-3, 4])
    #expect(try moved(.norm(6)) == [-3, 4])
    #expect(try moved(.value(3.5)) == [-3, 3.5])
    let halved = moved(try .norm(2.5))
    #expect(abs(halved[0] + 1.5) < 1e-6 && abs(halved[1] - 2) < 1e-6)
    #expect(halved[0] != -1.5)
  }

  @Test("a gradient that is not a number is not hidden")
  func notANumber() throws {
    let optimizer = StochasticGradientDescent()
    var parameters: [Float] = [0, 0]
    var state = OptimizerState(for: optimizer, parameterCount: 2)
    optimizer.update(&parameters, along: [.nan, 1], state: &state, clipping: try .value(1))
    #expect(parameters[0].isNaN && parameters[1] == -0.05)
  }
}
