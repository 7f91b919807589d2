import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTestSupport
import ConvoyTraining
import Optimizers
import Testing

/// Training with products of bfloat16.
@Suite struct PrecisionTests {
  /// All three passes of the second and third convolution are Winograd's, of tiles that the map does not
  /// fill; of the first, and of its pooled gradients, none.
  private static let layers: [any Layer] = [
    Convolution(filters: 24, kernelSize: 3, stride: 1, padding: 1), ReLU(),
    MaxPooling(2, stride: 2),
    Convolution(filters: 24, kernelSize: 3, stride: 1, padding: 1), BatchNormalization(), ReLU(),
    Convolution(filters: 40, kernelSize: 5, stride: 1, padding: 2), BatchNormalization(), ReLU(),
    GlobalAveragePooling(), Dense(4),
  ]

  private func run(
    threads: Int = 2, _ precision: Precision = .bf16, set: InstructionSet? = nil,
    emulating: Bool = false
  ) throws -> MixedRun {
    let kernels = KernelDispatch.kernels(
      for: set ?? KernelDispatch.best.instructionSet, emulatingBFloat16: emulating)
    return try MixedRun(
      threads: threads, kernels: #require(kernels), precision: precision, layers: Self.layers)
  }

  @Test(arguments: [2, 3, 8])
  func anyNumberOfThreadsGivesTheSameBits(threads: Int) throws {
    #expect(try run(threads: threads) == run(threads: 1))
  }

  @Test func allInstructionSetsGiveTheSameBits() throws {
    let expected = try run(emulating: true)
    #expect(try run() == expected)
    for set in KernelDispatch.available where set.fusesMultiplyAdd {
      #expect(try run(set: set) == expected, "\(set)")
    }
  }

  /// The losses of a network that learns differ in their third or fourth digit.
  @Test func learnsAsInSinglePrecision() throws {
    let (half, single) = try (run(), run(.fp32))
    #expect(half.fingerprint != single.fingerprint)
    #expect(half.stepLosses.count == single.stepLosses.count)
    #expect(single.evaluation.accuracy > 0.5)
    for (loss, expected) in zip(half.stepLosses, single.stepLosses) {
      #expect(abs(loss - expected) < 0.02 * expected, "\(loss), \(expected)")
    }
  }

  /// Kernels are tested to the bit (`BFloat16Tests`); here, that plans call them for all tiles and filters.
  /// Of such networks, whose activations and most gradients are positive, steps differ by 0.1 to 2.5%; where
  /// sums cancel, and where maxima are chosen, as much rounding changes more.
  @Test(arguments: 0..<12)
  func stepsAreNearThoseOfSinglePrecision(seed: UInt64) throws {
    var generator = SeededGenerator(seed: 700 + seed)
    let kernelSize = generator.pick([3, 5])
    let convolutions = (0..<3).map { _ in
      Convolution(
        filters: generator.pick([16, 24, 40, 64]), kernelSize: kernelSize, padding: .same)
    }
    let images = syntheticImages(
      count: generator.integer(in: 4...37), height: generator.integer(in: 5...21),
      width: generator.integer(in: 5...21))
    func steps(_ precision: Precision) throws -> [[Double]] {
      let run = try TestRun(
        convolutions.flatMap { [$0, Sigmoid()] as [any Layer] }
          + [AveragePooling(2), Flatten(), Dense(4)],
        on: images,
        configuration: TrainingConfiguration(
          optimizer: try StochasticGradientDescent(learningRate: 1), precision: precision),
        loss: .meanSquaredError)
      #expect(run.trainer.plan.roundsProducts == (precision == .bf16))
      let before = run.weights.tensors
      _ = try run.trainer.runEpoch(1)
      return zip(before, run.weights.tensors).map { old, new in
        zip(old.values, new.values).map { Double($1) - Double($0) }
      }
    }
    for (half, single) in zip(try steps(.bf16), try steps(.fp32)) {
      func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      let distance = norm(zip(half, single).map { $0 - $1 })
      #expect(distance <= 0.04 * norm(single))
    }
  }

  /// Judging takes single precision, whatever the network was trained with.
  @Test(arguments: [1, 12, 16])
  func judgesInSinglePrecision(channels: Int) throws {
    func evaluation(_ precision: Precision) throws -> Evaluation {
      let images = syntheticImages(count: 60, channels: channels, height: 9, width: 9)
      let run = try TestRun(
        [
          Convolution(filters: 24, kernelSize: 3, padding: 1), ReLU(),
          Convolution(filters: 24, kernelSize: 3, padding: 1), ReLU(), Flatten(), Dense(4),
        ], on: images, configuration: TrainingConfiguration(precision: precision))
      return run.evaluator(threads: 2).evaluate()
    }
    #expect(try evaluation(.bf16) == evaluation(.fp32))
  }
}
