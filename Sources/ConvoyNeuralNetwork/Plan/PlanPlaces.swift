/// The places that stages take in each kind of memory, as a plan is made.
struct PlanPlaces {
  /// In `ParameterMemory`.
  var parameters: Places
  var derivedWeights: Places
  /// In a slot of `BatchMemory`.
  var slot: Places
  /// In the scratch of `WorkerMemory`, which a stage uses during one pass. Stages run one at a
  /// time, so all take scratch from the same offset.
  var scratch: Places
  /// The most scratch that any pass takes, and that a forward pass takes, in floats.
  private(set) var scratchCount = 0
  private(set) var forwardScratchCount = 0
  /// False with guard bands, because the next pass would write to them.
  private let sharesScratch: Bool

  init(guardBand: Int) {
    let none = Places(guardBand: guardBand)
    (parameters, derivedWeights, slot, scratch) = (none, none, none, none)
    sharesScratch = guardBand == 0
  }

  /// Takes the scratch of one pass of a stage.
  mutating func takeScratch<Taken>(
    isForward: Bool, _ take: (inout PlanPlaces) -> Taken
  ) -> Taken {
    let before = scratch.count
    if sharesScratch { scratch = Places() }
    let taken = take(&self)
    scratchCount = max(scratchCount, scratch.count)
    if isForward {
      forwardScratchCount = max(
        forwardScratchCount, scratch.count - (sharesScratch ? 0 : before))
    }
    return taken
  }
}
