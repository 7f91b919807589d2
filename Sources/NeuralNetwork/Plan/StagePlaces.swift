/// Places that stages take when a plan is made, in each kind of memory.
struct StagePlaces {
  /// In `ParameterMemory`.
  var parameters = Places()
  var derivedWeights = Places()
  /// In a slot of `BatchMemory`.
  var slot = Places()
  /// In `WorkerMemory`: once, and for each sample of a shard.
  var scratch = Places()
  var shardValues = Places()
  /// In `BatchMemory`, for each sample of a batch.
  var batchValues = Places()
}
