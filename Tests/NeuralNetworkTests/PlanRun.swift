import ConvoyKernelInterface
import ConvoyNeuralNetwork

/// A plan with parameters, run forward and backward over one batch as a trainer would.
struct PlanRun {
  let plan: NetworkPlan
  let parameters: ParameterMemory
  private let guards: GuardBands

  /// - Parameter plan: made with guard bands, if anyone is to be found who reaches too far.
  init(plan: NetworkPlan) {
    self.plan = plan
    parameters = ParameterMemory(plan)
    guards = GuardBands(plan, parameters)
  }

  struct Result {
    let losses: [Double]
    /// By tensor, in the files' layout; the mean over the batch.
    let gradients: [[Double]]
    /// Gradients other than zero, those of added channels included.
    let storedGradients: Int
    /// Memory that belongs to nobody and was written to, in words.
    let brokenGuard: String?
  }

  static let seed: UInt64 = 5
  static let epoch = 2

  /// - Parameters:
  ///   - images: in channel, row, column order.
  ///   - shardSize: samples of a shard; the last may have fewer.
  func run(images: [[Double]], labels: [Int], shardSize: Int) -> Result {
    let count = images.count
    let shards = (count + shardSize - 1) / shardSize
    let batch = BatchMemory(plan, samples: count, slots: shards)
    let worker = WorkerMemory(plan, samples: shardSize)
    let bands = GuardBands(plan, batch, worker, samples: shardSize)
    var losses: [Double] = []
    let numbers = Array(0..<count)
    // A pass does not keep the batch's memory alive.
    defer { extendLifetime(batch) }
    numbers.withUnsafeBufferPointer { numbers in
      for shard in 0..<shards {
        let samples = shard * shardSize..<min((shard + 1) * shardSize, count)
        let pass = ShardPass(
          parameters: parameters, batch: batch, worker: worker, samples: samples, shard: shard,
          training: numbers.baseAddress.map {
            ShardPass.TrainingKey(seed: Self.seed, epoch: Self.epoch, sampleNumbers: $0)
          })
        for (place, sample) in samples.enumerated() {
          for (index, value) in images[sample].enumerated() {
            pass.values(plan.input, place)[plan.input.values.offset(of: index)] = Float(value)
          }
        }
        plan.forward(pass)
        for (place, sample) in samples.enumerated() {
          let result = plan.evaluateLoss(
            pass, sample: place, label: labels[sample], scale: 1 / Float(count))
          losses.append(Double(result.loss))
        }
        plan.backward(pass)
      }
    }
    let gradients = ParameterMemory(plan)
    let gradientBands = GuardBands(plan, gradients)
    for block in plan.blocks {
      plan.gradient(
        of: block, batch: batch, samples: count, shards: shards,
        into: gradients.values.pointer + block.range.lowerBound)
    }
    let broken = guards.firstBroken ?? bands.firstBroken ?? gradientBands.firstBroken
    for place in plan.bands.parameters.joined() { gradients.values.pointer[place] = 0 }
    return Result(
      losses: losses, gradients: plan.tensors.map { $0.read(from: gradients).map(Double.init) },
      storedGradients: gradients.values.elements.count { $0 != 0 }, brokenGuard: broken)
  }
}
