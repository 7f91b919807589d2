import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import Foundation
import Optimizers
import Synchronization

/// A learning-rate range test (Smith, 2017): the loss of steps whose rate grows by the same factor
/// each, until the loss grows beyond all measure.
package struct RateSweep: Sendable {
  /// A step of the sweep.
  package struct Point: Sendable, Equatable {
    package let rate: Double
    package let loss: Double
    /// An exponential average of the losses so far.
    package let smoothed: Double
  }

  package let points: [Point]
  /// What the sweep began with, of weights that were to be loaded as far as they fit.
  package let partialLoad: PartialLoad?
  /// How many there are if the loss does not explode.
  private let steps: Int

  /// Trains a network from its initial weights; no weight is kept.
  ///
  /// - Parameters:
  ///   - rates: the first and the last learning rate.
  ///   - steps: at least 2.
  ///   - ownRule: in place of the settings' optimizer; nil for none.
  ///   - ownLoss: in place of the settings' loss; nil for none.
  ///   - initialWeights: those to begin with, as far as they fit; nil for the settings'.
  ///   - isStopped: asked after each step, from any thread, whether to stop.
  ///   - onStep: called after each step, from any thread.
  /// - Throws: errors of the architecture, the data or the memory, before the first step.
  package init(
    _ settings: TrainingSettings, _ architecture: Network, on dataset: Dataset,
    rates: ClosedRange<Double>, steps: Int, threads: Int, kernels: any KernelSet,
    ownRule: (any Optimizer)? = nil, ownLoss: (any Loss)? = nil,
    initialWeights: WeightTensors? = nil,
    isStopped: @escaping @Sendable () -> Bool = { false },
    onStep: @escaping @Sendable () -> Void = {}
  ) throws {
    guard !settings.dropsLast || dataset.training.count >= settings.batchSize else {
      throw TrainingDataError.noBatch(size: settings.batchSize, found: dataset.training.count)
    }
    var configuration = try settings.configuration(
      images: dataset.training.count, threads: threads, ownRule: ownRule)
    configuration.schedule = try Self.schedule(rates, steps: steps)
    let setup = try TrainingSetup(
      architecture, on: dataset, loss: settings.loss, ownLoss: ownLoss,
      from: initialWeights.map { .tensors($0, rest: settings.initialization) } ?? settings.start,
      normalization: settings.normalization, augmentation: settings.augmentation,
      configuration: configuration, kernels: kernels)
    let trainer = setup.trainer
    partialLoad = setup.partialLoad
    let record = Record()
    var epoch = 1
    do throws(NonFiniteError) {
      while record.points.count < steps, !record.hasDiverged, !isStopped() {
        let progress = trainer.begin(epoch, stepLimit: steps - record.points.count)
        try trainer.train(
          progress, isStopped: { record.hasDiverged || isStopped() },
          onStep: {
            record.add($0)
            onStep()
          })
        epoch += 1
      }
    } catch {
      // A rate at which nothing is finite ends the sweep as one at which the loss explodes.
    }
    points = record.points
    self.steps = steps
  }

  init(points: [Point]) {
    self.points = points
    partialLoad = nil
    steps = points.count
  }

  /// A rate for each step, each the same factor above the one before.
  static func schedule(
    _ rates: ClosedRange<Double>, steps: Int
  ) throws(HyperparameterError) -> LearningRateSchedule {
    let ratio = rates.lowerBound / rates.upperBound
    var points: [SchedulePoint] = []
    for step in 0...steps {
      // After the last step, the rate stays.
      let left = Double(max(0, steps - 1 - step)) / Double(max(1, steps - 1))
      points.append(
        SchedulePoint(at: Double(step) / Double(steps), factor: pow(ratio, left)))
    }
    return try .linear(rate: rates.upperBound, through: points, over: steps)
  }

  /// The losses as they come. Steps come one after another, from any thread.
  private final class Record: Sendable {
    private struct State {
      var points: [Point] = []
      var average = 0.0
      var least = Double.infinity
      var hasDiverged = false
    }

    private let state = Mutex(State())

    var points: [Point] { state.withLock(\.points) }
    var hasDiverged: Bool { state.withLock(\.hasDiverged) }

    func add(_ step: TrainedStep) {
      let loss = Double(step.loss)
      state.withLock { state in
        guard loss.isFinite else {
          state.hasDiverged = true
          return
        }
        state.average = memory * state.average + (1 - memory) * loss
        let smoothed = state.average / (1 - pow(memory, Double(state.points.count + 1)))
        state.points.append(Point(rate: step.learningRate, loss: loss, smoothed: smoothed))
        state.least = min(state.least, smoothed)
        if smoothed > explosion * state.least { state.hasDiverged = true }
      }
    }

    private let memory = 0.95
    /// A loss so many times the least one ends the sweep.
    private let explosion = 4.0
  }
}

extension RateSweep {
  /// Whether the loss fell by more than the batches' own differences leave in its average.
  private var hasFallen: Bool {
    guard let least = points.map(\.smoothed).min(), points.count > 10 else { return false }
    let first = points[points.count / 10].smoothed
    return first - least > 0.03 * abs(first)
  }

  /// The rate at which the loss falls fastest, for each time that the rate grows tenfold; nil if it
  /// hardly falls.
  package var steepest: Double? {
    guard hasFallen else { return nil }
    let end = points.indices.min { points[$0].smoothed < points[$1].smoothed } ?? 0
    let reach = max(1, points.count / 40)
    // The average needs some steps to mean anything.
    let first = max(reach, points.count / 10)
    guard first + reach <= end else { return nil }
    func slope(_ place: Int) -> Double {
      let (before, after) = (points[place - reach], points[place + reach])
      return (after.smoothed - before.smoothed) / log10(after.rate / before.rate)
    }
    let best = (first...end - reach).min { slope($0) < slope($1) }
    return best.flatMap { slope($0) < 0 ? points[$0].rate : nil }
  }

  /// The valley, or without one the steepest slope, which may be near the rate where the loss explodes.
  package var suggestion: Double? { valley ?? steepest }

  /// The rate in the middle of the longest valley, as fastai's `lr_find` suggests it: of the longest
  /// sequence of losses, perhaps with gaps, each below the one before, the end is kept, and as many
  /// steps before it as the sequence has losses. The first tenth of the sweep and its last five steps
  /// do not count. Nil if no three losses decrease, or the loss hardly falls.
  package var valley: Double? {
    guard hasFallen else { return nil }
    let points = points.dropFirst(steps / 10).dropLast(5).map(\.self)
    var lengths = Array(repeating: 1, count: points.count)
    var end = 0
    for place in points.indices {
      for earlier in 0..<place where points[earlier].smoothed > points[place].smoothed {
        lengths[place] = max(lengths[place], lengths[earlier] + 1)
      }
      if lengths[place] > lengths[end] { end = place }
    }
    guard !points.isEmpty, lengths[end] >= 3 else { return nil }
    let start = end - lengths[end]
    let third = Double(end - start) / 3
    return points[start + Int(third) + Int(third / 2)].rate
  }
}
