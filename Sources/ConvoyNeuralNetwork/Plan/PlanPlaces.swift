/// Places that stages take when a plan is made, in each kind of memory.
struct PlanPlaces {
  /// In `ParameterMemory`.
  var parameters: Places
  var derivedWeights: Places
  /// In a slot of `BatchMemory`.
  var slot: Places
  /// In the scratch of `WorkerMemory`: what a stage holds while it runs a pass. One runs at a time, and
  /// all begin at the same place.
  var scratch: Places
  /// The most scratch that any pass takes, and that a pass forward takes, in floats.
  private(set) var scratchCount = 0
  private(set) var forwardScratchCount = 0
  /// Guard bands would be written to by the next pass.
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
