import NeuralNetwork

/// The memory that training a network takes, told before any of it is asked for: the system gives no
/// second chance to say so.
package struct MemoryNeed: Sendable, Equatable {
  package let bytes: Double

  /// Parameters with gradients, moments and the copies that files are made of; a batch; and what each
  /// worker computes in.
  ///
  /// - Parameter workers: how many run at once.
  package init(_ plan: NetworkPlan, _ configuration: TrainingConfiguration, workers: Int) {
    let cut = ShardCut(batchSize: configuration.batchSize, slotBytes: plan.slotBytes)
    bytes = plan.bytes(
      parameterArrays: 4 + configuration.optimizer.momentCount, samples: configuration.batchSize,
      slots: cut.shards, workers: workers, samplesAWorker: cut.shardSize)
  }

  /// - Throws: `MemoryError` if there is more need than `available` bytes.
  package func check(available: UInt64) throws(MemoryError) {
    guard bytes <= Double(available) else {
      throw MemoryError(needed: bytes, available: Double(available))
    }
  }
}
