import ConvoyNeuralNetwork
import ConvoyReference
import Testing

/// What the plain reference gives for a batch in Double, and how far from it rounding leads in this very
/// network: the same reference in Float, and in Double with every number that goes in moved by a unit in
/// the last place of a Float.
struct Expectation {
  private let exact: PlanRun.Result
  private let rounded: PlanRun.Result
  private let moved: PlanRun.Result
  /// The largest loss, and the largest gradient of each tensor, with the samples' magnitudes added up:
  /// rounding is as large as what is summed, even where the sum cancels.
  private let magnitudes: [Double]

  init(
    _ architecture: Architecture, input: FeatureShape, loss: LossFunction, parameters: [[Float]],
    images: [[Double]], labels: [Int]
  ) throws {
    func result<Scalar: ReferenceScalar>(
      as type: Scalar.Type, parameters: [[Float]], images: [[Double]]
    ) throws -> (result: PlanRun.Result, magnitudes: [Double]) {
      var losses: [Double] = []
      var sums = parameters.map { [Double](repeating: 0, count: $0.count) }
      var magnitudes = sums
      let shape = ReferenceShape(
        channels: input.channels, height: input.height, width: input.width)
      for (sample, image) in images.enumerated() {
        let network = try architecture.reference(
          input: input, loss: loss, parameters: parameters, sample: sample, as: type)
        let gradients = network.backward(
          input: ReferenceTensor(shape: shape, values: image.map { Scalar($0) }),
          label: labels[sample])
        losses.append(Double(gradients.loss))
        let withWeights = gradients.layers.flatMap(\.leaves).filter { !$0.weights.isEmpty }
        let learned = zip(withWeights, architecture.hasBiases)
          .flatMap { $1 ? [$0.weights, $0.biases] : [$0.weights] }
        for (tensor, values) in learned.enumerated() {
          for (index, value) in values.enumerated() {
            sums[tensor][index] += Double(value) / Double(images.count)
            magnitudes[tensor][index] += abs(Double(value)) / Double(images.count)
          }
        }
      }
      return (
        PlanRun.Result(losses: losses, gradients: sums, storedGradients: 0, brokenGuard: nil),
        ([losses] + magnitudes).map { $0.map { abs($0) }.max() ?? 0 }
      )
    }
    (exact, magnitudes) = try result(as: Double.self, parameters: parameters, images: images)
    rounded = try result(as: Float.self, parameters: parameters, images: images).result
    func moved(_ value: Float, _ index: Int) -> Float {
      index.isMultiple(of: 2) ? value.nextUp : value.nextDown
    }
    self.moved = try result(
      as: Double.self,
      parameters: parameters.map { $0.enumerated().map { moved($1, $0) } },
      images: images.map { $0.enumerated().map { Double(moved(Float($1), $0)) } }
    ).result
  }

  /// Every loss and every derivative must be as near to the exact one as Float allows: within eight
  /// times the worst error of the reference in Float, whose sums run in another order. That error may be
  /// small by luck: it counts as a rounding per layer at least, and as what moved numbers make.
  func compare(
    _ result: PlanRun.Result, layers: Int, tensors: [ParameterTensor], _ comment: String
  ) {
    let rounding = (relativeErrors(of: rounded) + relativeErrors(of: moved))
      .reduce(Double(layers) * 0x1p-24, max)
    let tolerance = 8 * rounding
    // The tolerance must not swallow the effects themselves.
    #expect(tolerance < 1e-3, "\(comment)")
    #expect(result.brokenGuard == nil, "\(comment)")
    // Channels added by padding must never learn, or they would become part of the network.
    let gradients = result.gradients.joined().count { $0 != 0 }
    #expect(result.storedGradients == gradients, "\(comment): added channels have gradients")
    for (name, error) in zip(["losses"] + tensors.map(\.name), relativeErrors(of: result)) {
      #expect(error <= tolerance, "\(comment), \(name): rounding is \(rounding)")
    }
  }

  /// The worst error of the losses and of each tensor's gradients, relative to their magnitude. Gradients
  /// that are zero but for rounding, as behind a softmax, have none of their own: they count as a
  /// hundredth of the network's.
  private func relativeErrors(of result: PlanRun.Result) -> [Double] {
    let least = max(1e-6, 1e-2 * (magnitudes.dropFirst().max() ?? 0))
    let pairs = zip([result.losses] + result.gradients, [exact.losses] + exact.gradients)
    return zip(pairs, magnitudes).map { pair, magnitude in
      let worst = zip(pair.0, pair.1).map { abs($0 - $1) }.max() ?? 0
      return worst / max(magnitude, least)
    }
  }
}

extension ReferenceGradients {
  /// The gradients of the layers inside, of a composite.
  fileprivate var leaves: [ReferenceGradients] {
    inner.isEmpty ? [self] : inner.flatMap(\.leaves)
  }
}
