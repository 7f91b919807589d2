/// The output of a node: its values, and their gradients.
///
/// An edge has one producer, or is the network's input. It has any number of readers, which read
/// the same values. With several readers, most write their gradients to buffers of their own; see
/// `EdgePlan`.
package struct Edge: Sendable {
  package let values: FeatureMap
  package let gradients: FeatureMap
  /// In forward passes.
  let valuesPlace: SamplePlace
  /// In backward passes: another place if the producer runs forward again.
  let backwardValuesPlace: SamplePlace
  let gradientsPlace: SamplePlace
  /// Whether any node before the edge learns. If not, its gradients are neither written nor read.
  let wantsGradients: Bool
}

/// Where the samples of a map lie.
struct SamplePlace: Sendable {
  enum Memory: Sendable {
    /// `WorkerMemory`: only the samples of the current pass.
    case worker
    /// `BatchMemory`: all samples, because a later phase reads them.
    case batch
  }

  let memory: Memory
  /// In floats per sample: the memory multiplies it by the samples that it has room for.
  let offset: Int
}
