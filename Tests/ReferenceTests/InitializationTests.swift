import ConvoyReference
import Testing

@Suite("Initialisation")
struct InitializationTests {
  @Test("the generator gives SplitMix64's published numbers")
  func generator() {
    var generator = ReferenceGenerator(seed: 0)
    let expected: [UInt64] = [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]
    #expect(expected.map { _ in generator.next() } == expected)
  }

  /// Fan-in 50 and fan-out 150, so that the two methods differ by a factor of 4.
  static let variances: [(ReferenceInitialization, Double)] = [(.xavier, 0.01), (.he, 0.04)]

  /// The deviation of a variance estimated from n values is √(2 / n) of it for a normal distribution,
  /// less for a uniform one. Limits are five deviations.
  @Test(
    "weights have mean 0 and the method's variance", arguments: variances,
    ReferenceInitialization.Distribution.allCases)
  func moments(
    of method: (ReferenceInitialization, Double),
    distribution: ReferenceInitialization.Distribution
  ) {
    var generator = ReferenceGenerator(seed: 1)
    let (initialization, variance) = method
    let count = 20_000
    let weights: [Double] = initialization.weights(
      count: count, fanIn: 50, fanOut: 150, distribution: distribution, using: &generator)
    let mean = weights.reduce(0) { $0 + $1 } / Double(count)
    let square = weights.reduce(0) { $0 + $1 * $1 } / Double(count)
    #expect(weights.count == count)
    let meanLimit: Double = 5 * (variance / Double(count)).squareRoot()
    let varianceLimit: Double = 5 * (2 / Double(count)).squareRoot()
    #expect(abs(mean) <= meanLimit)
    #expect(abs(square / variance - 1) <= varianceLimit)
    // Of a normal distribution, 8.3% lie outside of the uniform one's limits.
    let limit = (3 * variance).squareRoot()
    let outside = Double(weights.count { abs($0) > limit }) / Double(count)
    let expected: ClosedRange<Double> = distribution == .uniform ? 0...0 : 0.073...0.093
    #expect(expected.contains(outside))
  }

  /// 180 uniform weights come closer than 4% to their limit, but for one seed in a thousand.
  private static func isNear(_ limit: Double, _ weights: [Double]) -> Bool {
    let largest = weights.reduce(0) { max($0, abs($1)) }
    return largest <= limit && largest > 0.96 * limit
  }

  @Test("a convolution's fan-in is a kernel of all channels of its group, its fan-out all filters")
  func convolution() {
    var generator = ReferenceGenerator(seed: 2)
    let xavier = ReferenceConvolution<Double>(
      inputChannels: 4, filters: 10, kernelSize: 3, stride: 2, padding: 1, dilation: 2, groups: 2,
      using: &generator)
    let steps = ReferenceWindow.Steps(stride: 2, dilation: 2, before: 1, after: 1)
    #expect(xavier.window == ReferenceWindow(height: 3, width: 3, down: steps, across: steps))
    #expect(xavier.weights.count == 180)
    #expect(xavier.biases == [Double](repeating: 0, count: 10))
    #expect(Self.isNear((6.0 / 108).squareRoot(), xavier.weights))
    let he = ReferenceConvolution<Double>(
      inputChannels: 4, filters: 10, kernelSize: 3, groups: 2, bias: false, initialization: .he,
      using: &generator)
    #expect(Self.isNear((6.0 / 18).squareRoot(), he.weights))
    #expect(he.biases.isEmpty)
  }

  @Test("a dense layer's fan-in is its inputs, its fan-out its units")
  func dense() {
    var generator = ReferenceGenerator(seed: 3)
    let xavier = ReferenceDense<Double>(inputFeatures: 20, units: 9, using: &generator)
    #expect(Self.isNear((6.0 / 29).squareRoot(), xavier.weights))
    #expect(xavier.biases == [Double](repeating: 0, count: 9))
    let he = ReferenceDense<Double>(
      inputFeatures: 20, units: 9, bias: false, initialization: .he, using: &generator)
    #expect(Self.isNear((6.0 / 20).squareRoot(), he.weights))
    #expect(he.biases.isEmpty)
  }

  @Test("the seed decides")
  func seeds() {
    func weights(_ seed: UInt64) -> [Double] {
      var generator = ReferenceGenerator(seed: seed)
      return ReferenceDense<Double>(inputFeatures: 4, units: 3, using: &generator).weights
    }
    #expect(weights(7) == weights(7))
    #expect(weights(7) != weights(8))
  }
}
