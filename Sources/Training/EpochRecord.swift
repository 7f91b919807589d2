import KernelInterface

/// Adds up the results of an epoch, step by step in order.
///
/// Sound to share with the team's workers: one ticket a step writes it, and steps follow one another.
final class EpochRecord: @unchecked Sendable {
  private var loss = 0.0
  private var correct = 0
  private var samples = 0
  private let stepLosses: AlignedBuffer<Float>

  init(steps: Int) { stepLosses = AlignedBuffer(count: steps) }

  func add(
    _ results: UnsafeBufferPointer<LossResult>, step: Int, label: (_ place: Int) -> Int
  ) {
    var stepLoss = 0.0
    for (place, result) in results.enumerated() {
      stepLoss += Double(result.loss)
      if Int(result.predictedClass) == label(place) { correct += 1 }
    }
    loss += stepLoss
    samples += results.count
    stepLosses.pointer[step] = Float(stepLoss / Double(results.count))
  }

  func metrics(seconds: Double) -> EpochMetrics {
    EpochMetrics(
      loss: loss / Double(max(1, samples)), accuracy: Double(correct) / Double(max(1, samples)),
      samples: samples, seconds: seconds, stepLosses: Array(stepLosses.elements))
  }
}
