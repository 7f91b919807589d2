import Testing

@testable import ConvoyNeuralNetwork

/// What layers become nodes of their own.
@Suite struct PlanBuilderTests {
  /// The widest reader of an edge decides how far apart its rows are, and so which winners a float
  /// holds.
  @Test(arguments: [(0, true), (20, false)])
  func aPoolingIsJoinedWhereItsWinnersAreExact(padding: Int, isJoined: Bool) throws {
    // (720 − 1) · (720 · 32 + 32) is below 2²⁴, (720 − 1) · (760 · 32 + 32) above.
    let network = Network([
      Residual(
        [
          Convolution(filters: 1, kernelSize: 1), MaxPooling(720, stride: 720),
        ],
        shortcut: [
          Convolution(filters: 1, kernelSize: 1 + 2 * padding, padding: padding),
          AveragePooling(720, stride: 720),
        ]), Flatten(), Dense(2),
    ])
    let nodes = try PlanBuilder.nodes(
      network, input: FeatureShape(channels: 31, height: 720, width: 720), loss: .crossEntropy)
    let joined = nodes.contains {
      ($0.operation as? ConvolutionOperation)?.maxPooling != nil
    }
    #expect(joined == isJoined)
  }
}
