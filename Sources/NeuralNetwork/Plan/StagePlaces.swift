/// Places that stages take when a plan is made, in each kind of memory.
struct StagePlaces {
  /// In `ParameterMemory`.
  var parameters: Places
  var derivedWeights: Places
  /// In a slot of `BatchMemory`.
  var slot: Places
  /// In `WorkerMemory`: once, and for each sample of a shard.
  var scratch: Places
  var shardValues: Places
  /// In `BatchMemory`, for each sample of a batch.
  var batchValues: Places

  /// - Parameter leastGap: floats between two places.
  init(leastGap: Int) {
    let none = Places(leastGap: leastGap)
    (parameters, derivedWeights, slot) = (none, none, none)
    (scratch, shardValues, batchValues) = (none, none, none)
  }
}
