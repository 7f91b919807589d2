import ConvoyKernelInterface

/// Some samples of a batch on their way through the network, and the memory they use.
///
/// References to the parameters and the batch are unowned, because all cores would contend for
/// their reference counts. Sound because a trainer, an evaluator or a test owns both while its
/// passes run.
@safe package struct SamplePass {
  package unowned(unsafe) let parameters: ParameterMemory
  package unowned(unsafe) let batch: BatchMemory
  package let worker: WorkerMemory
  /// Places in the batch.
  package let samples: Range<Int>
  /// The group that consists of these samples. Its slot receives their weight gradients.
  package let group: Int?
  /// Nil in evaluation, which drops nothing and normalises by running estimates, and in sums of
  /// groups.
  package let training: TrainingKey?
  /// Whether values are read at their edges' backward places.
  private var isBackward = false

  /// The key of random numbers in training.
  @unsafe package struct TrainingKey {
    package let seed: UInt64
    package let epoch: Int
    /// Each sample's number in the data set, by place in the batch.
    package let sampleNumbers: UnsafePointer<Int>

    package init(seed: UInt64, epoch: Int, sampleNumbers: UnsafePointer<Int>) {
      unsafe self.seed = seed
      unsafe self.epoch = epoch
      unsafe self.sampleNumbers = unsafe sampleNumbers
    }
  }

  /// - Parameter group: nil where weight gradients are summed in a separate phase, or not wanted.
  package init(
    parameters: ParameterMemory, batch: BatchMemory, worker: WorkerMemory, samples: Range<Int>,
    group: Int?, training: TrainingKey?
  ) {
    precondition(samples.count <= worker.samples, "the samples have room in the worker's memory")
    unsafe self.init(parameters, batch, worker, samples, group, training)
  }

  /// A group whose samples have run backward, to compute a piece of its weight gradients. That
  /// reads only the batch's memory.
  package init(
    sumOf group: Int, samples: Range<Int>, parameters: ParameterMemory, batch: BatchMemory,
    worker: WorkerMemory
  ) {
    unsafe self.init(parameters, batch, worker, samples, group, nil)
    isBackward = true
  }

  private init(
    _ parameters: ParameterMemory, _ batch: BatchMemory, _ worker: WorkerMemory,
    _ samples: Range<Int>, _ group: Int?, _ training: TrainingKey?
  ) {
    precondition(samples.upperBound <= batch.samples, "the samples have room in the batch's memory")
    unsafe self.parameters = parameters
    unsafe self.batch = batch
    self.worker = worker
    self.samples = samples
    self.group = group
    unsafe self.training = unsafe training
  }

  /// The pass of the same samples back through the network.
  var backward: SamplePass {
    var pass = self
    pass.isBackward = true
    return pass
  }

  /// The values of a sample, border included. `sample` is an index within the pass.
  package func values(_ edge: Edge, _ sample: Int) -> MutableFloatPointer {
    unsafe pointer(
      isBackward ? edge.backwardValuesPlace : edge.valuesPlace, count: edge.values.count, sample)
  }

  package func gradients(_ edge: Edge, _ sample: Int) -> MutableFloatPointer {
    unsafe pointer(edge.gradientsPlace, count: edge.gradients.count, sample)
  }

  /// - Parameter count: floats per sample.
  func pointer(_ place: SamplePlace, count: Int, _ sample: Int) -> MutableFloatPointer {
    switch place.memory {
    case .worker: unsafe worker.values.pointer + (place.offset * worker.samples + sample * count)
    case .batch: unsafe batch.pointer(place, count: count, samples.lowerBound + sample)
    }
  }

  var slot: MutableFloatPointer {
    guard let group, unsafe group < batch.slots else { preconditionFailure("the group has a slot") }
    return unsafe batch.slot(group)
  }
}
