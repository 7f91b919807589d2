import ConvoyKernelInterface

/// Some samples of a batch on their way through the network, and the memory they use.
///
/// It points into the memory of the parameters and the batch without references to them, for whose
/// counts all cores would contend. Sound because whoever makes a pass keeps both until it has run.
@safe package struct SamplePass {
  let parameters: ParameterPlaces
  let batch: BatchPlaces
  let scratch: MutableFloatPointer
  /// Not read: keeps alive what `scratch` and `workerValues` point to.
  private let worker: WorkerMemory
  private let workerValues: MutableFloatPointer
  private let workerSamples: Int
  /// Places in the batch.
  package let samples: Range<Int>
  /// Where the weight gradients go, if the samples are a group and the pass computes them.
  package let slot: GradientSlot?
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

  /// - Parameter slot: nil where weight gradients are summed in a separate phase, or not wanted.
  package init(
    parameters: ParameterMemory, batch: BatchMemory, worker: WorkerMemory, samples: Range<Int>,
    slot: GradientSlot?, training: TrainingKey?
  ) {
    precondition(samples.count <= worker.samples, "the samples have room in the worker's memory")
    unsafe self.init(parameters, batch, worker, samples, slot, training)
  }

  /// A group whose samples have run backward, to compute a piece of its weight gradients. That
  /// reads only the batch's memory.
  package init(
    sumOf group: Int, samples: Range<Int>, parameters: ParameterMemory, batch: BatchMemory,
    worker: WorkerMemory
  ) {
    unsafe self.init(parameters, batch, worker, samples, GradientSlot(group), nil)
    isBackward = true
  }

  private init(
    _ parameters: ParameterMemory, _ batch: BatchMemory, _ worker: WorkerMemory,
    _ samples: Range<Int>, _ slot: GradientSlot?, _ training: TrainingKey?
  ) {
    precondition(samples.upperBound <= batch.samples, "the samples have room in the batch's memory")
    unsafe self.parameters = unsafe parameters.places
    unsafe self.batch = unsafe batch.places
    unsafe scratch = worker.scratch.pointer
    self.worker = worker
    unsafe workerValues = worker.values.pointer
    workerSamples = worker.samples
    self.samples = samples
    self.slot = slot
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
    case .worker: unsafe workerValues + (place.offset * workerSamples + sample * count)
    case .batch: unsafe batch.pointer(place, count: count, samples.lowerBound + sample)
    }
  }

  var slotPointer: MutableFloatPointer {
    guard let slot else { preconditionFailure("the pass computes weight gradients") }
    return unsafe batch.slot(slot.index)
  }
}

/// A slot of `BatchMemory` in which a group of samples leaves its weight gradients, and the additions that
/// follow as each is made: slot `index` to slot `sum`, then `index` − 1 to `sum` − 1, and so on.
package struct GradientSlot: Sendable, Equatable {
  package let index: Int
  package let sum: Int
  package let additions: Int

  /// A slot whose gradients stay.
  package init(_ index: Int) { (self.index, sum, additions) = (index, index, 0) }

  package init(_ index: Int, addedTo sum: Int, additions: Int) {
    (self.index, self.sum, self.additions) = (index, sum, additions)
  }
}
