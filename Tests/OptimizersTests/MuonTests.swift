import ConvoyTestSupport
import Foundation
import Optimizers
import Testing

@Suite("Muon")
struct MuonTests {
  /// One step of all parameters as a matrix, decayed.
  private func stepped(
    by muon: Muon, from start: [Float], along gradients: [Float], rows: Int, columns: Int,
    clipping: GradientClipping = .none
  ) -> [Float] {
    var parameters = start
    var state = OptimizerState(for: muon, parameterCount: start.count)
    muon.update(
      &parameters, along: gradients, state: &state, clipping: clipping,
      groups: [.weights(0..<start.count, rows: rows, columns: columns)])
    return parameters
  }

  /// What five steps make of a singular value.
  private func orthogonalized(_ value: Double) -> Double {
    (0..<5).reduce(value) { x, _ in
      let square = x * x
      return x * (3.4445 + square * (-4.7750 + square * 2.0315))
    }
  }

  /// Five steps multiply small errors by 3.4445⁵ = 485 at most; single precision makes a few in each.
  private let tolerance: Float = 4 * 485 * 0x1p-24

  /// The matrix diag(3, 4) has the norm 5, and the singular values 0.6 and 0.8. A third row of zeros
  /// scales the step by √(3 / 2), a third column does not.
  @Test("makes singular values equal, by hand")
  func byHand() throws {
    let muon = try Muon(learningRate: 0.25, momentum: 0.5)
    let (first, second) = (
      0.25 * Float(orthogonalized(0.6)), 0.25 * Float(orthogonalized(0.8))
    )
    let square = stepped(
      by: muon, from: [1, 2, 3, 4], along: [3, 0, 0, 4], rows: 2, columns: 2)
    #expect(abs(square[0] - (1 - first)) <= tolerance && abs(square[3] - (4 - second)) <= tolerance)
    #expect(square[1...2] == [2, 3])
    let wide = stepped(
      by: muon, from: [1, 2, 3, 4, 5, 6], along: [3, 0, 0, 0, 4, 0], rows: 2, columns: 3)
    #expect(abs(wide[0] - (1 - first)) <= tolerance && abs(wide[4] - (5 - second)) <= tolerance)
    let high = stepped(
      by: muon, from: [1, 2, 3, 4, 5, 6], along: [3, 0, 0, 4, 0, 0], rows: 3, columns: 2)
    let scale = Float(1.5.squareRoot())
    #expect(abs(high[0] - (1 - scale * first)) <= tolerance)
    #expect(abs(high[3] - (4 - scale * second)) <= tolerance)
    #expect(high[1...2] == [2, 3] && high[4...] == [5, 6])
  }

  /// m = 0.5 · 0 + 0.5 · (4, 0) = (2, 0). Then, along (0, 4), m = 0.5 · (2, 0) + 0.5 · (0, 4) = (1, 2), and
  /// the direction is 0.5 · (0, 4) + 0.5 · (1, 2) = (0.5, 3), a matrix of one row, whose only singular
  /// value becomes that of 1.
  @Test("looks ahead, by hand")
  func lookAhead() throws {
    let muon = try Muon(learningRate: 0.25, momentum: 0.5)
    var parameters: [Float] = [0, 0]
    var state = OptimizerState(for: muon, parameterCount: 2)
    let groups = [ParameterGroup.weights(0..<2, rows: 1, columns: 2)]
    muon.update(&parameters, along: [4, 0], state: &state, groups: groups)
    #expect(state.namedArrays.map(\.values) == [[1], [2, 0], [0, 0]])
    parameters = [0, 0]
    muon.update(&parameters, along: [0, 4], state: &state, groups: groups)
    #expect(state.namedArrays.map(\.values) == [[2], [1, 2], [0, 0]])
    let length = 0.25 * orthogonalized(1) / 9.25.squareRoot()
    #expect(abs(parameters[0] + Float(0.5 * length)) <= tolerance)
    #expect(abs(parameters[1] + Float(3 * length)) <= tolerance)
  }

  /// The same iteration in double precision and in the plainest loops.
  @Test(
    "agrees with double precision",
    arguments: [(1, 1), (1, 7), (5, 5), (12, 19), (19, 12), (6, 300), (30, 9)])
  func doublePrecision(rows: Int, columns: Int) throws {
    let gradients = SeededGenerator.floats(seed: 7, count: rows * columns)
    let found = stepped(
      by: try Muon(learningRate: 1, momentum: 0), from: gradients.map { _ in 0 }, along: gradients,
      rows: rows, columns: columns)
    let norm = gradients.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() + 1e-7
    var x = (0..<rows).map { row in
      (0..<columns).map { Double(gradients[row * columns + $0]) / norm }
    }
    for _ in 0..<5 {
      let gram = product(x, transposed(x))
      let square = product(gram, gram)
      let factor = sum(gram, -4.7750, square, 2.0315)
      x = sum(x, 3.4445, product(factor, x), 1)
    }
    let scale = max(1, Double(rows) / Double(columns)).squareRoot()
    for (found, expected) in zip(found, x.joined()) {
      #expect(abs(found + Float(scale * expected)) <= Float(scale) * tolerance)
    }
  }

  private func transposed(_ a: [[Double]]) -> [[Double]] {
    a[0].indices.map { column in a.map { $0[column] } }
  }

  private func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    let columns = transposed(b)
    return a.map { row in columns.map { zip(row, $0).reduce(0) { $0 + $1.0 * $1.1 } } }
  }

  private func sum(_ a: [[Double]], _ s: Double, _ b: [[Double]], _ t: Double) -> [[Double]] {
    zip(a, b).map { zip($0, $1).map { s * $0 + t * $1 } }
  }

  /// p = 2 · (1 − 0.25 · 0.5) = 1.75 before the step, which is the same with and without.
  @Test("decays the weights of a matrix, and only those that are decayed")
  func decay() throws {
    let start: [Float] = [2, 2, 2, 2]
    func stepped(weightDecay: Double, isDecayed: Bool) throws -> [Float] {
      let muon = try Muon(learningRate: 0.25, weightDecay: weightDecay)
      var parameters = start
      var state = OptimizerState(for: muon, parameterCount: 4)
      let shape = MatrixShape(rows: 2, columns: 2)
      muon.update(
        &parameters, along: [3, 0, 0, 4], state: &state,
        groups: [try ParameterGroup(0..<4, isDecayed: isDecayed, shape: shape)])
      return parameters
    }
    let (free, decayed) = (
      try stepped(weightDecay: 0, isDecayed: true), try stepped(weightDecay: 0.5, isDecayed: true)
    )
    for (free, decayed) in zip(free, decayed) {
      #expect(abs((free - decayed) - 0.25) <= 2 * Float(2).ulp)
    }
    #expect(try stepped(weightDecay: 0.5, isDecayed: false) == free)
  }

  /// With a momentum, so that a scaled direction shows.
  @Test("receives clipped gradients")
  func clipping() throws {
    let muon = Muon()
    var state = OptimizerState(for: muon, parameterCount: 4)
    var parameters: [Float] = [0, 0, 0, 0]
    muon.update(
      &parameters, along: [4, 0, 0, -0.25], state: &state, clipping: try .value(0.5),
      groups: [.weights(0..<4, rows: 2, columns: 2)])
    let expected: [Float] = [0.5, 0, 0, -0.25].map { $0 * Float(1 - 0.95) }
    #expect(state.namedArrays[1].values == expected)
  }

  @Test("leaves what has no gradient, and does not hide a number that is none")
  func oddGradients() throws {
    let start: [Float] = [1, 2, 3, 4]
    #expect(stepped(by: Muon(), from: start, along: [0, 0, 0, 0], rows: 2, columns: 2) == start)
    let lost = stepped(by: Muon(), from: start, along: [0, .nan, 0, 0], rows: 2, columns: 2)
    #expect(lost.contains { $0.isNaN })
  }

  /// A vector's rate is AdamW's, changed as Muon's is: a quarter of the rate here, and half of it for the
  /// group.
  @Test("gives vectors to AdamW, bit for bit")
  func vectors() throws {
    let adamW = try AdamW(learningRate: 0.125, weightDecay: 0.25)
    let muon = try Muon(learningRate: 0.5, vectorRule: adamW)
    let count = 90
    let start = SeededGenerator.floats(seed: 1, count: count)
    var (mixed, alone) = (start, start)
    var mixedState = OptimizerState(for: muon, parameterCount: count)
    var aloneState = OptimizerState(for: adamW, parameterCount: count)
    for number in 1...3 {
      let gradients = SeededGenerator.floats(seed: UInt64(number) + 1, count: count)
      let groups = [
        ParameterGroup.weights(40..<70), try .init(70..<count, rateFactor: 0.5, isDecayed: false),
      ]
      muon.update(
        &mixed, along: gradients, state: &mixedState, learningRate: 0.25, clipping: try .norm(2),
        groups: [.weights(0..<40, rows: 5, columns: 8)] + groups)
      adamW.update(
        &alone, along: gradients, state: &aloneState, learningRate: 0.0625, clipping: try .norm(2),
        groups: groups)
    }
    #expect(mixed[40...] == alone[40...])
    #expect(zip(mixed, start).prefix(40).allSatisfy { $0 != $1 })
    for place in 1...2 {
      #expect(
        mixedState.namedArrays[place].values[40...] == aloneState.namedArrays[place].values[40...])
    }
  }

  /// Enough panels for all threads, in either direction.
  @Test(
    "any number of threads gives the bits of one", arguments: [(150, 270), (270, 150), (3, 40)])
  func threads(rows: Int, columns: Int) throws {
    let count = rows * columns + 10
    let groups: [ParameterGroup] = [
      .weights(0..<count - 10, rows: rows, columns: columns), .biases(count - 10..<count),
    ]
    func trained(threads: Int) -> [UInt32] {
      var parameters = SeededGenerator.floats(seed: 8, count: count)
      var state = OptimizerState(for: Muon(), parameterCount: count)
      for number in 1...2 {
        Muon().update(
          &parameters, along: SeededGenerator.floats(seed: UInt64(number), count: count),
          state: &state, groups: groups, threads: threads)
      }
      return parameters.map(\.bitPattern)
    }
    let whole = trained(threads: 1)
    for threads in 2...4 {
      // A Boolean: the arrays are too long to be told apart number by number.
      let same = trained(threads: threads) == whole
      #expect(same, "\(threads) threads")
    }
  }

  @Test("goes on bit for bit from a saved state")
  func state() throws {
    let (muon, count) = (try Muon(weightDecay: 0.1), 21)
    let groups: [ParameterGroup] = [.weights(0..<12, rows: 4, columns: 3), .biases(12..<21)]
    var parameters = SeededGenerator.floats(seed: 4, count: count)
    var state = OptimizerState(for: muon, parameterCount: count)
    func train(_ parameters: inout [Float], _ state: inout OptimizerState) {
      for _ in 1...5 {
        let gradients = SeededGenerator.floats(seed: UInt64(state.nextStep), count: count)
        muon.update(&parameters, along: gradients, state: &state, groups: groups)
      }
    }
    train(&parameters, &state)
    var continued = parameters
    var decoded = try JSONDecoder().decode(OptimizerState.self, from: JSONEncoder().encode(state))
    var named = try OptimizerState(
      for: muon, parameterCount: count, namedArrays: state.namedArrays)
    #expect(decoded == state && named == state)
    var again = parameters
    train(&parameters, &state)
    train(&continued, &decoded)
    train(&again, &named)
    #expect(continued == parameters && again == parameters)
    #expect(decoded == state && named == state)
  }
}
