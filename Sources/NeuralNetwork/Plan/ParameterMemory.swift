import KernelInterface

/// The parameters of a network as kernels read them, and the rearranged weights that input gradients
/// are made with.
///
/// Sound to share between threads: while shards run nobody writes, and in the update phase each
/// block of parameters, with its part of the rearranged weights, belongs to one worker.
package final class ParameterMemory: @unchecked Sendable {
  package let values: AlignedBuffer<Float>
  package let derivedWeights: AlignedBuffer<Float>

  package init(_ plan: NetworkPlan) {
    values = AlignedBuffer(count: plan.sizes.parameters)
    derivedWeights = AlignedBuffer(count: plan.sizes.derivedWeights)
  }
}
