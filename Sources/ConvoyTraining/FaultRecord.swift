import Synchronization

/// The numbers found during training that are not finite, of which the first counts: the same one
/// whoever finds it.
final class FaultRecord: Sendable {
  /// Where a number is that is not finite.
  struct Fault: Sendable {
    enum Place: Sendable {
      /// In the batch.
      case loss(place: Int)
      /// By number.
      case gradient(block: Int)
    }

    /// In the epoch, from 0.
    let stepIndex: Int
    /// Since training began, from 1.
    let stepNumber: Int
    let place: Place

    init(_ step: TrainingStep, _ place: Place) {
      stepIndex = step.index
      stepNumber = step.number
      self.place = place
    }

    var isLoss: Bool { if case .loss = place { true } else { false } }

    /// Losses come before gradients, as they are made. Of gradients the last layer's come first:
    /// backward, the fault spreads from there.
    fileprivate var rank: (Int, Int, Int) {
      switch place {
      case .loss(let place): (stepNumber, 0, place)
      case .gradient(let block): (stepNumber, 1, -block)
      }
    }
  }

  private let isMarked = Atomic<Bool>(false)
  private let found = Mutex<Fault?>(nil)

  /// Told by a load, so that it can be asked at any time.
  var hasAny: Bool { isMarked.load(ordering: .relaxed) }

  var first: Fault? { hasAny ? found.withLock(\.self) : nil }

  func add(_ fault: Fault) {
    found.withLock { found in
      if let other = found, other.rank <= fault.rank { return }
      found = fault
    }
    isMarked.store(true, ordering: .relaxed)
  }
}
