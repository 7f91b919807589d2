import ConvoyAugmentation
import ConvoyKernelInterface
import ConvoyNeuralNetwork

/// The samples of a batch on their way through the network, forward and backward: their inputs, their
/// losses, and the weight gradients of their groups.
///
/// Sound to share among a team's workers: in a phase of passes, a worker writes its own memory, the slots
/// that are its own or its chunk's, and its chunk's part of the batch's and of the results; in a phase of sums, its piece
/// of its group's slot; in one of split pairs, its pair's slot. The team separates the phases.
final class BatchPasses: @unchecked Sendable {
  let store: SampleStore
  let cut: BatchCut
  let batch: BatchMemory
  let workers: PerWorker<Worker>
  /// By place in the batch.
  let results: AlignedBuffer<LossResult>
  private let plan: NetworkPlan
  private let parameters: ParameterMemory
  private let configuration: TrainingConfiguration
  private let scratches: PerWorker<SampleScratch>
  private let faults: FaultRecord
  /// Nil where each label's target is 1.
  private let targets: CrossEntropyTargets?

  /// - Parameter workers: the most that run at the same time.
  init(
    _ work: BatchWork, _ parameters: ParameterMemory, _ store: SampleStore,
    _ configuration: TrainingConfiguration, workers count: Int, faults: FaultRecord
  ) {
    let (plan, cut) = (work.plan, work.cut)
    self.plan = plan
    self.cut = cut
    self.parameters = parameters
    precondition(store.map == plan.input.values, "samples lie as the network reads them")
    self.store = store
    self.configuration = configuration
    self.faults = faults
    batch = work.makeBatchMemory()
    results = AlignedBuffer(count: cut.batchSize)
    workers = PerWorker(count: count) { Worker(plan, samples: cut.passSize) }
    let mixedClasses = configuration.mixing == nil ? 0 : plan.classes
    scratches = PerWorker(count: count) { store.makeScratch(mixedClasses: mixedClasses) }
    let weights = configuration.classWeights?.numbers(
      classes: plan.classes, labels: (0..<store.count).lazy.map(store.label))
    targets =
      configuration.labelSmoothing > 0 || weights != nil || configuration.mixing != nil
      ? CrossEntropyTargets(
        classes: plan.classes, smoothing: configuration.labelSmoothing, weights: weights) : nil
    precondition(
      targets == nil || plan.loss == .crossEntropy, "only cross-entropy has targets of its own")
  }

  /// Runs a chunk's passes at the given times of the plan's clock.
  func run(_ times: Range<Int>, ofChunk chunk: Int, of step: TrainingStep, by number: Int) {
    // The last batch may have fewer chunks.
    if cut.sumsGroupsApart {
      let samples = cut.chunk(chunk, of: step.count)
      if !samples.isEmpty { run(times, samples, slot: nil, of: step, by: number) }
    } else {
      for group in cut.groups(ofChunk: chunk, of: step.count) {
        run(
          times, cut.group(group, of: step.count),
          slot: cut.slot(ofGroup: group, of: step.count, by: number), of: step, by: number)
      }
    }
  }

  private func run(
    _ times: Range<Int>, _ samples: Range<Int>, slot: GradientSlot?, of step: TrainingStep,
    by number: Int
  ) {
    let (worker, scratch) = (workers[number], scratches[number])
    let pass = pass(samples, slot: slot, of: step, by: worker)
    let mixture = mixture(of: step)
    if times.lowerBound == 0 {
      writeInput(of: pass, step, mixture, by: worker, scratch)
      // What follows is the worker's next pass, if no other has taken it.
      let end = cut.samples(ofRank: cut.rank, of: step.count).upperBound
      for place in samples.upperBound..<min(samples.upperBound + cut.passSize, end) {
        unsafe store.prefetch(step.sampleNumbers[place])
      }
    }
    worker.plan.run(times, pass) {
      let weight = weight(of: step)
      // Samples that all weigh nothing have neither a loss nor gradients.
      let scale = weight > 0 ? 1 / Float(weight) : 0
      for sample in 0..<samples.count {
        let place = samples.lowerBound + sample
        let result = worker.plan.evaluateLoss(
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
    _ samples: Range<Int>, slot: GradientSlot?, of step: TrainingStep, by worker: Worker
  ) -> SamplePass {
    unsafe SamplePass(
      parameters: parameters, batch: batch, worker: worker.memory, samples: samples, slot: slot,
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

  /// Adds up a pair of groups that may have had different workers.
  func addSplitPair(_ index: Int, of step: TrainingStep, by number: Int) {
    guard let slot = cut.splitPair(index, of: step.count) else { return }
    workers[number].plan.add(slot, in: batch)
  }

  /// Sums a piece of a group's weight gradients.
  func sumGroup(_ chunk: Int, of step: TrainingStep, by number: Int) {
    let worker = workers[number]
    // Consecutive chunks are pieces of the same group, whose data then stay in the worker's cache.
    let (place, piece) = chunk.quotientAndRemainder(dividingBy: worker.plan.groupSumPieces)
    let group = firstGroup(of: step) + place
    guard cut.groups(ofRank: cut.rank, of: step.count).contains(group) else { return }
    let samples = cut.group(group, of: step.count)
    worker.plan.sumGroup(
      SamplePass(
        sumOf: group, samples: samples, parameters: parameters, batch: batch,
        worker: worker.memory),
      piece: piece)
  }

  /// The pass of a sample by itself, with its input: a fault's search runs it again.
  func pass(ofPlace place: Int, of step: TrainingStep) -> SamplePass {
    let pass = pass(place..<place + 1, slot: nil, of: step, by: workers[0])
    writeInput(of: pass, step, mixture(of: step), by: workers[0], scratches[0])
    return pass
  }

  /// Adds the results of a step to those of its epoch.
  ///
  /// - Returns: the mean loss of the batch.
  func record(_ step: TrainingStep, in progress: EpochProgress) -> Float {
    let keepsLabels = mixture(of: step)?.keepsLabel ?? true
    return unsafe progress.add(
      UnsafeBufferPointer(start: results.pointer, count: step.count), weight: weight(of: step)
    ) { unsafe store.label(step.sampleNumbers[keepsLabels ? $0 : step.partner(of: $0)]) }
  }

  /// Finds losses that are not finite, of all samples.
  func findFaults(in step: TrainingStep) {
    for place in 0..<step.count where unsafe !results.pointer[place].loss.isFinite {
      faults.add(FaultRecord.Fault(step, .loss(place: place)))
    }
  }
}
