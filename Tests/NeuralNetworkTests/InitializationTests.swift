import ConvoyNeuralNetwork
import Testing

@Suite struct InitializationTests {
  /// The variance of n draws lies within 5 deviations of the wanted one: 5 √(2/n) of it for a normal
  /// distribution, less for a uniform one.
  @Test(arguments: Initialization.Method.allCases, Initialization.Distribution.allCases)
  func varianceIsTheMethods(
    method: Initialization.Method, distribution: Initialization.Distribution
  ) {
    let count = 20_000
    let weights = Initialization(method, distribution).weights(
      count: count, fanIn: 50, fanOut: 150, seed: 4, layer: 1)
    let expected = method == .xavier ? 2.0 / 200 : 2.0 / 50
    let variance = weights.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(count)
    let bound = 5 * (2 / Double(count)).squareRoot()
    #expect(abs(variance / expected - 1) < bound)
    let limit = (3 * expected).squareRoot()
    let beyond = weights.filter { abs(Double($0)) > limit * 1.000001 }.count
    // A uniform number keeps to √3 deviations; one normal number in twelve does not.
    #expect(distribution == .uniform ? beyond == 0 : beyond > count / 24)
  }

  @Test func dependsOnSeedAndLayer() {
    func weights(seed: UInt64, layer: Int) -> [Float] {
      Initialization().weights(count: 8, fanIn: 4, fanOut: 4, seed: seed, layer: layer)
    }
    #expect(weights(seed: 1, layer: 0) == weights(seed: 1, layer: 0))
    #expect(weights(seed: 1, layer: 0) != weights(seed: 2, layer: 0))
    #expect(weights(seed: 1, layer: 0) != weights(seed: 1, layer: 1))
  }
}
