import ConvoyAugmentation
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyReference
import ConvoySafetensors
import ConvoyTraining
import Foundation
import Optimizers
import Testing

/// Mixup and CutMix in training.
@Suite struct MixedSampleTests {
  private static let (batch, classes, smoothing) = (7, 4, 0.1)
  private static let classWeights = [1, 2, 0.5, 3]
  private static let seeds: Range<UInt64> = 0..<8

  /// Two steps of an epoch on a dense layer, with every setting that concerns mixing.
  private struct DenseRun {
    let run: TestRun
    let mixing: Mixing
    let epoch = 3

    init(_ method: Mixing.Method, seed: UInt64) throws {
      mixing = try Mixing(method, alpha: 1)
      run = try TestRun(
        [Flatten(), Dense(classes)],
        on: syntheticImages(count: 2 * batch, channels: 3, height: 4, width: 5),
        configuration: TrainingConfiguration(
          batchSize: batch, threads: 2, optimizer: try StochasticGradientDescent(learningRate: 0.1),
          seed: seed, shuffle: .off, labelSmoothing: smoothing,
          classWeights: .listed(classWeights), mixing: mixing),
        augmentation: try Augmentation("flip,crop:1"))
    }

    var weights: [[Double]] { run.weights.tensors.map { $0.values.map(Double.init) } }

    /// An image as the network would have it alone, in channel, row, column order.
    func values(_ number: Int) -> [Double] {
      let map = run.trainer.plan.input.values
      let memory = AlignedBuffer<Float>(count: map.count)
      run.store.write(
        SampleKey(seed: run.trainer.configuration.seed, epoch: epoch, number: number),
        to: memory.pointer, scratch: run.store.makeScratch())
      return (0..<map.shape.count).map { Double(memory.pointer[map.offset(of: $0)]) }
    }
  }

  /// What the steps give, computed from the definitions.
  private struct Expectation {
    var weights: [[Double]]
    var losses: [Double] = []
    var correct = 0
    /// Of each step's labels.
    var shares: [Double] = []

    init(_ run: DenseRun) {
      weights = run.weights
      for step in 0..<2 { take(step, run) }
    }

    private mutating func take(_ step: Int, _ run: DenseRun) {
      let shape = run.run.trainer.plan.inputShape
      let mixture = run.mixing.draw(
        seed: run.run.trainer.configuration.seed, epoch: run.epoch - 1, step: step)
      let (box, boxShare) = mixture.box(height: shape.height, width: shape.width)
      let share = run.mixing.method == .mixup ? mixture.share : boxShare
      shares.append(share)
      let numbers = Array(step * batch..<(step + 1) * batch)
      let divisor = numbers.reduce(0) { $0 + classWeights[run.run.store.label($1)] }
      var gradients = weights.map { $0.map { _ in 0.0 } }
      var total = 0.0
      for (number, partner) in zip(numbers, numbers.reversed()) {
        var values = run.values(number)
        for (index, other) in run.values(partner).enumerated() {
          let (row, column) = (index / shape.width % shape.height, index % shape.width)
          switch run.mixing.method {
          case .mixup: values[index] = share * values[index] + (1 - share) * other
          case .cutmix:
            if (box.top..<box.top + box.height).contains(row),
              (box.left..<box.left + box.width).contains(column)
            {
              values[index] = other
            }
          }
        }
        let logits = (0..<classes).map { unit in
          values.indices.reduce(weights[1][unit]) {
            $0 + weights[0][unit * values.count + $1] * values[$1]
          }
        }
        let labels = [number, partner].map(run.run.store.label)
        let larger = labels[share >= 0.5 ? 0 : 1]
        if logits.allSatisfy({ $0 <= logits[larger] }) { correct += 1 }
        for (label, part) in zip(labels, [share, 1 - share]) {
          let (loss, gradient) = smoothedCrossEntropy(
            logits: logits, label: label, smoothing: smoothing, weights: classWeights)
          total += part * loss / divisor
          for (unit, slope) in gradient.enumerated() {
            gradients[1][unit] += part * slope / divisor
            for (place, value) in values.enumerated() {
              gradients[0][unit * values.count + place] += part * slope * value / divisor
            }
          }
        }
      }
      losses.append(total)
      for tensor in weights.indices {
        for place in weights[tensor].indices {
          weights[tensor][place] -= 0.1 * gradients[tensor][place]
        }
      }
    }
  }

  /// In single precision, a logit of 60 products w x with |w| < 0.5 and |x| < 4 is within
  /// 60 · 60 · 2 · 2⁻²⁴ = 4.3e-4 of the exact one, in the worst case; errors of random signs are √60 as
  /// far from it, and so is a loss. A rate of 0.1 and |x| < 4 make them 0.4 as large in a weight.
  @Test(arguments: Mixing.Method.allCases)
  func aMixedStepFollowsTheReference(method: Mixing.Method) throws {
    var shares: [Double] = []
    for seed in Self.seeds {
      let run = try DenseRun(method, seed: seed)
      let expected = Expectation(run)
      let metrics = try run.run.trainer.runEpoch(run.epoch)
      for (found, loss) in zip(metrics.stepLosses, expected.losses) {
        #expect(abs(Double(found) - loss) < 1e-5, "seed \(seed)")
      }
      #expect(metrics.accuracy * 14 == Double(expected.correct), "seed \(seed)")
      let pairs = zip(run.weights.joined(), expected.weights.joined())
      let worst = pairs.map { abs($0 - $1) }.max() ?? .infinity
      #expect(worst < 4e-6, "seed \(seed)")
      shares += expected.shares
    }
    #expect(shares.contains { $0 < 0.5 } && shares.contains { $0 > 0.5 })
  }

  /// However a batch is cut; the last one has 27 samples.
  @Test(arguments: Mixing.Method.allCases)
  func anyNumberOfThreadsAndCoresGivesTheSameBits(method: Mixing.Method) throws {
    let mixing = try Mixing(method, alpha: 1)
    let one = try MixedRun(threads: 1, mixing: mixing)
    #expect(try MixedRun(threads: 3, mixing: mixing) == one)
    #expect(try MixedRun(threads: 64, cores: 64, mixing: mixing) == one)
    #expect(try MixedRun(threads: 1) != one)
  }

  @Test(arguments: Mixing.Method.allCases)
  func isReadBackAsItWasWritten(method: Mixing.Method) throws {
    let mixing = try Mixing(method, alpha: 0.3)
    let json = try JSONEncoder().encode(mixing)
    #expect(try JSONDecoder().decode(Mixing.self, from: json) == mixing)
    #expect(throws: AugmentationError.self) {
      try JSONDecoder().decode(
        Mixing.self, from: Data(#"{"method":"\#(method.rawValue)","alpha":0}"#.utf8))
    }
  }
}
