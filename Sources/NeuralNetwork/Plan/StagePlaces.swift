/// Places that stages take when a plan is made, in each kind of memory.
struct StagePlaces {
  /// In `ParameterMemory`.
  var parameters: Places
  var derivedWeights: Places
  /// In a slot of `BatchMemory`.
  var slot: Places
  /// In `WorkerMemory`: once, and for each sample of a shard.
  var scratch: Places
  /// What a pass forward writes of the scratch, in floats.
  var forwardScratch = 0
  var shardValues: Places
  /// The winners of max pooling among a sample's values: all that a pass forward writes beside the
  /// values between stages.
  private(set) var winnerCount = 0
  /// In `BatchMemory`, for each sample of a batch.
  var batchValues: Places

  /// - Parameter leastGap: floats between two places.
  init(leastGap: Int) {
    let none = Places(leastGap: leastGap)
    (parameters, derivedWeights, slot) = (none, none, none)
    (scratch, shardValues, batchValues) = (none, none, none)
  }

  mutating func takeWinners(_ count: Int) -> Int {
    winnerCount += count
    return shardValues.take(count)
  }
}
