import ConvoyKernelInterface

/// What later phases read of all samples of a batch, and a slot of gradient sums for each group.
///
/// Sound to share between threads: a pass writes its own samples' numbers and its group's slot; the pieces
/// of a group's sums write panels of their own; and what reads them runs in a later phase of the team.
package final class BatchMemory: @unchecked Sendable {
  package let samples: Int
  package let slots: Int
  package let slotStep: Int
  package let values: AlignedBuffer<Float>
  package let slotValues: AlignedBuffer<Float>

  /// - Parameters:
  ///   - samples: the most that a batch holds.
  ///   - slots: the most groups that a batch is cut into; 0 where no gradients are wanted.
  package init(_ plan: NetworkPlan, samples: Int, slots: Int) {
    self.samples = samples
    self.slots = slots
    self.slotStep = plan.sizes.slot
    values = AlignedBuffer(count: plan.edges.batchCount * samples)
    slotValues = AlignedBuffer(count: plan.sizes.slot * slots)
  }

  func slot(_ index: Int) -> MutableFloatPointer { unsafe slotValues.pointer + index * slotStep }
}

/// What one worker computes in: the activations and gradients of a pass, and scratch. Reused for
/// every pass, so that it stays in the worker's own cache.
package final class WorkerMemory {
  let samples: Int
  package let values: AlignedBuffer<Float>
  package let scratch: AlignedBuffer<Float>

  /// Loops over lists read a few floats past a map, and use none of them.
  private static let readPastEnd = 32

  /// - Parameter samples: the most that a pass holds.
  package init(_ plan: NetworkPlan, samples: Int) {
    self.samples = samples
    values = AlignedBuffer(count: plan.edges.workerCount * samples + Self.readPastEnd)
    scratch = AlignedBuffer(count: plan.sizes.scratch)
  }
}
