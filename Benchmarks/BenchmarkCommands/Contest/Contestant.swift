import Foundation

/// A contestant: one variant of a framework, which runs a workload as fast as it can in its own
/// process.
final class Contestant {
  /// The framework, or Convoy.
  let name: String
  let variant: String
  /// The version that it reports.
  let version: String
  /// Bytes, as of the last round.
  private(set) var peakMemory = 0
  /// The loss of the last step.
  private(set) var loss: Double?
  private let process: ContestantProcess
  private var stepsARound = 1

  /// Starts it and waits until it is ready.
  init(
    _ name: String, variant: String, command: [String], job: ContestantJob
  ) throws(ContestantError) {
    self.name = name
    self.variant = variant
    var job = job
    job.variant = variant
    guard let line = try? JSONEncoder().encode(job) else {
      throw .failed("the job cannot be written as JSON")
    }
    process = try ContestantProcess(command)
    let readiness = try process.ask(
      String(decoding: line, as: UTF8.self), for: ContestantAnswer.Readiness.self)
    if let missing = readiness.missing { throw .notInstalled(missing) }
    guard let version = readiness.version else {
      throw .failed(readiness.error ?? "no version")
    }
    self.version = version
  }

  /// Warms up, and determines the number of steps per round.
  func warmUp(_ options: MeasuringOptions) throws(ContestantError) {
    do {
      stepsARound = try StepCount.warmingUp(for: options.warmUp, seconds: options.seconds) {
        try run($0).seconds
      }
    } catch let error as ContestantError {
      throw error
    } catch {
      throw .failed("\(error)")
    }
  }

  /// The samples per second of one round.
  ///
  /// - Parameter pause: seconds to wait before it: threads of the previous contestant may spin for
  ///   a fifth of a second.
  func rate(after pause: Double) throws(ContestantError) -> Double {
    Thread.sleep(forTimeInterval: pause)
    let (samples, seconds) = try run(stepsARound)
    return Double(samples) / seconds
  }

  private func run(_ steps: Int) throws(ContestantError) -> (samples: Int, seconds: Double) {
    let round = try process.ask("\(steps)", for: ContestantAnswer.Round.self)
    guard let seconds = round.seconds, let samples = round.samples, seconds > 0 else {
      throw .failed(round.error ?? "no seconds")
    }
    peakMemory = round.peakMemory ?? 0
    loss = round.loss
    return (samples, seconds)
  }
}
