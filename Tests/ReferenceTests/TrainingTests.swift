import ConvoyReference
import Synchronization
import Testing

/// What passes a layer, sample by sample.
private final class Record: Sendable {
  let batches = Mutex<[[Double]]>([])
}

/// Passes a batch on, and records the first value of each sample.
private struct Recorder: ReferenceLayer {
  let record: Record

  func forward(_ input: ReferenceTensor<Double>) -> ReferenceTensor<Double> { input }

  func forward(batch inputs: [ReferenceTensor<Double>]) -> [ReferenceTensor<Double>] {
    record.batches.withLock { $0.append(inputs.map { $0.values[0] }) }
    return inputs
  }

  func backward(
    input: ReferenceTensor<Double>, output: ReferenceTensor<Double>,
    outputGradient: ReferenceTensor<Double>
  ) -> ReferenceGradients<Double> { ReferenceGradients(input: outputGradient) }
}

@Suite("Training")
struct TrainingTests {
  /// Sample i is the vector (i, 1), of class i mod 2.
  private static let samples = ReferenceSamples(
    inputs: (0..<10).map { ReferenceTensor(vector: [Double($0), 1]) },
    labels: (0..<10).map { $0 % 2 })

  private static func dense(_ weights: [Double]) -> ReferenceDense<Double> {
    ReferenceDense(inputFeatures: 2, units: 2, weights: weights, biases: [0, 0])
  }

  /// The batches that pass in some epochs.
  private static func batches(
    seed: UInt64, epochs: Int = 1, shuffle: Bool = true
  ) -> [[Double]] {
    let record = Record()
    var network = ReferenceNetwork<Double>(layers: [
      Recorder(record: record), dense([1, 2, 3, 4]),
    ])
    var optimizer = ReferenceGradientDescent<Double>()
    var generator = ReferenceGenerator(seed: seed)
    for _ in 0..<epochs {
      network.trainEpoch(
        on: samples, batch: 4, shuffle: shuffle, optimizer: &optimizer, using: &generator)
    }
    return record.batches.withLock { $0 }
  }

  @Test("an epoch has each sample once, in an order that the seed draws")
  func order() {
    let inOrder: [[Double]] = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    #expect(Self.batches(seed: 1, shuffle: false) == inOrder)
    let epochs = Self.batches(seed: 1, epochs: 2)
    let sizes: [Int] = [4, 4, 2, 4, 4, 2]
    #expect(epochs.map(\.count) == sizes)
    let first: [Double] = Array(epochs[..<3].joined())
    let second: [Double] = Array(epochs[3...].joined())
    let sorted: [Double] = Array(inOrder.joined())
    #expect(first.sorted() == sorted)
    #expect(second.sorted() == sorted)
    #expect(first != sorted)
    #expect(second != first)
    #expect(Self.batches(seed: 1, epochs: 2) == epochs)
    #expect(Self.batches(seed: 2, epochs: 2) != epochs)
  }

  @Test("a step follows the gradients of the batch's mean loss; results are those before each step")
  func steps() {
    var network = ReferenceNetwork(layers: [Self.dense([0.1, -0.2, 0.3, 0])], loss: .hinge)
    var expected = network
    var losses = 0.0
    for batch in [0..<4, 4..<8, 8..<10] {
      let part = Self.samples[batch]
      let gradients = expected.backward(inputs: part.inputs, labels: part.labels)
      losses += gradients.losses.reduce(0) { $0 + $1 }
      expected.parameters = zip(expected.parameters, gradients.parameters)
        .map { parameter, gradient in parameter - 0.5 * gradient }
    }
    var optimizer = ReferenceGradientDescent<Double>(learningRate: 0.5)
    var generator = ReferenceGenerator(seed: 0)
    let training = network.trainEpoch(
      on: Self.samples, batch: 4, shuffle: false, optimizer: &optimizer, using: &generator)
    #expect(network.parameters == expected.parameters)
    #expect(abs(training.loss - losses / 10) <= 1e-15 * losses)

    // At a rate of 0 nothing changes, so training and evaluation see the same network.
    optimizer.learningRate = 0
    let before = network.parameters
    let still = network.trainEpoch(
      on: Self.samples, batch: 4, shuffle: false, optimizer: &optimizer, using: &generator)
    #expect(network.parameters == before)
    #expect(still == network.evaluate(on: Self.samples))
  }

  @Test("dropout drops in training steps alone, also in a residual", arguments: [false, true])
  func dropout(inResidual: Bool) {
    let dropout = ReferenceDropout<Double>(rate: 0.25)
    let layer: any ReferenceLayer<Double> =
      inResidual
      ? ReferenceResidual(layers: [dropout], shortcut: [ReferenceActivation.scale(factor: 0)])
      : dropout
    let network = ReferenceNetwork(layers: [layer], loss: .meanSquaredError)
    let input = ReferenceTensor(vector: Array(repeating: 1.0, count: 4000))
    #expect(network.forward([input]) == [input])
    var generator = ReferenceGenerator(seed: 4)
    func logits() -> [Double] {
      network.backward(inputs: [input], labels: [0], using: &generator).logits[0].values
    }
    let (first, second) = (logits(), logits())
    let kept = 1 / 0.75
    #expect(first.allSatisfy { $0 == 0 || $0 == kept })
    // The deviation of the number of dropped values is √(4000 · 0.25 · 0.75) = 27.
    let dropped = first.count { $0 == 0 }
    #expect(abs(dropped - 1000) <= 5 * 27)
    #expect(second != first)
  }
}
