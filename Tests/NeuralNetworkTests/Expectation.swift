import NeuralNetwork
import Reference
import Testing

/// What the plain reference gives for a batch in Double, and how far the same reference in Float is
/// from it: the size of rounding in this very network.
struct Expectation {
  private let exact: PlanRun.Result
  private let rounded: PlanRun.Result

  init(
    _ architecture: Architecture, input: FeatureShape, loss: LossFunction, parameters: [[Float]],
    images: [[Double]], labels: [Int]
  ) throws {
    func result<Scalar: ReferenceScalar>(as type: Scalar.Type) throws -> PlanRun.Result {
      var losses: [Double] = []
      var sums = parameters.map { [Double](repeating: 0, count: $0.count) }
      let shape = ReferenceShape(
        channels: input.channels, height: input.height, width: input.width)
      for (sample, image) in images.enumerated() {
        let network = try architecture.reference(
          input: input, loss: loss, parameters: parameters, sample: sample, as: type)
        let gradients = network.backward(
          input: ReferenceTensor(shape: shape, values: image.map { Scalar($0) }),
          label: labels[sample])
        losses.append(Double(gradients.loss))
        let withWeights = gradients.layers.filter { !$0.weights.isEmpty }
        let learned = zip(withWeights, architecture.hasBiases)
          .flatMap { $1 ? [$0.weights, $0.biases] : [$0.weights] }
        for (tensor, values) in learned.enumerated() {
          for (index, value) in values.enumerated() {
            sums[tensor][index] += Double(value) / Double(images.count)
          }
        }
      }
      return PlanRun.Result(losses: losses, gradients: sums, storedGradients: 0)
    }
    exact = try result(as: Double.self)
    rounded = try result(as: Float.self)
  }

  /// Every loss and every derivative must be as near to the exact one as Float allows: within eight
  /// times the worst error of the reference in Float, whose sums run in another order. Errors count
  /// relative to the largest number of their tensor, and are never taken as less than the rounding of
  /// a handful of operations.
  func compare(_ result: PlanRun.Result, tensors: [ParameterTensor], _ comment: String) {
    let rounding = zip([rounded.losses] + rounded.gradients, [exact.losses] + exact.gradients)
      .map(Self.relativeError).reduce(0x1p-24, max)
    let tolerance = 8 * rounding
    // The tolerance must not swallow the effects themselves.
    #expect(tolerance < 1e-3, "\(comment)")
    // Channels added by padding must never learn, or they would become part of the network.
    let gradients = result.gradients.joined().count { $0 != 0 }
    #expect(result.storedGradients == gradients, "\(comment): added channels have gradients")
    let names = ["losses"] + tensors.map(\.name)
    let pairs = zip([result.losses] + result.gradients, [exact.losses] + exact.gradients)
    for (name, (found, exact)) in zip(names, pairs) {
      let error = Self.relativeError(found, exact)
      #expect(error <= tolerance, "\(comment), \(name): rounding is \(rounding)")
    }
  }

  private static func relativeError(_ found: [Double], _ exact: [Double]) -> Double {
    let largest = exact.map { abs($0) }.max() ?? 0
    let worst = zip(found, exact).map { abs($0 - $1) }.max() ?? 0
    // Gradients that are zero but for rounding, as behind a softmax, have no scale of their own.
    return worst / max(largest, 1e-6)
  }
}
