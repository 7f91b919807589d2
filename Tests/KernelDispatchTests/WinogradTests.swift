import ConvoyKernelInterface
import ConvoyReference
import Testing

@Suite("Winograd's convolution, exactly")
struct WinogradTests {
  /// In Double, the algorithm differs from the definition by rounding alone.
  @Test("gives what the definition gives", arguments: WinogradTile.allCases, 0..<6)
  func agreesWithTheDefinition(tile: WinogradTile, seed: UInt64) {
    let sample = WinogradCase(tile, seed: 3000 + seed)
    let output = sample.layer.forward(sample.input).values
    let gradient = sample.layer.backward(
      input: sample.input, output: sample.outputGradient, outputGradient: sample.outputGradient)
    #expect(Self.largestDifference(sample.output(), output) < 1e-12)
    #expect(Self.largestDifference(sample.weightGradient(), gradient.weights) < 1e-12)
  }

  private static func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
  }
}
