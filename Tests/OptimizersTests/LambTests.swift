import ConvoyTestSupport
import Optimizers
import Testing

@Suite("LAMB")
struct LambTests {
  /// Betas of 0.5 and 0.75 and an epsilon of 0.5: along 0.5, Adam's direction is
  /// 0.5 / (0.5 + 0.5) = 0.5, as in `FirstStepTests`.
  private func stepped(
    from start: [Float], along gradients: [Float], weightDecay: Double = 0,
    groups: [ParameterGroup]? = nil, clipping: GradientClipping = .none
  ) throws -> [Float] {
    let optimizer = try Lamb(
      learningRate: 0.25, beta1: 0.5, beta2: 0.75, epsilon: 0.5, weightDecay: weightDecay)
    var parameters = start
    var state = OptimizerState(for: optimizer, parameterCount: start.count)
    optimizer.update(
      &parameters, along: gradients, state: &state, clipping: clipping, groups: groups)
    return parameters
  }

  /// ‖p‖ = 5 and ‖u‖ = 0.5, so that p = 3 − 0.25 · 10 · 0.5 = 1.75.
  @Test("takes a step whose length is a share of the parameters' norm")
  func byHand() throws {
    #expect(try stepped(from: [3, 4], along: [0.5, 0]) == [1.75, 4])
  }

  /// Without gradients u = 0.5 · p, and the ratio of the norms is 2: p − 0.25 · 2 · 0.5 · p.
  @Test("has the decay in the direction")
  func decay() throws {
    #expect(try stepped(from: [3, 4], along: [0, 0], weightDecay: 0.5) == [2.25, 3])
  }

  /// Weights take u = 0.5 · p, and the ratio 2: p − 0.25 · 2 · 0.5 · p. Biases have no direction.
  @Test("decays no biases")
  func biases() throws {
    let (start, gradients): ([Float], [Float]) = ([4, 3], [0, 0])
    #expect(
      try stepped(
        from: start, along: gradients, weightDecay: 0.5, groups: [.weights(0..<2)]) == [3, 2.25])
    #expect(
      try stepped(from: start, along: gradients, weightDecay: 0.5, groups: [.biases(0..<2)])
        == start)
  }

  /// From 0 with the ratio 1: 0 − 0.25 · 0.5. Along 0, and not decayed, nothing moves.
  @Test("takes the ratio as 1 where a norm is 0")
  func zeroNorms() throws {
    #expect(try stepped(from: [0, 0], along: [0.5, 0]) == [-0.125, 0])
    #expect(try stepped(from: [3, 4], along: [0, 0]) == [3, 4])
  }

  @Test("does not hide a number that is none")
  func notANumber() throws {
    #expect(try stepped(from: [3, 4], along: [.nan, 0.5])[0].isNaN)
    #expect(try stepped(from: [.nan, 4], along: [0.5, 0.5])[0].isNaN)
  }

  @Test("treats each group as a tensor of its own")
  func groups() throws {
    let start = SeededGenerator.floats(seed: 1, count: 21)
    let gradients = SeededGenerator.floats(seed: 2, count: 21)
    let cut = try stepped(
      from: start, along: gradients, weightDecay: 0.25, groups: [.weights(0..<8), .weights(8..<21)])
    let parts = try [0..<8, 8..<21].flatMap {
      try stepped(from: Array(start[$0]), along: Array(gradients[$0]), weightDecay: 0.25)
    }
    #expect(cut == parts)
    #expect(try stepped(from: start, along: gradients, weightDecay: 0.25) != parts)
  }

  /// 1 is limited to 0.5, and the moments know of no more.
  @Test("receives clipped gradients")
  func clipping() throws {
    #expect(try stepped(from: [3, 4], along: [1, 0], clipping: .value(0.5)) == [1.75, 4])
  }

  /// The bound is what the roundings of all steps so far can add up to, in a tensor of 19 numbers.
  @Test("follows the rule in double precision", arguments: [0, 0.03125])
  func trajectory(weightDecay: Double) throws {
    let optimizer = try Lamb(
      beta1: 0.8, beta2: 0.95, epsilon: 0.0625, weightDecay: weightDecay)
    let seed: UInt64 = 21
    var generator = SeededGenerator(seed: seed)
    let count = 19
    func norm(_ values: [Rounded]) -> Rounded {
      values.map { $0 * $0 }.reduce(Rounded(0), +).squareRoot()
    }
    let start = SeededGenerator.floats(seed: seed, count: count)
    var parameters = start
    var state = OptimizerState(for: optimizer, parameterCount: count)
    var exact = start.map { Rounded(Double($0)) }
    var means = Array(repeating: Rounded(0), count: count)
    var squares = means
    let (beta1, beta2) = (Rounded(rounding: 0.8), Rounded(rounding: 0.95))
    var (corrections1, corrections2) = (1.0, 1.0)
    var worst = WorstError()
    for number in 1...50 {
      let gradients = generator.values(count: count).map { Float($0) }
      let rate = number <= 25 ? 0.05 : 0.01
      optimizer.update(&parameters, along: gradients, state: &state, learningRate: rate)
      corrections1 *= 0.8
      corrections2 *= 0.95
      let directions = (0..<count).map { index in
        let gradient = Rounded(Double(gradients[index]))
        means[index] = means[index] * beta1 + gradient * Rounded(rounding: 1 - 0.8)
        squares[index] =
          squares[index] * beta2 + gradient * gradient * Rounded(rounding: 1 - 0.95)
        let root =
          squares[index].squareRoot() * Rounded(rounding: 1 / (1 - corrections2).squareRoot())
          + Rounded(0.0625)
        return means[index] * Rounded(rounding: 1 / (1 - corrections1)) / root
          + exact[index] * Rounded(weightDecay)
      }
      let ratio = norm(exact) / norm(directions) * Rounded(rounding: rate)
      for index in 0..<count {
        exact[index] = exact[index] - directions[index] * ratio
        worst.record(
          Double(parameters[index]), expected: exact[index].value, bound: exact[index].error,
          place: index)
      }
    }
    #expect(worst.fraction <= 1, "seed \(seed): \(worst)")
    // The bound must stay far below the way the parameters have gone.
    let way = zip(exact, start).map { abs($0.value - Double($1)) }.max() ?? 0
    #expect(exact.allSatisfy { $0.error < 1e-3 * way })
  }
}
