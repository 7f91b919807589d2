import ConvoyKernelInterface

/// What one worker computes in: the activations and gradients of a shard, and scratch. Reused for
/// every shard, so that it stays in the worker's own cache.
package final class WorkerMemory {
  let samples: Int
  package let values: AlignedBuffer<Float>
  package let scratch: AlignedBuffer<Float>

  /// Loops over lists read a few floats past a map, and use none of them.
  private static let readPastEnd = 32

  /// - Parameter samples: the most that a shard holds.
  package init(_ plan: NetworkPlan, samples: Int) {
    self.samples = samples
    values = AlignedBuffer(count: plan.edges.workerCount * samples + Self.readPastEnd)
    scratch = AlignedBuffer(count: plan.sizes.scratch)
  }
}
