import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyTraining
import Foundation
import Synchronization

/// What a learning-rate range test found.
public struct RateSearch: Sendable, Equatable {
  /// A step of the test.
  public struct Step: Sendable, Equatable {
    /// The learning rate, each the same factor above the one before.
    public let rate: Double
    /// The mean over the batch.
    public let loss: Double
    /// An exponential average of the losses so far.
    public let smoothedLoss: Double
  }

  /// In order. They end where the loss grows beyond all measure.
  public let steps: [Step]
  /// The rate in the middle of the loss's longest fall or, without one, where it fell fastest; nil if it
  /// never fell.
  public let suggestion: Double?
}

extension Training {
  /// Suggests a learning rate by a range test (Smith, 2017): from the initial weights, a step at each of
  /// many rates, on a thread of its own. No weight is kept, and the settings stay as they are.
  ///
  /// - Parameters:
  ///   - rates: the first and the last.
  ///   - steps: from 20 to 5,000.
  /// - Throws: `CancellationError` if the task is cancelled; `SettingsError`, `HyperparameterError`,
  ///   `AugmentationError`, ``DataError`` and ``ConvoyError`` as the first epoch; and errors of an
  ///   ``ImageSource``.
  public func findRate(
    in rates: ClosedRange<Double> = 1e-7...10, steps: Int = 300
  ) async throws -> RateSearch {
    guard rates.lowerBound > 0, rates.lowerBound < rates.upperBound, rates.upperBound <= 1_000
    else {
      throw SettingsError(
        setting: "rates", expected: "growing ones, above 0 up to 1,000", found: "\(rates)")
    }
    guard (20...5_000).contains(steps) else {
      throw SettingsError(setting: "steps", expected: "from 20 to 5,000", found: "\(steps)")
    }
    _ = try Model.checked(threads)
    let training = self
    let isStopped = StopFlag()
    let sweep = try await withTaskCancellationHandler {
      try await onThreadOfItsOwn {
        try ConvoyError.visibly { try training.sweep(rates, steps: steps) { isStopped.isSet } }
      }
    } onCancel: {
      isStopped.set()
    }
    try Task.checkCancellation()
    return RateSearch(
      steps: sweep.points.map {
        RateSearch.Step(rate: $0.rate, loss: $0.loss, smoothedLoss: $0.smoothed)
      }, suggestion: sweep.suggestion)
  }

  private func sweep(
    _ rates: ClosedRange<Double>, steps: Int, isStopped: @escaping @Sendable () -> Bool
  ) throws -> RateSweep {
    var settings = settings
    // A sweep judges nothing.
    settings.validation = ValidationSettings()
    settings.ownLoss = ownLoss?.name
    try settings.validate(hasValidationPart: false)
    let sweep = try RateSweep(
      settings, network, on: dataset, rates: rates, steps: steps, threads: threads,
      kernels: KernelDispatch.best, ownRule: ownRule, ownLoss: ownLoss,
      initialWeights: initialWeights, isStopped: { [dataset] in isStopped() || dataset.hasFailed })
    try dataset.requireReadings()
    return sweep
  }
}

/// Set once, from any thread.
private final class StopFlag: Sendable {
  private let flag = Atomic<Bool>(false)
  var isSet: Bool { flag.load(ordering: .relaxed) }
  func set() { flag.store(true, ordering: .relaxed) }
}

/// Runs `body` on a thread that is not of the pool that runs tasks.
private func onThreadOfItsOwn<Result: Sendable>(
  _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    let thread = Thread { continuation.resume(with: Swift.Result { try body() }) }
    thread.stackSize = 8 << 20
    thread.start()
  }
}
