import ConvoyAugmentation
import ConvoyCPUFeatures
import ConvoyKernelInterface
import ConvoyKeyedRandom
import ConvoyMessagePassing
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoySafetensors
import Optimizers
import Synchronization

/// Trains a network with mini-batches.
///
/// A step is a sequence of phases. First come the plan's: each chunk of the batch runs forward and
/// backward, depth first, in one worker's memory; if chunks are smaller than groups, the groups'
/// weight gradients are then summed in a separate phase. Finally the parameters are updated block
/// by block: a block's gradient is summed over groups, or computed from the whole batch, and the
/// optimizer uses it while it is in cache. Clipping by norm needs all gradients before any update,
/// and so adds two phases in between: the blocks' gradients with their norms, and the total norm. An
/// optimizer that looks at whole tensors adds two more; see `TensorUpdates`. Ranks that share a batch
/// exchange what later phases need of it; see `RankExchange`.
///
/// Sound to share: training, reading and restoring all hold the parameters and their average
/// exclusively (`exclusively`). Among the team's workers: in a phase of passes, a worker writes its
/// own memory and its chunk's part of the batch's; in a phase of sums, its piece of its group's slot;
/// in the other phases, its block's parameters, gradients, moments, average and norm. One chunk writes
/// the scale, and the team separates the phases.
package final class Trainer: @unchecked Sendable {
  package let plan: NetworkPlan
  package let parameters: ParameterMemory
  package let configuration: TrainingConfiguration
  /// Steps taken since training began; may be asked from any thread.
  package var stepNumber: Int { stepsDone.load(ordering: .relaxed) }
  private let stepsDone = Atomic<Int>(0)
  /// Worker threads in use: at most the available cores, and the chunks of the largest phase.
  package var threads: Int { team.threads }

  /// The number of phases in a step, and of those the leading ones that belong to the plan.
  package var phases: (count: Int, ofThePlan: Int) { (schedule.phases.count, plan.phases.count) }

  /// The chunks that each phase can be dealt in.
  package var phaseChunks: [Int] { schedule.chunks }

  /// The groups of a batch, which ranks share.
  package var groupsABatch: Int { cut.groups }

  private let store: SampleStore
  private let blocks: [ParameterBlock]
  private let team: WorkerTeam
  private let cut: BatchCut
  private let batch: BatchMemory
  private let workers: PerWorker<Worker>
  private let scratches: PerWorker<SampleScratch>
  private let gradients: AlignedBuffer<Float>
  let optimizer: OptimizerMemory
  /// Nil for an optimizer that updates each parameter by itself.
  private let tensors: TensorUpdates?
  /// Nil without averaging.
  let average: WeightAverage?
  /// Of each block's gradient, where the norm is wanted.
  private let squaredNorms: AlignedBuffer<Double>
  /// Of all gradients of the step, before clipping, where it is wanted.
  private var gradientNorm = 0.0
  /// The factor by which all gradients of the step are multiplied.
  private var gradientScale = 1.0
  private let results: AlignedBuffer<LossResult>
  private let faults = FaultRecord()
  private let schedule: StepSchedule
  /// Nil for a process by itself.
  private let exchange: RankExchange?
  /// Nil where each label's target is 1.
  private let targets: CrossEntropyTargets?

  /// - Parameters:
  ///   - cores: the cores that the work is divided for. Threads are capped at the available cores in
  ///     any case.
  ///   - ranks: that share each batch.
  package init(
    plan: NetworkPlan, parameters: ParameterMemory, store: SampleStore,
    configuration: TrainingConfiguration, cores: Int = AvailableCores.count,
    ranks: any MessagePassing = SingleProcess()
  ) {
    let work = BatchWork(
      plan, configuration, images: store.count, cores: cores, rank: ranks.rank, ranks: ranks.size)
    let (plan, cut) = (work.plan, work.cut)
    self.plan = plan
    self.parameters = parameters
    self.store = store
    self.configuration = configuration
    self.cut = cut
    blocks = plan.updatedBlocks
    let tensors = TensorUpdates(
      configuration.optimizer, plan, blocks: blocks.count, workers: configuration.threads)
    self.tensors = tensors
    batch = work.makeBatchMemory()
    let count = plan.storedParameterCount
    gradients = AlignedBuffer(count: count)
    results = AlignedBuffer(count: cut.batchSize)
    exchange =
      ranks.size > 1
      ? unsafe RankExchange(
        ranks, plan, cut, batch: batch, gradients: gradients.pointer, results: results.pointer)
      : nil
    schedule = StepSchedule(
      work, blocks: blocks.count, tensors: tensors?.tensors.count,
      measuresNorm: configuration.measuresGradientNorm
        || configuration.clipping.normLimit != .infinity, exchange: exchange)
    // More workers than chunks in the largest phase would be idle.
    team = WorkerTeam(threads: min(configuration.threads, schedule.chunks.max() ?? 1))
    workers = PerWorker(count: team.threads) { Worker(plan, samples: cut.chunkSize) }
    let mixedClasses = configuration.mixing == nil ? 0 : plan.classes
    scratches = PerWorker(count: team.threads) { store.makeScratch(mixedClasses: mixedClasses) }
    optimizer = OptimizerMemory(configuration.optimizer, count: count)
    average = WeightAverage(configuration.averaging, of: parameters, plan)
    squaredNorms = AlignedBuffer(count: blocks.count)
    let weights = configuration.classWeights?.numbers(
      classes: plan.classes, labels: (0..<store.count).lazy.map(store.label))
    targets =
      configuration.labelSmoothing > 0 || weights != nil || configuration.mixing != nil
      ? CrossEntropyTargets(
        classes: plan.classes, smoothing: configuration.labelSmoothing, weights: weights) : nil
    precondition(
      targets == nil || plan.loss == .crossEntropy, "only cross-entropy has targets of its own")
  }

  /// The parameters that the network is judged and saved by: the average, if there is one.
  package var judgedParameters: ParameterMemory { average?.memory ?? parameters }

  /// Runs `body` while no other thread uses the parameters or their average.
  func exclusively<Result>(_ body: () throws -> Result) rethrows -> Result {
    try parameters.exclusively {
      try average.map { try $0.memory.exclusively(body) } ?? body()
    }
  }

  /// Continues from another trainer of the same configuration, with its weights loaded already.
  ///
  /// - Parameters:
  ///   - stepNumber: the steps it had taken.
  ///   - momentTensors: its moments, as the network's tensors.
  ///   - averageTensors: its average, as the network's tensors without counts.
  package func restore(
    stepNumber: Int, momentTensors: [[NamedTensor]], averageTensors: [NamedTensor]
  ) {
    exclusively {
      stepsDone.store(stepNumber, ordering: .relaxed)
      optimizer.restore(momentTensors, of: plan)
      guard let average else { return }
      for (place, tensor) in zip(plan.averagedTensors, averageTensors) {
        place.write(tensor.values, to: average.memory)
      }
      average.complete(from: parameters, of: plan)
    }
  }

  package var stepsAnEpoch: Int { configuration.steps(ofImages: store.count) }

  /// Trains on every image once, or on the first `stepLimit` batches of the epoch. The configuration
  /// may leave out a last batch that is smaller.
  ///
  /// - Parameter times: accumulates the time of each worker in each phase.
  package func runEpoch(
    _ epoch: Int, stepLimit: Int = .max, times: PhaseTimes? = nil
  ) throws(NonFiniteError) -> EpochMetrics {
    let progress = begin(epoch, stepLimit: stepLimit)
    try train(progress, times: times)
    return progress.metrics
  }

  /// Prepares an epoch.
  ///
  /// - Parameters:
  ///   - sums: totals of the steps done before an interruption.
  ///   - stepLosses: the losses of those steps.
  package func begin(
    _ epoch: Int, stepLimit: Int = .max, sums: EpochProgress.Sums = EpochProgress.Sums(),
    stepLosses: [Float] = []
  ) -> EpochProgress {
    EpochProgress(
      epoch: epoch,
      order: configuration.shuffle.order(
        images: store.count, imageSize: store.imageSize, seed: configuration.seed, epoch: epoch),
      readAhead: ReadAhead(
        store, configuration.shuffle, seed: configuration.seed, epoch: epoch, after: sums.samples),
      steps: min(stepsAnEpoch, stepLimit), sums: sums, stepLosses: stepLosses)
  }

  /// Runs the next steps of an epoch.
  ///
  /// - Parameters:
  ///   - step: the step of the epoch to stop after, or the last one if there are fewer.
  ///   - times: accumulates the time of each worker in each phase.
  ///   - isStopped: asked after each step, from any thread, whether to stop. The trainer holds the
  ///     parameters meanwhile, so neither closure may read, load or evaluate them.
  ///   - onStep: called with the results of each step, from any thread, before the next step begins.
  /// - Throws: `NonFiniteError` if a loss or gradient is not finite, or a weight or moment after
  ///   the last step. Training cannot continue after it.
  package func train(
    _ progress: EpochProgress, upTo step: Int = .max, times: PhaseTimes? = nil,
    isStopped: @Sendable () -> Bool = { false },
    onStep: (@Sendable (TrainedStep) -> Void)? = nil
  ) throws(NonFiniteError) {
    let fault = exclusively {
      takeSteps(progress, upTo: step, times: times, isStopped: isStopped, onStep: onStep)
      average?.complete(from: parameters, of: plan)
      return faults.first.map { fault in
        // With denormals flushed as in training, so that the pass reproduces the fault.
        flushingDenormals { error(of: fault, in: progress) }
      } ?? faultOfParameters(in: progress)
    }
    if let fault { throw fault }
  }

  /// Finds an overflow in the last update, which no pass has read yet.
  private func faultOfParameters(in progress: EpochProgress) -> NonFiniteError? {
    for block in blocks {
      let areFinite = areFinite(block)
      if areFinite, unsafe optimizer.moments(of: block).allSatisfy({ unsafe plan.areFinite($0) }) {
        continue
      }
      return NonFiniteError(
        epoch: progress.epoch, step: stepNumber, quantity: areFinite ? .moment : .weight,
        layer: FaultyLayer(plan.layer(of: block)))
    }
    return nil
  }

  private func areFinite(_ block: ParameterBlock) -> Bool {
    unsafe plan.areFinite(
      UnsafeBufferPointer(
        rebasing: UnsafeBufferPointer(parameters.values.elements)[block.range]))
  }

  private func takeSteps(
    _ progress: EpochProgress, upTo step: Int, times: PhaseTimes?,
    isStopped: @Sendable () -> Bool, onStep: (@Sendable (TrainedStep) -> Void)?
  ) {
    let (first, before) = (progress.sums.steps, stepNumber)
    let seconds = ContinuousClock().measure {
      unsafe progress.order.withUnsafeBufferPointer { order in
        // Sound to share: the order is not written while the team runs.
        nonisolated(unsafe) let order = unsafe order
        team.run(
          rounds: min(step, progress.steps) - first, phases: schedule.chunks, times: times,
          endsEarly: { exchange.map(\.isStopped) ?? (isStopped() || faults.hasAny) }
        ) { ticket in
          let step = unsafe TrainingStep(
            epoch: progress.epoch, index: first + ticket.round, number: before + ticket.round + 1,
            order: order, batchSize: configuration.batchSize)
          switch schedule.phases[ticket.phase].phase {
          case .plan(.passes(let times)):
            if times.lowerBound == 0, ticket.chunk == 0 {
              progress.readAhead?.advance(over: step.places)
            }
            runPasses(
              times, ofChunk: ticket.chunk, of: step, by: workers[ticket.worker],
              scratches[ticket.worker])
          case .plan(.statistics(let time)):
            workers[ticket.worker].plan.combineStatistics(
              at: time, piece: ticket.chunk, parameters: parameters, batch: batch,
              samples: step.count)
          case .plan(.groupSums):
            sumGroup(ticket.chunk, of: step, by: workers[ticket.worker])
          case .rankStatistics(let time):
            exchange?.gatherStatistics(at: time, samples: step.count)
          case .rankSums where ticket.chunk == 0: exchange?.dealSamples(samples: step.count)
          case .rankSums: exchange?.sum(piece: ticket.chunk - 1, samples: step.count)
          case .rankDeal: exchange?.dealSums(samples: step.count)
          case .rankGradients:
            exchange?.makeGradients(
              piece: ticket.chunk, samples: step.count, by: workers[ticket.worker].plan)
          case .rankGather: gatherRanks(after: step, isStopped: isStopped)
          case .gradients: measureGradient(ticket.chunk, after: step, by: workers[ticket.worker])
          case .norm: measureNorm()
          case .measurements: measure(ticket.chunk, after: step)
          case .tensors: if !faults.hasAny { tensors?.combine(ticket.chunk, worker: ticket.worker) }
          case .updates where ticket.chunk < blocks.count:
            update(ticket.chunk, after: step, by: workers[ticket.worker])
          // Ranks stop together, one step after a fault that only an update finds.
          case .updates where faults.first.map({ $0.stepNumber < step.number }) != true:
            let loss = recordResults(of: step, in: progress)
            onStep?(trained(step, loss: loss))
          case .updates: break
          }
        }
      }
    }
    progress.addTime(seconds / .seconds(1))
  }

  private func runPasses(
    _ times: Range<Int>, ofChunk chunk: Int, of step: TrainingStep, by worker: Worker,
    _ scratch: SampleScratch
  ) {
    let plan = worker.plan
    let samples = cut.chunk(chunk, of: step.count)
    // The last batch may have fewer chunks.
    if samples.isEmpty { return }
    let pass = pass(
      samples, group: cut.sumsGroupsApart ? nil : firstGroup(of: step) + chunk, of: step,
      by: worker)
    let mixture = mixture(of: step)
    if times.lowerBound == 0 {
      writeInput(of: pass, step, mixture, by: worker, scratch)
      for place in cut.chunk(chunk + 1, of: step.count) {
        unsafe store.prefetch(step.sampleNumbers[place])
      }
    }
    plan.run(times, pass) {
      let scale = 1 / Float(weight(of: step))
      for sample in 0..<samples.count {
        let place = samples.lowerBound + sample
        let result = plan.evaluateLoss(
          pass, sample: sample, label: unsafe store.label(step.sampleNumbers[place]),
          scale: scale, targets: targets,
          mixed: mixture.map { mixture in
            unsafe MixedLabel(
              store.label(step.sampleNumbers[step.partner(of: place)]), share: 1 - mixture.share,
              targets: scratch.targets.pointer)
          })
        unsafe results.pointer[place] = result
        if !result.loss.isFinite {
          faults.add(FaultRecord.Fault(step, .loss(place: place)))
        }
      }
    }
  }

  private func mixture(of step: TrainingStep) -> BatchMixture? {
    configuration.mixing.map {
      BatchMixture(
        $0, seed: configuration.seed, epoch: step.epoch, step: step.index, images: plan.inputShape)
    }
  }

  /// What the losses of a batch are divided by: the sum of its labels' weights, in the batch's order;
  /// without class weights, the number of samples. Mixing does not change it: each label gives one
  /// sample what it takes from another.
  private func weight(of step: TrainingStep) -> Double {
    guard configuration.classWeights != nil, let targets else { return Double(step.count) }
    var sum = 0.0
    for place in 0..<step.count {
      sum += targets.weights[unsafe store.label(step.sampleNumbers[place])]
    }
    return sum
  }

  private func pass(
    _ samples: Range<Int>, group: Int?, of step: TrainingStep, by worker: Worker
  ) -> SamplePass {
    unsafe SamplePass(
      parameters: parameters, batch: batch, worker: worker.memory, samples: samples, group: group,
      training: SamplePass.TrainingKey(
        seed: configuration.seed, epoch: step.epoch, sampleNumbers: step.sampleNumbers))
  }

  private func writeInput(
    of pass: SamplePass, _ step: TrainingStep, _ mixture: BatchMixture?, by worker: Worker,
    _ scratch: SampleScratch
  ) {
    func key(_ place: Int) -> SampleKey {
      SampleKey(
        seed: configuration.seed, epoch: step.epoch, number: unsafe step.sampleNumbers[place])
    }
    for (sample, place) in pass.samples.enumerated() {
      let values = unsafe pass.values(worker.plan.input, sample)
      if let mixture {
        unsafe store.write(
          key(place), mixedWith: key(step.partner(of: place)), mixture, to: values,
          scratch: scratch)
      } else {
        unsafe store.write(key(place), to: values, scratch: scratch)
      }
    }
  }

  /// Of this rank.
  private func firstGroup(of step: TrainingStep) -> Int {
    cut.groups(ofRank: cut.rank, of: step.count).lowerBound
  }

  private func sumGroup(_ chunk: Int, of step: TrainingStep, by worker: Worker) {
    // Consecutive chunks are pieces of the same group, whose data then stay in the worker's cache.
    let (number, piece) = chunk.quotientAndRemainder(dividingBy: worker.plan.groupSumPieces)
    let group = firstGroup(of: step) + number
    guard cut.groups(ofRank: cut.rank, of: step.count).contains(group) else { return }
    let samples = cut.group(group, of: step.count)
    worker.plan.sumGroup(
      SamplePass(
        sumOf: group, samples: samples, parameters: parameters, batch: batch,
        worker: worker.memory),
      piece: piece)
  }

  /// Gathers what ranks made of the step. A loss of another rank may have a fault.
  private func gatherRanks(after step: TrainingStep, isStopped: () -> Bool) {
    exchange?.gather(samples: step.count, stops: isStopped() || faults.hasAny)
    for place in 0..<step.count where unsafe !results.pointer[place].loss.isFinite {
      faults.add(FaultRecord.Fault(step, .loss(place: place)))
    }
    if faults.hasAny { exchange?.stop() }
  }

  /// Floats per cache line, at 64 bytes.
  private static let floatsALine = 16

  /// Computes the gradient of a block.
  private func gradient(
    of block: ParameterBlock, after step: TrainingStep, by worker: Worker
  ) -> UnsafeBufferPointer<Float> {
    let gradient = unsafe gradients.pointer + block.range.lowerBound
    if exchange != nil, worker.plan.isOfWholeBatch(stage: block.stage) {
      return unsafe keptGradient(of: block)
    }
    // Ranks have left the sums of all groups in the first slot.
    unsafe worker.plan.gradient(
      of: block, batch: batch, samples: step.count,
      groups: exchange == nil ? cut.groups(of: step.count) : 1, into: gradient)
    return unsafe UnsafeBufferPointer(start: gradient, count: block.range.count)
  }

  private func measureGradient(_ index: Int, after step: TrainingStep, by worker: Worker) {
    guard blocks[index].isLearned else { return }
    let sum = unsafe GradientNorm.sumOfSquares(
      of: gradient(of: blocks[index], after: step, by: worker))
    unsafe squaredNorms.pointer[index] = sum
    // Squares of floats cannot overflow in double precision.
    if !sum.isFinite { addFault(ofBlock: index, step) }
  }

  /// The norm of all gradients, summed in the order of the blocks.
  private func measureNorm() {
    let sum = unsafe squaredNorms.elements.reduce(0, +)
    gradientNorm = sum.squareRoot()
    gradientScale = configuration.clipping.scale(ofNorm: gradientNorm)
  }

  private func addFault(ofBlock index: Int, _ step: TrainingStep) {
    faults.add(FaultRecord.Fault(step, .gradient(block: index)))
  }

  /// Updates a block, unless the step has a fault. A fault in a loss is known before any update:
  /// all parameters are unchanged, and a repeated pass finds the layer. A fault in a gradient
  /// computed here may be found after other blocks were updated; its block identifies the layer.
  private func update(_ index: Int, after step: TrainingStep, by worker: Worker) {
    let block = blocks[index]
    guard block.isLearned else {
      // Those of the batch's last phases may be found before or after this block's turn.
      if faults.first?.isOfLoss == true { return }
      worker.plan.updateStatistics(block, in: parameters, batch: batch, samples: step.count)
      if !areFinite(block) { faults.add(FaultRecord.Fault(step, .statistics(block: index))) }
      average?.update(block, of: parameters, after: step.number)
      return
    }
    let first = block.range.lowerBound
    // Other cores have read the parameters; request their cache lines for writing while the
    // gradient is computed.
    for offset in stride(from: 0, to: block.range.count, by: Self.floatsALine) {
      unsafe convoy_prefetch_for_writing(parameters.values.pointer + first + offset)
    }
    let gradient =
      unsafe schedule.keepsGradients
      ? keptGradient(of: block) : gradient(of: block, after: step, by: worker)
    if !schedule.keepsGradients, unsafe !worker.plan.areFinite(gradient) {
      addFault(ofBlock: index, step)
    }
    if faults.hasAny { return }
    if let tensors {
      unsafe tensors.update(
        index, block, of: parameters, along: gradient, moments: optimizer.mutableMoments(of: block),
        step: updateStep(of: block, step))
    } else {
      unsafe optimizer.update(
        block, of: parameters, along: gradient, step: updateStep(of: block, step))
    }
    average?.update(block, of: parameters, after: step.number)
    worker.plan.refresh(block, in: parameters)
  }

  private func measure(_ index: Int, after step: TrainingStep) {
    let block = blocks[index]
    guard block.isLearned, !faults.hasAny else { return }
    unsafe tensors?.measure(
      index, block, of: parameters, along: keptGradient(of: block),
      moments: optimizer.mutableMoments(of: block), step: updateStep(of: block, step))
  }

  private func keptGradient(of block: ParameterBlock) -> UnsafeBufferPointer<Float> {
    unsafe UnsafeBufferPointer(rebasing: UnsafeBufferPointer(gradients.elements)[block.range])
  }

  /// - Parameter number: of the step, since training began.
  func learningRate(atStep number: Int) -> Double {
    configuration.schedule?.rate(at: number) ?? configuration.optimizer.learningRate
  }

  private func trained(_ step: TrainingStep, loss: Float) -> TrainedStep {
    TrainedStep(
      epoch: step.epoch, number: step.number, loss: loss,
      learningRate: learningRate(atStep: step.number),
      gradientNorm: configuration.measuresGradientNorm ? gradientNorm : nil)
  }

  private func updateStep(of block: ParameterBlock, _ step: TrainingStep) -> UpdateStep {
    let rate = learningRate(atStep: step.number)
    return UpdateStep(
      number: step.number,
      learningRate: block.part == .biases ? rate * configuration.biasRateFactor : rate,
      isDecayed: block.isDecayed, gradientScale: gradientScale,
      gradientLimit: configuration.clipping.gradientLimit)
  }

  /// - Returns: the mean loss of the batch.
  private func recordResults(of step: TrainingStep, in progress: EpochProgress) -> Float {
    let keepsLabels = mixture(of: step)?.keepsLabel ?? true
    let loss = unsafe progress.add(
      UnsafeBufferPointer(start: results.pointer, count: step.count), weight: weight(of: step)
    ) { unsafe store.label(step.sampleNumbers[keepsLabels ? $0 : step.partner(of: $0)]) }
    stepsDone.store(step.number, ordering: .relaxed)
    return loss
  }

  /// Finds the layer of a fault. For a loss, the samples of its batch are run again.
  private func error(of fault: FaultRecord.Fault, in progress: EpochProgress) -> NonFiniteError {
    unsafe progress.order.withUnsafeBufferPointer { order in
      let step = unsafe TrainingStep(
        epoch: progress.epoch, index: fault.stepIndex, number: fault.stepNumber, order: order,
        batchSize: configuration.batchSize)
      return fault.error(in: step, blocks: blocks, of: plan) { place in
        let pass = pass(place..<place + 1, group: nil, of: step, by: workers[0])
        writeInput(of: pass, step, mixture(of: step), by: workers[0], scratches[0])
        return pass
      }
    }
  }
}
