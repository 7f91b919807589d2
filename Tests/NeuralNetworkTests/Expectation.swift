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
    _ architecture: Network, input: FeatureShape, loss: LossFunction, parameters: [[Float]],
    images: [[Double]], labels: [Int]
  ) throws {
    func result<Scalar: ReferenceScalar>(
      as type: Scalar.Type, parameters: [[Float]], images: [[Double]]
    ) throws -> (result: PlanRun.Result, magnitudes: [Double]) {
      let shape = ReferenceShape(
        channels: input.channels, height: input.height, width: input.width)
      let network = try architecture.reference(
        input: input, loss: loss, parameters: parameters, samples: images.count, as: type)
      let gradients = network.backward(
        inputs: images.map { ReferenceTensor(shape: shape, values: $0.map { Scalar($0) }) },
        labels: labels)
      let layers = gradients.layers.flatMap(\.leaves).filter { !$0.weights.isEmpty }
      let tensors = zip(layers, architecture.learned).flatMap { layer, learned in
        (learned.weights ? [(layer.weights, layer.weightMagnitudes)] : [])
          + (learned.biases ? [(layer.biases, layer.biasMagnitudes)] : [])
      }
      func largest(_ values: [Scalar]) -> Double { values.reduce(0) { max($0, abs(Double($1))) } }
      return (
        PlanRun.Result(
          losses: gradients.losses.map { Double($0) },
          gradients: tensors.map { $0.0.map { Double($0) } }, storedGradients: 0,
          brokenGuard: nil),
        [largest(gradients.losses)] + tensors.map { largest($0.1) }
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

  /// Every loss and every derivative must be as near to the exact one as Float allows: within sixteen
  /// times the worst error of the reference in Float, whose sums run in another order. That error may be
  /// small by luck: it counts as a rounding per layer at least, and as what moved numbers make.
  ///
  /// - Returns: false, without a comparison, if rounding leads so far that the tolerance would swallow the
  ///   effects themselves.
  func compare(
    _ result: PlanRun.Result, layers: Int, tensors: [ParameterTensor], _ comment: String
  ) -> Bool {
    let rounding = (relativeErrors(of: rounded) + relativeErrors(of: moved))
      .reduce(Double(layers) * 0x1p-24, max)
    let tolerance = 16 * rounding
    guard tolerance < 1e-3 else { return false }
    #expect(result.brokenGuard == nil, "\(comment)")
    // Channels added by padding must never learn, or they would become part of the network.
    let gradients = result.gradients.joined().count { $0 != 0 }
    #expect(result.storedGradients == gradients, "\(comment): added channels have gradients")
    for (name, error) in zip(["losses"] + tensors.map(\.name), relativeErrors(of: result)) {
      #expect(error <= tolerance, "\(comment), \(name): rounding is \(rounding)")
    }
    return true
  }

  /// The worst error of the losses and of each tensor's gradients, relative to their magnitude. Gradients
  /// that are zero but for rounding, as behind a softmax, have none of their own: they count as a
  /// hundredth of the network's.
  private func relativeErrors(of result: PlanRun.Result) -> [Double] {
    let least = max(1e-6, 1e-2 * (magnitudes.dropFirst().max() ?? 0))
    let pairs = zip([result.losses] + result.gradients, [exact.losses] + exact.gradients)
    return zip(pairs, magnitudes).map { pair, magnitude in
      var worst = 0.0
      for index in pair.0.indices {
        let error = abs(pair.0[index] - pair.1[index])
        if !(error <= worst) { worst = error.isNaN ? .infinity : error }
      }
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
