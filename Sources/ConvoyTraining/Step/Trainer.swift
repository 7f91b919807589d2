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
/// weight gradients are then summed in a separate phase, and so are pairs of groups that different
/// workers may have run (`BatchPasses`). Ranks that share a batch then exchange what later phases need of
/// it (`RankExchange`). Finally the parameters are updated block by block (`ParameterUpdates`).
///
/// Sound to share: training, reading and restoring all hold the parameters and their average
/// exclusively (`exclusively`). What its workers share is said of `BatchPasses`, `RankExchange` and
/// `ParameterUpdates`, which each have phases of their own.
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

  private let passes: BatchPasses
  private let updates: ParameterUpdates
  /// Nil for a process by itself.
  private let exchange: RankExchange?
  private let schedule: StepSchedule
  private let team: WorkerTeam
  private let faults = FaultRecord()

  private var store: SampleStore { passes.store }
  private var cut: BatchCut { passes.cut }
  var optimizer: OptimizerMemory { updates.optimizer }
  /// Nil without averaging.
  var average: WeightAverage? { updates.average }

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
    let plan = work.plan
    self.plan = plan
    self.parameters = parameters
    self.configuration = configuration
    // As many as the team may have.
    let workers = min(work.workers, AvailableCores.count)
    passes = BatchPasses(
      work, parameters, store, configuration, workers: workers, faults: faults)
    updates = ParameterUpdates(
      plan, parameters, configuration, after: passes, workers: workers, faults: faults)
    exchange =
      ranks.size > 1
      ? unsafe RankExchange(
        ranks, plan, work.cut, batch: passes.batch, gradients: updates.gradients.pointer,
        results: passes.results.pointer) : nil
    schedule = StepSchedule(
      work, blocks: updates.blocks.count, tensors: updates.tensors?.tensors.count,
      keepsGradients: configuration.keepsGradients, exchange: exchange)
    // More workers than chunks in the largest phase would be idle.
    team = WorkerTeam(threads: min(work.workers, schedule.chunks.max() ?? 1))
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
        store, configuration.shuffle, seed: configuration.seed, epoch: epoch, after: sums.samples,
        isMixed: configuration.mixing != nil),
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
      } ?? updates.fault(of: plan, epoch: progress.epoch, step: stepNumber)
    }
    if let fault { throw fault }
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
              unsafe progress.readAhead?.advance(
                over: step.places, of: order, passes.cut)
            }
            passes.run(times, ofChunk: ticket.chunk, of: step, by: ticket.worker)
          case .plan(.statistics(let time)):
            passes.workers[ticket.worker].plan.combineStatistics(
              at: time, piece: ticket.chunk, parameters: parameters, batch: passes.batch,
              samples: step.count)
          case .plan(.groupSums):
            passes.sumGroup(ticket.chunk, of: step, by: ticket.worker)
          case .rankStatistics(let time):
            exchange?.gatherStatistics(at: time, samples: step.count)
          case .splitPairs: passes.addSplitPair(ticket.chunk, of: step, by: ticket.worker)
          case .rankSums where ticket.chunk == 0: exchange?.dealSamples(samples: step.count)
          case .rankSums: exchange?.sum(piece: ticket.chunk - 1, samples: step.count)
          case .rankGradients where ticket.chunk == 0: exchange?.dealSums(samples: step.count)
          case .rankGradients:
            exchange?.makeGradient(
              block: ticket.chunk - 1, samples: step.count,
              by: passes.workers[ticket.worker].plan)
          case .rankCompletion: exchange?.complete(piece: ticket.chunk, samples: step.count)
          case .rankGather: gatherRanks(after: step, isStopped: isStopped)
          case .gradients:
            updates.measureGradient(ticket.chunk, after: step, by: ticket.worker)
          case .norm: updates.measureNorm()
          case .measurements: updates.measure(ticket.chunk, after: step)
          case .tensors:
            if !faults.hasAny {
              updates.tensors?.combine(ticket.chunk, worker: ticket.worker)
            }
          case .updates where ticket.chunk < updates.blocks.count:
            updates.update(ticket.chunk, after: step, by: ticket.worker)
          // Ranks stop together, one step after a fault that only an update finds.
          case .updates where faults.first.map({ $0.stepNumber < step.number }) != true:
            let loss = passes.record(step, in: progress)
            stepsDone.store(step.number, ordering: .relaxed)
            onStep?(trained(step, loss: loss))
          case .updates: break
          }
        }
      }
    }
    progress.addTime(seconds / .seconds(1))
  }

  /// Gathers what ranks made of the step. A loss of another rank may have a fault.
  private func gatherRanks(after step: TrainingStep, isStopped: () -> Bool) {
    exchange?.gather(samples: step.count, stops: isStopped() || faults.hasAny)
    passes.findFaults(in: step)
    if faults.hasAny { exchange?.stop() }
  }

  /// - Parameter number: of the step, since training began.
  func learningRate(atStep number: Int) -> Double { updates.learningRate(atStep: number) }

  private func trained(_ step: TrainingStep, loss: Float) -> TrainedStep {
    TrainedStep(
      epoch: step.epoch, number: step.number, loss: loss,
      learningRate: updates.learningRate(atStep: step.number),
      gradientNorm: configuration.measuresGradientNorm ? updates.gradientNorm : nil)
  }

  /// Finds the layer of a fault. For a loss, the samples of its batch are run again.
  private func error(of fault: FaultRecord.Fault, in progress: EpochProgress) -> NonFiniteError {
    unsafe progress.order.withUnsafeBufferPointer { order in
      let step = unsafe TrainingStep(
        epoch: progress.epoch, index: fault.stepIndex, number: fault.stepNumber, order: order,
        batchSize: configuration.batchSize)
      return fault.error(in: step, blocks: updates.blocks, of: plan) {
        passes.pass(ofPlace: $0, of: step)
      }
    }
  }
}
