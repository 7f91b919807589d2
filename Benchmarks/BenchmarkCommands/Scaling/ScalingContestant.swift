import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyMessagePassing
import ConvoyTraining
import Optimizers

/// A network that trains on a number of threads.
final class ScalingContestant {
  let threads: Int
  private let network: MeasuredNetwork
  private let batch: Int
  private var epoch = 0
  private var stepsARound = 1

  /// - Parameter ranks: that share each batch.
  init(
    _ workload: Workload, images: ImageSet, threads: Int, kernels: any KernelSet,
    ranks: any MessagePassing = SingleProcess()
  ) throws {
    self.threads = threads
    batch = workload.batch
    network = try MeasuredNetwork(
      workload.architecture, images: images, batch: workload.batch, threads: threads,
      optimizer: Adam(), kernels: kernels, ranks: ranks)
  }

  func warmUp(_ options: MeasuringOptions) throws {
    stepsARound = try StepCount.warmingUp(for: options.warmUp, seconds: options.seconds) {
      try run($0)
    }
  }

  /// The samples per second of a number of steps.
  func rate(steps: Int) throws -> Double { Double(steps * batch) / (try run(steps)) }

  /// The samples per second of one round.
  func rate() throws -> Double { try rate(steps: stepsARound) }

  /// The parts of a step, measured over another quarter of a round, because timing slows the
  /// workers.
  func split() throws -> StepSplit {
    let workers = network.trainer.threads
    let phases = network.trainer.phases
    let times = PhaseTimes(workers: workers, phases: phases.count)
    let steps = (stepsARound + 3) / 4
    let seconds = try run(steps, times: times)
    let computing = times.seconds(inPhases: 0..<phases.ofThePlan)
    let reducing = times.seconds(inPhases: phases.ofThePlan..<phases.count)
    return StepSplit(
      computing: computing / Double(steps), reducing: reducing / Double(steps),
      waiting: max(0, seconds * Double(workers) - computing - reducing) / Double(steps))
  }

  private func run(_ steps: Int, times: PhaseTimes? = nil) throws -> Double {
    let seconds = try ContinuousClock().measure {
      var left = steps
      while left > 0 {
        epoch += 1
        let metrics = try network.trainer.runEpoch(epoch, stepLimit: left, times: times)
        left -= metrics.stepLosses.count
      }
    }
    return seconds / .seconds(1)
  }
}
