import KernelInterface
import KeyedRandom
import NeuralNetwork
import Optimizers
import Synchronization

/// Trains a network by mini-batches.
///
/// A step has two phases. First each shard of the batch runs forward and backward, depth first, in
/// one worker's memory. Then the parameters are updated block by block: a block's gradient is summed
/// over the shards, or made from the whole batch, and the optimizer uses it while it is in cache.
/// Clipping by norm needs all gradients before any update, and so a phase between the two.
///
/// Sound to share with the team's workers: in the first phase a worker writes its own memory and its
/// shard's part of the batch's; in the others its block's parameters, gradients, moments and norm;
/// and the team keeps the phases apart.
package final class Trainer: @unchecked Sendable {
  package let plan: NetworkPlan
  package let parameters: ParameterMemory
  package let configuration: TrainingConfiguration
  /// Steps taken since training began; may be asked from any thread.
  package var stepNumber: Int { stepsDone.load(ordering: .relaxed) }
  private let stepsDone = Atomic<Int>(0)

  private let source: SampleSource
  private let blocks: [ParameterBlock]
  private let team: WorkerTeam
  private let cut: ShardCut
  private let batch: BatchMemory
  private let workers: PerWorker<WorkerMemory>
  private let gradients: AlignedBuffer<Float>
  /// The optimizer's moments, an array for each parameter after another.
  private let moments: AlignedBuffer<Float>
  /// Of each block's gradient, where the norm is wanted.
  private let squaredNorms: AlignedBuffer<Double>
  private let results: AlignedBuffer<LossResult>

  package init(
    plan: NetworkPlan, parameters: ParameterMemory, source: SampleSource,
    configuration: TrainingConfiguration
  ) {
    self.plan = plan
    self.parameters = parameters
    self.source = source
    self.configuration = configuration
    let batchSize = min(configuration.batchSize, max(1, source.images.count))
    let cut = ShardCut(batchSize: batchSize, slotBytes: plan.slotBytes)
    self.cut = cut
    blocks = plan.blocks
    // More workers than a phase has chunks would find nothing to do.
    team = WorkerTeam(
      threads: min(configuration.threads, max(cut.shards, blocks.count + 1)))
    batch = BatchMemory(plan, samples: batchSize, slots: cut.shards)
    workers = PerWorker(count: team.threads) { WorkerMemory(plan, samples: cut.shardSize) }
    let count = plan.storedParameterCount
    gradients = AlignedBuffer(count: count)
    moments = AlignedBuffer(count: count * configuration.optimizer.momentCount)
    squaredNorms = AlignedBuffer(count: blocks.count)
    results = AlignedBuffer(count: batchSize)
  }

  package var stepsAnEpoch: Int {
    (source.images.count + configuration.batchSize - 1) / configuration.batchSize
  }

  /// Trains on every image once, or on the first `stepLimit` batches of the epoch.
  ///
  /// - Parameter times: gets what the workers spent in the phases, of which shards are the first.
  package func runEpoch(
    _ epoch: Int, stepLimit: Int = .max, times: PhaseTimes? = nil
  ) -> EpochMetrics {
    let count = source.images.count
    let order =
      configuration.shuffles
      ? KeyedRandom(seed: configuration.seed, purpose: .shuffling, epoch).permutation(of: count)
      : Array(0..<count)
    let steps = min(stepsAnEpoch, stepLimit)
    let record = EpochRecord(steps: steps)
    let before = stepNumber
    let seconds = ContinuousClock().measure {
      order.withUnsafeBufferPointer { order in
        // Sound to share: nobody writes the order while the team runs.
        nonisolated(unsafe) let order = order
        let blocks = blocks.count
        let phases = [cut.shards] + (clipsNorm ? [blocks] : []) + [blocks + 1]
        team.run(rounds: steps, phases: phases, times: times) { ticket in
          let step = Step(
            epoch: epoch, index: ticket.round, number: before + ticket.round + 1, order: order,
            batchSize: configuration.batchSize)
          if ticket.phase == 0 {
            runShard(ticket.chunk, of: step, worker: ticket.worker)
          } else if ticket.phase < phases.count - 1 {
            measureGradient(ticket.chunk, after: step)
          } else if ticket.chunk < blocks {
            update(ticket.chunk, after: step)
          } else {
            recordResults(of: step, in: record)
          }
        }
      }
    }
    return record.metrics(seconds: seconds / .seconds(1))
  }

  /// Which samples a step takes.
  private struct Step {
    let epoch: Int
    /// In the epoch, from 0.
    let index: Int
    /// Since training began, from 1.
    let number: Int
    /// The step's samples, by their number in the data set.
    let samples: UnsafeBufferPointer<Int>

    init(
      epoch: Int, index: Int, number: Int, order: UnsafeBufferPointer<Int>, batchSize: Int
    ) {
      self.epoch = epoch
      self.index = index
      self.number = number
      let first = index * batchSize
      samples = UnsafeBufferPointer(
        rebasing: order[first..<min(first + batchSize, order.count)])
    }
  }

  private func runShard(_ shard: Int, of step: Step, worker: Int) {
    let samples = cut.range(shard, of: step.samples.count)
    // The last batch may be short of shards.
    guard !samples.isEmpty, let numbers = step.samples.baseAddress else { return }
    let pass = ShardPass(
      parameters: parameters, batch: batch, worker: workers[worker], samples: samples,
      shard: shard,
      training: ShardPass.TrainingKey(
        seed: configuration.seed, epoch: step.epoch, sampleNumbers: numbers))
    for sample in 0..<samples.count {
      source.write(numbers[samples.lowerBound + sample], to: pass.values(plan.input, sample))
    }
    plan.forward(pass)
    let scale = 1 / Float(step.samples.count)
    for sample in 0..<samples.count {
      let place = samples.lowerBound + sample
      results.pointer[place] = plan.evaluateLoss(
        pass, sample: sample, label: source.label(numbers[place]), scale: scale)
    }
    plan.backward(pass)
  }

  private var clipsNorm: Bool { configuration.clipping.normLimit != .infinity }

  /// The gradient of a block, made now.
  private func gradient(of block: ParameterBlock, after step: Step) -> UnsafeBufferPointer<Float> {
    let gradient = gradients.pointer + block.range.lowerBound
    plan.gradient(
      of: block, batch: batch, samples: step.samples.count,
      shards: cut.shards(of: step.samples.count), into: gradient)
    return UnsafeBufferPointer(start: gradient, count: block.range.count)
  }

  private func measureGradient(_ index: Int, after step: Step) {
    squaredNorms.pointer[index] = GradientNorm.sumOfSquares(
      of: gradient(of: blocks[index], after: step))
  }

  /// What all gradients of the step are multiplied by: every block finds the same, from sums in the
  /// order of the blocks.
  private var gradientScale: Double {
    guard clipsNorm else { return 1 }
    let sum = squaredNorms.elements.reduce(0, +)
    return configuration.clipping.scale(ofNorm: sum.squareRoot())
  }

  private func update(_ index: Int, after step: Step) {
    let block = blocks[index]
    let first = block.range.lowerBound
    let gradient =
      clipsNorm
      ? UnsafeBufferPointer(rebasing: UnsafeBufferPointer(gradients.elements)[block.range])
      : gradient(of: block, after: step)
    let optimizer = configuration.optimizer
    func moment(_ number: Int) -> UnsafeMutablePointer<Float>? {
      guard number < optimizer.momentCount else { return nil }
      return moments.pointer + number * gradients.count + first
    }
    optimizer.update(
      UnsafeMutableBufferPointer(rebasing: parameters.values.elements[block.range]),
      along: gradient,
      moments: Moments(first: moment(0), second: moment(1), third: moment(2)),
      step: UpdateStep(
        number: step.number,
        learningRate: configuration.schedule?.rate(at: step.number) ?? optimizer.learningRate,
        isDecayed: !block.isBias, gradientScale: gradientScale,
        gradientLimit: configuration.clipping.gradientLimit))
    plan.refresh(block, in: parameters)
  }

  private func recordResults(of step: Step, in record: EpochRecord) {
    record.add(
      UnsafeBufferPointer(start: results.pointer, count: step.samples.count), step: step.index
    ) { source.label(step.samples[$0]) }
    stepsDone.store(step.number, ordering: .relaxed)
  }
}
