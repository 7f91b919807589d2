import ConvoyKernelInterface
import Synchronization

/// An epoch in progress: the order of its samples, the steps done, and the results accumulated so
/// far.
///
/// Sound to share with the team's workers: one ticket per step writes it, and steps are sequential.
/// Those who watch read losses of published steps only, which do not change any more.
package final class EpochProgress: @unchecked Sendable {
  package let epoch: Int
  /// The number of steps in the epoch.
  package let steps: Int
  /// The samples by their number in the data set, batch after batch.
  let order: [Int]
  /// Nil where the images are in memory.
  let readAhead: ReadAhead?
  /// The results so far.
  package private(set) var sums: Sums
  private let losses: AlignedBuffer<Float>
  /// The number of steps whose losses may be read.
  private let published: Atomic<Int>
  /// Of the steps done, for those who watch.
  private let samples: Mutex<(seen: Int, correct: Int)>

  /// Of the steps done.
  package struct Sums: Sendable, Equatable, Codable {
    package var steps = 0
    package var loss = 0.0
    package var correct = 0
    package var samples = 0
    /// Of the samples: their number, unless classes have weights.
    package var weight = 0.0
    package var seconds = 0.0

    package init() {}
  }

  init(
    epoch: Int, order: [Int], readAhead: ReadAhead? = nil, steps: Int, sums: Sums = Sums(),
    stepLosses: [Float] = []
  ) {
    precondition(sums.steps == stepLosses.count && sums.steps <= steps, "a loss for each step done")
    self.epoch = epoch
    self.order = order
    self.readAhead = readAhead
    self.steps = steps
    self.sums = sums
    losses = AlignedBuffer(count: steps)
    published = Atomic(sums.steps)
    samples = Mutex((sums.samples, sums.correct))
    for (step, loss) in stepLosses.enumerated() { unsafe losses.pointer[step] = loss }
  }

  package var isDone: Bool { sums.steps == steps }

  /// Of the steps done.
  package var stepLosses: [Float] { unsafe Array(losses.elements[..<sums.steps]) }

  /// Adds the next step's results.
  ///
  /// - Parameter weight: of the batch; its loss is the sum of the samples' losses divided by it, and 0
  ///   where nothing weighs.
  /// - Returns: the batch's loss.
  func add(
    _ results: UnsafeBufferPointer<LossResult>, weight: Double, label: (_ place: Int) -> Int
  ) -> Float {
    var stepLoss = 0.0
    for unsafe(place, result) in unsafe results.enumerated() {
      stepLoss += Double(result.loss)
      if Int(result.predictedClass) == label(place) { sums.correct += 1 }
    }
    sums.loss += stepLoss
    sums.samples += results.count
    sums.weight += weight
    let mean = weight > 0 ? Float(stepLoss / weight) : 0
    unsafe losses.pointer[sums.steps] = mean
    sums.steps += 1
    let soFar = (seen: sums.samples, correct: sums.correct)
    samples.withLock { $0 = soFar }
    published.store(sums.steps, ordering: .releasing)
    return mean
  }

  /// The number of steps done so far. May be called at any time, from any thread.
  var stepsSoFar: Int { published.load(ordering: .acquiring) }

  /// The losses of the steps done so far. May be called at any time, from any thread.
  var lossesSoFar: [Float] {
    unsafe Array(losses.elements[..<published.load(ordering: .acquiring)])
  }

  /// The samples of the steps done so far, and those of them that were classified right. May be called
  /// at any time, from any thread.
  var samplesSoFar: (seen: Int, correct: Int) { samples.withLock(\.self) }

  func addTime(_ seconds: Double) { sums.seconds += seconds }

  package var metrics: EpochMetrics {
    EpochMetrics(
      loss: sums.weight > 0 ? sums.loss / sums.weight : 0,
      accuracy: Double(sums.correct) / Double(max(1, sums.samples)), samples: sums.samples,
      seconds: sums.seconds, stepLosses: stepLosses)
  }
}

/// Metrics of an epoch of training, accumulated while the parameters change from step to step and
/// dropout is active.
package struct EpochMetrics: Sendable, Equatable {
  /// Mean over the samples seen, weighted where classes have weights.
  package let loss: Double
  package let accuracy: Double
  package let samples: Int
  /// Training time, without evaluation.
  package let seconds: Double
  /// The mean loss of each step's batch, before its update.
  package let stepLosses: [Float]

  package var samplesPerSecond: Double { seconds > 0 ? Double(samples) / seconds : 0 }
}
