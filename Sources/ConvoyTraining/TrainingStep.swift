/// Which samples a step takes.
struct TrainingStep {
  let epoch: Int
  /// In the epoch, from 0.
  let index: Int
  /// Since training began, from 1.
  let number: Int
  /// The step's samples, by their number in the data set.
  let samples: UnsafeBufferPointer<Int>

  init(epoch: Int, index: Int, number: Int, order: UnsafeBufferPointer<Int>, batchSize: Int) {
    self.epoch = epoch
    self.index = index
    self.number = number
    let first = index * batchSize
    samples = UnsafeBufferPointer(
      rebasing: order[first..<min(first + batchSize, order.count)])
  }
}
