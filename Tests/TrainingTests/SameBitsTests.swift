import Datasets
import KernelDispatch
import KernelInterface
import NeuralNetwork
import Optimizers
import Testing
import Training

/// A run's result does not depend on who computed it.
@Suite struct SameBitsTests {
  /// Every kind of stage, with dropout, and a batch size that leaves a ragged last batch.
  private static let layers: [Layer] = [
    .convolution(filters: 6, kernelSize: 3, stride: 1, padding: 1), .relu,
    .maxPooling(kernelSize: 2, stride: 2), .dropout(rate: 0.2),
    .convolution(filters: 9, kernelSize: 3, stride: 2, padding: 1), .tanh,
    .averagePooling(kernelSize: 2, stride: 1), .flatten, .dense(units: 17), .sigmoid,
    .dropout(rate: 0.5), .dense(units: 4),
  ]

  private func train(
    threads: Int, batchSize: Int = 50, kernels: any KernelSet = KernelDispatch.best
  ) throws -> (WeightTensors, EpochMetrics, Evaluation) {
    let images = syntheticImages(count: 177)
    let run = try TestRun(
      Self.layers, on: images,
      configuration: TrainingConfiguration(
        batchSize: batchSize, threads: threads,
        optimizer: try Adam(learningRate: 0.01, l2: 0.001),
        seed: 9),
      kernels: kernels)
    var metrics = try run.trainer.runEpoch(1)
    metrics = try run.trainer.runEpoch(2)
    let evaluation = Evaluator(run.trainer.plan, source: run.source, threads: threads)
      .evaluate(run.trainer.parameters)
    return (run.weights, metrics, evaluation)
  }

  @Test(arguments: [2, 3, 8], [50, 64, 1])
  func anyNumberOfThreadsGivesTheSameBits(threads: Int, batchSize: Int) throws {
    let one = try train(threads: 1, batchSize: batchSize)
    let many = try train(threads: threads, batchSize: batchSize)
    #expect(one.0 == many.0)
    #expect(one.0.fingerprint == many.0.fingerprint)
    #expect(one.1.stepLosses == many.1.stepLosses)
    #expect(one.1.accuracy == many.1.accuracy)
    #expect(one.2 == many.2)
  }

  @Test func instructionSetsWithFusedMultiplyAddGiveTheSameBits() throws {
    let sets = KernelDispatch.available.filter { $0 != .baseline }
    let fingerprints = try sets.map { set in
      try train(threads: 2, kernels: #require(KernelDispatch.kernels(for: set))).0.fingerprint
    }
    #expect(Set(fingerprints).count <= 1, "\(sets): \(fingerprints)")
  }

  @Test func theSeedDecides() throws {
    func weights(seed: UInt64) throws -> String {
      let run = try TestRun(
        Self.layers, on: syntheticImages(count: 60),
        configuration: TrainingConfiguration(batchSize: 20, seed: seed))
      _ = try run.trainer.runEpoch(1)
      return run.weights.fingerprint
    }
    #expect(try weights(seed: 1) == weights(seed: 1))
    #expect(try weights(seed: 1) != weights(seed: 2))
  }
}
