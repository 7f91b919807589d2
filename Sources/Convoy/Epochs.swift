import ConvoyNeuralNetwork
import ConvoyTraining
import Dispatch
import Foundation
import Synchronization

/// The epochs of a run, in order. Each is trained when it is asked for. A second loop goes on where the
/// first one was left.
public struct Epochs: AsyncSequence, Sendable {
  let run: RunningTraining

  /// Ends the run after its step, with a whole checkpoint if it keeps one, and returns when its files
  /// are free.
  public func stop() async {
    run.exchange.stop()
    await withCheckedContinuation { continuation in
      run.exchange.whenEnded { continuation.resume() }
    }
  }

  /// Asks for one epoch after another.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let run: RunningTraining
    private var hasFailed = false

    init(run: RunningTraining) { self.run = run }

    /// Trains an epoch; nil after the last one.
    ///
    /// - Throws: `CancellationError` if the task was cancelled or the run was stopped; `NonFiniteError`,
    ///   which names the step and the layer of the first number that is not finite; ``ConvoyError`` for
    ///   files, memory, a checkpoint of another run and ``Ranks`` that disagree; `SettingsError`, `HyperparameterError`,
    ///   `AugmentationError` and ``DataError`` for settings that no run can have; and errors of an
    ///   ``ImageSource``.
    public mutating func next() async throws -> Epoch? {
      guard !hasFailed else { return nil }
      do {
        return try await run.next()
      } catch {
        hasFailed = true
        throw error
      }
    }
  }

  /// Goes on after the last epoch that was given.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(run: run) }
}

/// A run on its thread, for those who ask it for epochs. It ends with the last of them.
final class RunningTraining: Sendable {
  /// What the thread does.
  typealias Body = @Sendable (EpochExchange) throws -> RunResult

  let exchange = EpochExchange()
  /// The caller's own loss; nil where `settings.loss` is used.
  let ownLoss: (any Loss)?
  private let body: Body

  init(ownLoss: (any Loss)?, _ body: @escaping Body) {
    self.ownLoss = ownLoss
    self.body = body
  }

  deinit { exchange.stop() }

  func next() async throws -> Epoch? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        if exchange.ask(continuation) { start() }
      }
    } onCancel: {
      exchange.stop()
    }
  }

  /// Starts a thread for the run, not of the pool that runs tasks.
  private func start() {
    let (exchange, body) = (exchange, body)
    let thread = Thread {
      do {
        exchange.end(.success(try body(exchange)))
      } catch is RunInterruption {
        exchange.end(.failure(CancellationError()))
      } catch {
        exchange.end(.failure(ConvoyError.visible(error)))
      }
    }
    thread.name = "Convoy training"
    thread.stackSize = 8 << 20
    thread.start()
  }
}

/// Where a training thread hands over its epochs. It waits after each until the next is asked for.
final class EpochExchange: Sendable {
  private struct State {
    var asking: [CheckedContinuation<Epoch?, any Error>] = []
    var hasStarted = false
    /// Once the run has ended.
    var end: Result<RunResult, any Error>?
    /// Called when it ends.
    var endings: [@Sendable () -> Void] = []
    var model: (@Sendable () -> ModelFile)?
  }

  private let state = Mutex(State())
  private let demand = DispatchSemaphore(value: 0)
  private let stops = Atomic<Bool>(false)

  /// Whether the run is to end.
  var isStopped: Bool { stops.load(ordering: .relaxed) }

  /// The network as it is after the last epoch; nil before.
  var model: (@Sendable () -> ModelFile)? { state.withLock { $0.model } }

  /// Of the run, once it has ended without an error.
  var result: RunResult? { state.withLock { try? $0.end?.get() } }

  /// Asks for an epoch.
  ///
  /// - Returns: whether the thread is to be started.
  func ask(_ continuation: CheckedContinuation<Epoch?, any Error>) -> Bool {
    let (end, hasStarted) = state.withLock { state in
      let end = state.end
      if end == nil { state.asking.append(continuation) }
      defer { state.hasStarted = true }
      return (end, state.hasStarted)
    }
    if let end {
      continuation.resume(with: end.map { _ in nil })
      return false
    }
    if hasStarted { demand.signal() }
    return !hasStarted
  }

  /// Ends the run after its step.
  func stop() {
    stops.store(true, ordering: .relaxed)
    // The thread may be waiting.
    demand.signal()
  }

  /// Calls `body` when the run has ended and its files are free, or at once if it never started.
  func whenEnded(_ body: @escaping @Sendable () -> Void) {
    let isNow = state.withLock { state in
      let isNow = state.end != nil || !state.hasStarted
      if !isNow { state.endings.append(body) }
      return isNow
    }
    if isNow { body() }
  }

  /// Ends the run after its step, and waits until its files are free. Not for the run's own thread.
  func stopAndWait() {
    stop()
    let end = DispatchSemaphore(value: 0)
    whenEnded { end.signal() }
    end.wait()
  }

  /// Hands an epoch over, and waits until another is asked for.
  func deliver(_ epoch: Epoch, model: @escaping @Sendable () -> ModelFile) {
    let continuation = state.withLock { state in
      state.model = model
      return state.asking.isEmpty ? nil : state.asking.removeFirst()
    }
    continuation?.resume(returning: epoch)
    demand.wait()
  }

  /// Tells all who ask that the run has ended.
  func end(_ result: Result<RunResult, any Error>) {
    let (asking, endings) = state.withLock { state in
      if case .success(let result) = result { state.model = { result.model } }
      defer { (state.asking, state.endings) = ([], []) }
      state.end = result
      return (state.asking, state.endings)
    }
    for ending in endings { ending() }
    for continuation in asking { continuation.resume(with: result.map { _ in nil }) }
  }
}

/// Gives the epochs of a run to those who ask.
struct EpochDelivery: RunObserver {
  private let exchange: EpochExchange
  private let setup: TrainingSetup
  private let hasTest: Bool
  let onStep: (@Sendable (TrainedStep) -> Void)?

  init(
    _ exchange: EpochExchange, setup: TrainingSetup, hasTest: Bool,
    onStep: (@Sendable (TrainedStep) -> Void)?
  ) {
    self.exchange = exchange
    self.setup = setup
    self.hasTest = hasTest
    self.onStep = onStep
  }

  func duringEpoch(_ epoch: EpochWatch, _ body: () throws -> Void) throws { try body() }

  func epochEnded(_ epoch: JudgedEpoch, of epochs: Int) {
    let (metrics, score) = (epoch.metrics, Score(epoch.evaluation))
    exchange.deliver(
      Epoch(
        number: epoch.number, loss: metrics.loss, accuracy: metrics.accuracy,
        validation: epoch.images == .validation ? score : nil,
        test: epoch.images == .test && hasTest ? score : nil, steps: epoch.lastStep,
        seconds: metrics.seconds, samplesPerSecond: metrics.samplesPerSecond)
    ) { [setup] in setup.model }
  }

  func stoppedEarly(after epoch: Int, best: EpochScore) {}
}
