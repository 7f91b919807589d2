import KernelInterface

/// What one worker computes in: the activations and gradients of a shard, and scratch. Reused for
/// every shard, so that it stays in the worker's own cache.
package final class WorkerMemory {
  let samples: Int
  package let values: AlignedBuffer<Float>
  package let scratch: AlignedBuffer<Float>

  /// - Parameter samples: the most that a shard holds.
  package init(_ plan: NetworkPlan, samples: Int) {
    self.samples = samples
    values = AlignedBuffer(count: plan.sizes.shardValues * samples)
    scratch = AlignedBuffer(count: plan.sizes.scratch)
  }
}
