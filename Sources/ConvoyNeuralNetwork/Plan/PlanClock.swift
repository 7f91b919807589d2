/// The order in which the passes of a plan's nodes run within a step.
///
/// One tick is one pass: all nodes forward in order, the loss, then all nodes backward in reverse.
/// Sums over samples may follow in phases of their own: first the weight gradients that groups sum;
/// then, together with the updates, those computed from the whole batch.
struct PlanClock {
  let nodes: Int
  /// Whether the weight gradients of groups are summed in a separate phase. Otherwise each is
  /// computed in its node's backward pass.
  let sumsGroupsApart: Bool

  enum Pass {
    case forward(Int)
    case loss
    case backward(Int)
  }

  func pass(at time: Int) -> Pass {
    time < loss ? .forward(time) : time == loss ? .loss : .backward(2 * nodes - time)
  }

  func forward(_ node: Int) -> Int { node }
  var loss: Int { nodes }
  func backward(_ node: Int) -> Int { 2 * nodes - node }
  /// One past the last backward pass.
  private var end: Int { 2 * nodes + 1 }

  /// When a node's parameter gradients are made.
  func parameterGradients(_ node: Int, of operation: some NodeOperation) -> Int {
    operation.sumsWholeBatch ? end + 1 : sumsGroupsApart ? end : backward(node)
  }

  /// The phase at a time. Worker memory does not survive a phase: whatever a later phase reads is
  /// in the batch's memory.
  func phase(of time: Int) -> Int { max(0, time - end + 1) }

  func isWithinPhase(_ life: ClosedRange<Int>) -> Bool {
    phase(of: life.lowerBound) == phase(of: life.upperBound)
  }

  /// The phases before the updates.
  var phases: [PlanPhase] { [.passes(0..<end)] + (sumsGroupsApart ? [.groupSums] : []) }
}

/// A phase of a step before the updates. Its chunks are independent, and may read everything that
/// earlier phases wrote.
package enum PlanPhase: Sendable, Equatable {
  /// The passes of these times of the plan's clock, in turn, for some samples.
  case passes(Range<Int>)
  /// Pieces of weight gradients, each for a group of samples.
  case groupSums
}
