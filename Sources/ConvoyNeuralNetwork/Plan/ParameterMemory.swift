import ConvoyKernelInterface
import Foundation

/// The parameters of a network as kernels read them, and the rearranged weights that input gradients
/// are made with.
///
/// Sound to share between threads: whoever trains, evaluates, reads or loads them does so in
/// `exclusively`. A trainer's workers share them within: while passes run nobody writes, and in the
/// update phase each block of parameters, with its part of the rearranged weights, belongs to one worker.
package final class ParameterMemory: @unchecked Sendable {
  package let values: AlignedBuffer<Float>
  package let derivedWeights: AlignedBuffer<Float>
  /// Foundation's lock and not a `Mutex`, as ThreadSanitizer sees what it guards.
  private let lock = NSLock()

  package init(_ plan: NetworkPlan) {
    values = AlignedBuffer(count: plan.sizes.parameters)
    derivedWeights = AlignedBuffer(count: plan.sizes.derivedWeights)
  }

  /// Runs `body` while nobody else uses the parameters; others wait. A body that asks again, or
  /// waits for a thread that does, waits for ever.
  package func exclusively<Result>(_ body: () throws -> Result) rethrows -> Result {
    try lock.withLock(body)
  }
}

/// A run of parameters that is updated in one go, by whichever worker comes first.
package struct ParameterBlock: Sendable, Equatable {
  /// The stage whose parameters these are.
  package let stage: Int
  /// In `ParameterMemory`.
  package let range: Range<Int>
  package let part: Part

  package enum Part: Sendable, Equatable {
    /// Rows of one panel of the weights.
    case weights(panel: Int, rows: Range<Int>)
    case biases
  }

  /// Whether L2 and weight decay act on it: on weights, not on biases.
  package var isDecayed: Bool { part != .biases }
}
