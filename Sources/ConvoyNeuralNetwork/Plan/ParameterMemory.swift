import ConvoyKernelInterface
import Foundation

/// The parameters of a network in the kernels' layout, and the derived weights: rearranged copies
/// for input gradients and Winograd's algorithm.
///
/// Sound to share between threads: training, evaluation, reading and loading all run within
/// `exclusively`. Within it, a trainer's workers only read during passes, and in the update phase
/// each block of parameters, with its part of the derived weights, belongs to one worker.
package final class ParameterMemory: @unchecked Sendable {
  package let values: AlignedBuffer<Float>
  package let derivedWeights: AlignedBuffer<Float>
  /// `NSLock` rather than `Mutex`, because ThreadSanitizer understands it.
  private let lock = NSLock()

  package init(_ plan: NetworkPlan) {
    values = AlignedBuffer(count: plan.sizes.parameters)
    derivedWeights = AlignedBuffer(count: plan.sizes.derivedWeights)
  }

  /// For a pass, which counts no reference.
  var places: ParameterPlaces {
    unsafe ParameterPlaces(values: values.pointer, derivedWeights: derivedWeights.pointer)
  }

  /// Runs `body` while no other thread uses the parameters; others wait. A nested call, or waiting
  /// in `body` for a thread that calls it, deadlocks.
  package func exclusively<Result>(_ body: () throws -> Result) rethrows -> Result {
    try lock.withLock(body)
  }
}

/// Where the numbers of `ParameterMemory` are, as long as it lives.
@unsafe struct ParameterPlaces {
  let values: MutableFloatPointer
  let derivedWeights: MutableFloatPointer
}

/// A range of parameters that one worker updates at once, or that is frozen.
package struct ParameterBlock: Sendable, Equatable {
  /// Index of the stage that owns the parameters.
  package let stage: Int
  /// In `ParameterMemory`.
  package let range: Range<Int>
  package let part: Part
  /// Whether training leaves it as it is.
  package var isFrozen = false

  package enum Part: Sendable, Equatable {
    /// Rows of one panel of the weights.
    case weights(panel: Int, rows: Range<Int>)
    /// What is added to each channel.
    case biases
    /// What a normalisation multiplies each channel by, or a slope.
    case scales
    /// Measured in training, not learned: running estimates, without the count of their updates,
    /// which changes with them.
    case statistics
  }

  package var isLearned: Bool { part != .statistics && !isFrozen }

  /// Whether L2 and weight decay act on it: on weights, not on biases, normalisations or slopes.
  package var isDecayed: Bool {
    if case .weights = part { true } else { false }
  }
}
