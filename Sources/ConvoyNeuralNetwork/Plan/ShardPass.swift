import ConvoyKernelInterface

/// One shard's way through the network: which samples, and where their numbers lie.
///
/// It does not keep the parameters and the batch alive, since all cores would count their references
/// in the same place: sound because a trainer, an evaluator or a test owns both while its passes run.
package struct ShardPass {
  package unowned(unsafe) let parameters: ParameterMemory
  package unowned(unsafe) let batch: BatchMemory
  package let worker: WorkerMemory
  /// Places in the batch.
  package let samples: Range<Int>
  /// The shard's number, and so its slot.
  package let shard: Int
  /// Nil in evaluation: then nothing is dropped, and no gradient wanted.
  package let training: TrainingKey?

  /// What random numbers of training are keyed by.
  package struct TrainingKey {
    package let seed: UInt64
    package let epoch: Int
    /// Each sample's number in the data set, by place in the batch.
    package let sampleNumbers: UnsafePointer<Int>

    package init(seed: UInt64, epoch: Int, sampleNumbers: UnsafePointer<Int>) {
      self.seed = seed
      self.epoch = epoch
      self.sampleNumbers = sampleNumbers
    }
  }

  package init(
    parameters: ParameterMemory, batch: BatchMemory, worker: WorkerMemory, samples: Range<Int>,
    shard: Int, training: TrainingKey?
  ) {
    precondition(samples.count <= worker.samples, "the shard has room in the worker's memory")
    precondition(samples.upperBound <= batch.samples, "the samples have room in the batch's memory")
    precondition(training == nil || shard < batch.slots, "the shard has a slot")
    self.parameters = parameters
    self.batch = batch
    self.worker = worker
    self.samples = samples
    self.shard = shard
    self.training = training
  }

  /// The values of a sample, border included. Samples are counted within the shard.
  package func values(_ edge: Edge, _ sample: Int) -> MutableFloatPointer {
    pointer(edge.valuesPlace, count: edge.values.count, sample)
  }

  package func gradients(_ edge: Edge, _ sample: Int) -> MutableFloatPointer {
    pointer(edge.gradientsPlace, count: edge.gradients.count, sample)
  }

  /// - Parameter count: floats of a sample.
  func pointer(_ place: SamplePlace, count: Int, _ sample: Int) -> MutableFloatPointer {
    switch place.memory {
    case .worker: worker.values.pointer + (place.offset * worker.samples + sample * count)
    case .batch:
      batch.values.pointer
        + (place.offset * batch.samples + (samples.lowerBound + sample) * count)
    }
  }

  var slot: MutableFloatPointer { batch.slot(shard) }
}
