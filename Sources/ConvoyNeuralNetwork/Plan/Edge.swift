/// What a node hands to the nodes that read it: the values, and the gradients that come back.
///
/// An edge has one producer, or is the network's input, and any number of readers, which see the same
/// values. With several readers, most write their gradients to places of their own; see `EdgePlan`.
package struct Edge: Sendable {
  package let values: FeatureMap
  package let gradients: FeatureMap
  let valuesPlace: SamplePlace
  let gradientsPlace: SamplePlace
  /// Whether anything before the edge learns. If not, nobody writes or reads its gradients.
  let wantsGradients: Bool
}

/// Where the samples of a map lie.
struct SamplePlace: Sendable {
  enum Memory: Sendable {
    /// `WorkerMemory`: just the samples at hand.
    case worker
    /// `BatchMemory`: all samples, because a later phase reads them.
    case batch
  }

  let memory: Memory
  /// In floats a sample: multiplied by the samples that the memory has room for.
  let offset: Int
}
