/// Sizes of the memories, in bytes. In Double, which cannot overflow.
extension NetworkPlan {
  /// What the second cache of a core holds, on processors of servers. What exceeds it comes from a more
  /// distant one, at a fraction of the speed.
  package static let secondCacheBytes = 1 << 20

  /// The memory of a group's gradients.
  package var slotBytes: Int { sizes.slot * MemoryLayout<Float>.stride }

  /// An array with a number for each parameter.
  package var parameterBytes: Double { Self.bytes(sizes.parameters) }

  /// `ParameterMemory`.
  package var parameterMemoryBytes: Double { parameterBytes + Self.bytes(sizes.derivedWeights) }

  package func batchMemoryBytes(samples: Int, slots: Int) -> Double {
    Self.bytes(edges.batchCount) * Double(samples) + Self.bytes(sizes.slot) * Double(slots)
  }

  package func workerMemoryBytes(samples: Int) -> Double {
    Self.bytes(edges.workerCount) * Double(samples) + Self.bytes(sizes.scratch)
  }

  /// What a worker writes in `WorkerMemory` and `BatchMemory` in evaluation, where it computes no
  /// gradients.
  package func forwardBytes(samples: Int) -> Double {
    (Double(bytesASample) + Self.bytes(edges.keptCount)) * Double(samples)
      + Self.bytes(sizes.forwardScratch)
  }

  private static func bytes(_ floats: Int) -> Double {
    Double(floats) * Double(MemoryLayout<Float>.stride)
  }
}
