import ConvoyCPUFeatures
import ConvoyKernelInterface
import ConvoyKeyedRandom
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoySafetensors
import Optimizers
import Synchronization

/// Trains a network by mini-batches.
///
/// A step is a list of phases. The plan's come first: each chunk of the batch runs forward and backward,
/// depth first, in one worker's memory; and where chunks are smaller than groups, the groups' weight
/// gradients are summed apart. Then the parameters are updated block by block: a block's gradient is summed
/// over the groups, or made from the whole batch, and the optimizer uses it while it is in cache.
/// Clipping by norm needs all gradients before any update, and so two phases between: the blocks'
/// gradients with their norms, and the norm of them all.
///
/// Sound to share: whoever trains, reads or restores holds the parameters alone (`exclusively`). Among
/// the team's workers, in a phase of passes a worker writes its own memory and its chunk's part of the
/// batch's; in one of sums its piece of its group's slot; in the others its block's parameters, gradients,
/// moments and norm; one chunk writes the scale; and the team keeps the phases apart.
package final class Trainer: @unchecked Sendable {
  package let plan: NetworkPlan
  package let parameters: ParameterMemory
  package let configuration: TrainingConfiguration
  /// Steps taken since training began; may be asked from any thread.
  package var stepNumber: Int { stepsDone.load(ordering: .relaxed) }
  private let stepsDone = Atomic<Int>(0)
  /// Worker threads in use: at most the available cores, and the chunks of the largest phase.
  package var threads: Int { team.threads }

  /// Phases of a step, of which the plan's come first.
  package var phases: (count: Int, ofThePlan: Int) { (schedule.phases.count, plan.phases.count) }

  private let store: SampleStore
  private let blocks: [ParameterBlock]
  private let team: WorkerTeam
  private let cut: BatchCut
  private let batch: BatchMemory
  private let workers: PerWorker<Worker>
  private let gradients: AlignedBuffer<Float>
  let optimizer: OptimizerMemory
  /// Of each block's gradient, where the norm is wanted.
  private let squaredNorms: AlignedBuffer<Double>
  /// What all gradients of the step are multiplied by.
  private var gradientScale = 1.0
  private let results: AlignedBuffer<LossResult>
  private let faults = FaultRecord()
  private let schedule: StepSchedule

  /// - Parameter cores: that the work is cut for. No more threads run than the process may use.
  package init(
    plan: NetworkPlan, parameters: ParameterMemory, store: SampleStore,
    configuration: TrainingConfiguration, cores: Int = AvailableCores.count
  ) {
    let work = BatchWork(plan, configuration, images: store.count, cores: cores)
    let (plan, cut) = (work.plan, work.cut)
    self.plan = plan
    self.parameters = parameters
    self.store = store
    self.configuration = configuration
    self.cut = cut
    blocks = plan.blocks
    schedule = StepSchedule(
      work, blocks: blocks.count, clipsNorm: configuration.clipping.normLimit != .infinity)
    // More workers than a phase has chunks would find nothing to do.
    team = WorkerTeam(threads: min(configuration.threads, schedule.chunks.max() ?? 1))
    batch = work.makeBatchMemory()
    workers = PerWorker(count: team.threads) { Worker(plan, samples: cut.chunkSize) }
    let count = plan.storedParameterCount
    gradients = AlignedBuffer(count: count)
    optimizer = OptimizerMemory(configuration.optimizer, count: count)
    squaredNorms = AlignedBuffer(count: blocks.count)
    results = AlignedBuffer(count: cut.batchSize)
  }

  /// Goes on where a trainer of the same configuration was: after so many steps, with these moments,
  /// whose tensors are the network's.
  package func restore(stepNumber: Int, momentTensors: [[NamedTensor]]) {
    parameters.exclusively {
      stepsDone.store(stepNumber, ordering: .relaxed)
      optimizer.restore(momentTensors, of: plan)
    }
  }

  package var stepsAnEpoch: Int {
    (store.count + configuration.batchSize - 1) / configuration.batchSize
  }

  /// Trains on every image once, or on the first `stepLimit` batches of the epoch.
  ///
  /// - Parameter times: gets what the workers spent in each of the phases.
  package func runEpoch(
    _ epoch: Int, stepLimit: Int = .max, times: PhaseTimes? = nil
  ) throws(NonFiniteError) -> EpochMetrics {
    let progress = begin(epoch, stepLimit: stepLimit)
    try train(progress, times: times)
    return progress.metrics
  }

  /// Lays out an epoch.
  ///
  /// - Parameters:
  ///   - sums: of the steps that were done before an interruption, with their losses.
  package func begin(
    _ epoch: Int, stepLimit: Int = .max, sums: EpochProgress.Sums = EpochProgress.Sums(),
    stepLosses: [Float] = []
  ) -> EpochProgress {
    let count = store.count
    return EpochProgress(
      epoch: epoch,
      order: configuration.shuffles
        ? KeyedRandom(seed: configuration.seed, purpose: .shuffling, epoch).permutation(of: count)
        : Array(0..<count),
      steps: min(stepsAnEpoch, stepLimit), sums: sums, stepLosses: stepLosses)
  }

  /// Takes the next steps of an epoch.
  ///
  /// - Parameters:
  ///   - step: of the epoch; the last to be taken, if there are as many.
  ///   - times: gets what the workers spent in each of the phases.
  ///   - isStopped: asked after each step, from any thread: whether to take no other. The trainer holds
  ///     the parameters meanwhile, so it must not read, load or evaluate them.
  /// - Throws: `NonFiniteError` if a loss or gradient is not finite, or a weight or moment after the last
  ///   step.
  ///   Training cannot go on after it.
  package func train(
    _ progress: EpochProgress, upTo step: Int = .max, times: PhaseTimes? = nil,
    isStopped: @Sendable () -> Bool = { false }
  ) throws(NonFiniteError) {
    let fault = parameters.exclusively {
      takeSteps(progress, upTo: step, times: times, isStopped: isStopped)
      return faults.first.map { fault in
        // As in training, so that the pass makes the numbers that were at fault.
        flushingDenormals { error(of: fault, in: progress) }
      } ?? faultOfParameters(in: progress)
    }
    if let fault { throw fault }
  }

  /// An update that overflowed, which no pass has met yet.
  private func faultOfParameters(in progress: EpochProgress) -> NonFiniteError? {
    for block in blocks {
      let weights = unsafe UnsafeBufferPointer(
        rebasing: UnsafeBufferPointer(parameters.values.elements)[block.range])
      let areFinite = unsafe plan.areFinite(weights)
      if areFinite, unsafe optimizer.moments(of: block).allSatisfy({ unsafe plan.areFinite($0) }) {
        continue
      }
      return NonFiniteError(
        epoch: progress.epoch, step: stepNumber, quantity: areFinite ? .moment : .weight,
        layer: FaultyLayer(plan.layer(of: block)))
    }
    return nil
  }

  private func takeSteps(
    _ progress: EpochProgress, upTo step: Int, times: PhaseTimes?,
    isStopped: @Sendable () -> Bool
  ) {
    let (first, before) = (progress.sums.steps, stepNumber)
    let seconds = ContinuousClock().measure {
      unsafe progress.order.withUnsafeBufferPointer { order in
        // Sound to share: nobody writes the order while the team runs.
        nonisolated(unsafe) let order = unsafe order
        team.run(
          rounds: min(step, progress.steps) - first, phases: schedule.chunks, times: times,
          endsEarly: { isStopped() || faults.hasAny }
        ) { ticket in
          let step = unsafe TrainingStep(
            epoch: progress.epoch, index: first + ticket.round, number: before + ticket.round + 1,
            order: order, batchSize: configuration.batchSize)
          switch schedule.phases[ticket.phase].phase {
          case .plan(.passes(let times)):
            runPasses(times, ofChunk: ticket.chunk, of: step, by: workers[ticket.worker])
          case .plan(.groupSums):
            sumGroup(ticket.chunk, of: step, by: workers[ticket.worker])
          case .gradients: measureGradient(ticket.chunk, after: step, by: workers[ticket.worker])
          case .norm: measureNorm()
          case .updates where ticket.chunk < blocks.count:
            update(ticket.chunk, after: step, by: workers[ticket.worker])
          case .updates: recordResults(of: step, in: progress)
          }
        }
      }
    }
    progress.addTime(seconds / .seconds(1))
  }

  private func runPasses(
    _ times: Range<Int>, ofChunk chunk: Int, of step: TrainingStep, by worker: Worker
  ) {
    let plan = worker.plan
    let samples = cut.chunk(chunk, of: step.count)
    // The last batch may be short of chunks.
    if samples.isEmpty { return }
    let pass = pass(samples, group: cut.sumsGroupsApart ? nil : chunk, of: step, by: worker)
    if times.lowerBound == 0 { writeInput(of: pass, step, by: worker) }
    for place in cut.chunk(chunk + 1, of: step.count) {
      unsafe store.prefetch(step.sampleNumbers[place])
    }
    let scale = 1 / Float(step.count)
    plan.run(times, pass) {
      for sample in 0..<samples.count {
        let place = samples.lowerBound + sample
        let result = plan.evaluateLoss(
          pass, sample: sample, label: unsafe store.label(step.sampleNumbers[place]),
          scale: scale)
        unsafe results.pointer[place] = result
        if !result.loss.isFinite {
          faults.add(FaultRecord.Fault(step, .loss(place: place)))
        }
      }
    }
  }

  private func pass(
    _ samples: Range<Int>, group: Int?, of step: TrainingStep, by worker: Worker
  ) -> SamplePass {
    unsafe SamplePass(
      parameters: parameters, batch: batch, worker: worker.memory, samples: samples, group: group,
      training: SamplePass.TrainingKey(
        seed: configuration.seed, epoch: step.epoch, sampleNumbers: step.sampleNumbers))
  }

  private func writeInput(of pass: SamplePass, _ step: TrainingStep, by worker: Worker) {
    for (sample, place) in pass.samples.enumerated() {
      let key = SampleKey(
        seed: configuration.seed, epoch: step.epoch, number: unsafe step.sampleNumbers[place])
      unsafe store.write(key, to: pass.values(worker.plan.input, sample))
    }
  }

  private func sumGroup(_ chunk: Int, of step: TrainingStep, by worker: Worker) {
    // A worker makes one piece after another of a group, which it then has in its cache.
    let (group, piece) = chunk.quotientAndRemainder(dividingBy: worker.plan.groupSumPieces)
    let samples = cut.group(group, of: step.count)
    guard !samples.isEmpty else { return }
    worker.plan.sumGroup(
      SamplePass(
        sumOf: group, samples: samples, parameters: parameters, batch: batch,
        worker: worker.memory),
      piece: piece)
  }

  /// In a cache line of 64 bytes, the shortest there is.
  private static let floatsALine = 16

  /// The gradient of a block, made now.
  private func gradient(
    of block: ParameterBlock, after step: TrainingStep, by worker: Worker
  ) -> UnsafeBufferPointer<Float> {
    let gradient = unsafe gradients.pointer + block.range.lowerBound
    unsafe worker.plan.gradient(
      of: block, batch: batch, samples: step.count,
      groups: cut.groups(of: step.count), into: gradient)
    return unsafe UnsafeBufferPointer(start: gradient, count: block.range.count)
  }

  private func measureGradient(_ index: Int, after step: TrainingStep, by worker: Worker) {
    let sum = unsafe GradientNorm.sumOfSquares(
      of: gradient(of: blocks[index], after: step, by: worker))
    unsafe squaredNorms.pointer[index] = sum
    // Squares cannot overflow in double precision.
    if !sum.isFinite { addFault(ofBlock: index, step) }
  }

  /// The norm of all gradients, summed in the order of the blocks.
  private func measureNorm() {
    let sum = unsafe squaredNorms.elements.reduce(0, +)
    gradientScale = configuration.clipping.scale(ofNorm: sum.squareRoot())
  }

  private func addFault(ofBlock index: Int, _ step: TrainingStep) {
    faults.add(FaultRecord.Fault(step, .gradient(block: index)))
  }

  /// Updates a block, unless the step has a fault. One in a loss is known before any update: all
  /// parameters stay as they were, and a pass with them finds the layer. A gradient that is made here may
  /// be found at fault after other blocks have been updated; its block tells the layer.
  private func update(_ index: Int, after step: TrainingStep, by worker: Worker) {
    let block = blocks[index]
    let first = block.range.lowerBound
    // All cores have read the parameters; they come while the gradient is made.
    for offset in stride(from: 0, to: block.range.count, by: Self.floatsALine) {
      unsafe convoy_prefetch_for_writing(parameters.values.pointer + first + offset)
    }
    let gradient =
      unsafe schedule.clipsNorm
      ? UnsafeBufferPointer(rebasing: UnsafeBufferPointer(gradients.elements)[block.range])
      : gradient(of: block, after: step, by: worker)
    if !schedule.clipsNorm, unsafe !worker.plan.areFinite(gradient) {
      addFault(ofBlock: index, step)
    }
    if faults.hasAny { return }
    unsafe optimizer.update(
      block, of: parameters, along: gradient,
      step: UpdateStep(
        number: step.number,
        learningRate: configuration.schedule?.rate(at: step.number)
          ?? configuration.optimizer.learningRate,
        isDecayed: block.isDecayed, gradientScale: gradientScale,
        gradientLimit: configuration.clipping.gradientLimit))
    worker.plan.refresh(block, in: parameters)
  }

  private func recordResults(of step: TrainingStep, in progress: EpochProgress) {
    unsafe progress.add(UnsafeBufferPointer(start: results.pointer, count: step.count)) {
      unsafe store.label(step.sampleNumbers[$0])
    }
    stepsDone.store(step.number, ordering: .relaxed)
  }

  /// Finds the layer of a fault. A loss's is found by running its sample once more.
  private func error(of fault: FaultRecord.Fault, in progress: EpochProgress) -> NonFiniteError {
    unsafe progress.order.withUnsafeBufferPointer { order in
      let step = unsafe TrainingStep(
        epoch: progress.epoch, index: fault.stepIndex, number: fault.stepNumber, order: order,
        batchSize: configuration.batchSize)
      return fault.error(in: step, blocks: blocks, of: plan) { place in
        let pass = pass(place..<place + 1, group: nil, of: step, by: workers[0])
        writeInput(of: pass, step, by: workers[0])
        return pass
      }
    }
  }
}
