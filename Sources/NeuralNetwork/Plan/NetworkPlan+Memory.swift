extension NetworkPlan {
  /// The memory of a shard's gradients.
  package var slotBytes: Int { sizes.slot * MemoryLayout<Float>.stride }

  /// Bytes that running the network takes. In Double, which cannot overflow.
  ///
  /// - Parameters:
  ///   - parameterArrays: arrays with a number for each parameter.
  ///   - samples: in a batch.
  ///   - slots: shards whose gradients are kept.
  package func bytes(
    parameterArrays: Int, samples: Int, slots: Int, workers: Int, samplesAWorker: Int
  ) -> Double {
    let floats =
      Double(sizes.parameters) * Double(parameterArrays) + Double(sizes.derivedWeights)
      + Double(sizes.slot) * Double(slots) + Double(sizes.batchValues) * Double(samples)
      + (Double(sizes.scratch) + Double(sizes.shardValues) * Double(samplesAWorker))
      * Double(workers)
    return floats * Double(MemoryLayout<Float>.stride)
  }
}
