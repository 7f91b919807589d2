import ConvoyKernelInterface

/// Values and gradients of the whole batch that later phases read, and slots of gradient sums.
///
/// Sound to share between threads: a pass writes only its own samples and its chunk's slots; pieces
/// of a group's sums write disjoint panels, and pieces of statistics disjoint channels; an exchange
/// between ranks writes what is other ranks'; what one phase writes, only a later phase of the team
/// reads.
package final class BatchMemory: @unchecked Sendable {
  package let samples: Int
  package let slots: Int
  package let slotStep: Int
  package let values: AlignedBuffer<Float>
  package let slotValues: AlignedBuffer<Float>

  /// - Parameters:
  ///   - samples: the largest batch.
  ///   - slots: 0 where no gradients are needed.
  package init(_ plan: NetworkPlan, samples: Int, slots: Int) {
    self.samples = samples
    self.slots = slots
    self.slotStep = plan.sizes.slot
    values = AlignedBuffer(count: plan.edges.batchCount * samples)
    slotValues = AlignedBuffer(count: plan.sizes.slot * slots)
  }

  /// A sample's place.
  ///
  /// - Parameter count: floats per sample.
  func pointer(_ place: SamplePlace, count: Int, _ sample: Int) -> MutableFloatPointer {
    precondition(place.memory == .batch, "the place is in the batch's memory")
    return unsafe values.pointer + (place.offset * samples + sample * count)
  }

  package func slot(_ index: Int) -> MutableFloatPointer {
    precondition(index < slots, "there is such a slot")
    return unsafe slotValues.pointer + index * slotStep
  }
}

/// One worker's activations, gradients and scratch. It is reused for every pass, so that it stays
/// in that core's cache.
package final class WorkerMemory {
  let samples: Int
  package let values: AlignedBuffer<Float>
  package let scratch: AlignedBuffer<Float>

  /// Kernels over gradient lists load a few floats past the end of a map and discard them.
  private static let readPastEnd = 32

  /// - Parameter samples: the most samples per pass.
  package init(_ plan: NetworkPlan, samples: Int) {
    self.samples = samples
    values = AlignedBuffer(count: plan.edges.workerCount * samples + Self.readPastEnd)
    scratch = AlignedBuffer(count: plan.sizes.scratch)
  }
}
