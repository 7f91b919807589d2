import ConvoyKernelInterface

/// Values and gradients of the whole batch that later phases read, and slots of gradient sums.
///
/// Sound to share between threads: a pass writes only its samples, its chunk's slots and its worker's;
/// pieces of a group's sums write disjoint panels, and pieces of statistics disjoint channels; sums of
/// pairs write disjoint slots; an exchange between ranks writes what is other ranks'; what one phase
/// writes, only a later phase of the team reads.
package final class BatchMemory: @unchecked Sendable {
  package let values: AlignedBuffer<Float>
  package let slotValues: AlignedBuffer<Float>
  package let samples: Int
  package let slots: Int
  package let slotStep: Int

  /// - Parameters:
  ///   - samples: the largest batch.
  ///   - slots: 0 where no gradients are needed.
  package init(_ plan: NetworkPlan, samples: Int, slots: Int) {
    values = AlignedBuffer(count: plan.edges.batchCount * samples)
    slotValues = AlignedBuffer(count: plan.sizes.slot * slots)
    self.samples = samples
    self.slots = slots
    slotStep = plan.sizes.slot
  }

  /// For a pass, which counts no reference.
  var places: BatchPlaces {
    unsafe BatchPlaces(
      samples: samples, slots: slots, slotStep: slotStep, values: values.pointer,
      slotValues: slotValues.pointer)
  }

  /// A sample's place.
  ///
  /// - Parameter count: floats per sample.
  func pointer(_ place: SamplePlace, count: Int, _ sample: Int) -> MutableFloatPointer {
    unsafe places.pointer(place, count: count, sample)
  }

  package func slot(_ index: Int) -> MutableFloatPointer { unsafe places.slot(index) }
}

/// Where the numbers of `BatchMemory` are, as long as it lives.
@unsafe struct BatchPlaces {
  let samples: Int
  let slots: Int
  let slotStep: Int
  let values: MutableFloatPointer
  let slotValues: MutableFloatPointer

  /// A sample's place.
  ///
  /// - Parameter count: floats per sample.
  func pointer(_ place: SamplePlace, count: Int, _ sample: Int) -> MutableFloatPointer {
    precondition(place.memory == .batch, "the place is in the batch's memory")
    return unsafe values + (place.offset * samples + sample * count)
  }

  func slot(_ index: Int) -> MutableFloatPointer {
    unsafe precondition(index < slots, "there is such a slot")
    return unsafe slotValues + index * slotStep
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
