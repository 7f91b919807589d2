/// When the passes of a plan's nodes run in a step.
///
/// The clock counts passes: all nodes forward in their order, the loss, and all nodes backward. What is
/// summed over samples may come after, in phases of its own: the weight gradients that groups sum, and with
/// the updates those that are made of the whole batch.
struct PlanClock {
  let nodes: Int
  /// Whether the weight gradients that groups of samples sum are a phase of their own; otherwise each is
  /// made in its node's pass backward.
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
  /// Past the last pass backward.
  private var end: Int { 2 * nodes + 1 }

  /// When a node's parameter gradients are made.
  func parameterGradients(_ node: Int, of operation: some NodeOperation) -> Int {
    operation.sumsWholeBatch ? end + 1 : sumsGroupsApart ? end : backward(node)
  }

  /// The phase of a time. A worker's memory holds nothing from one phase to the next: what a later one
  /// reads lies in the batch's.
  func phase(of time: Int) -> Int { max(0, time - end + 1) }

  func isWithinPhase(_ life: ClosedRange<Int>) -> Bool {
    phase(of: life.lowerBound) == phase(of: life.upperBound)
  }

  /// The phases before the updates.
  var phases: [PlanPhase] { [.passes(0..<end)] + (sumsGroupsApart ? [.groupSums] : []) }
}

/// A phase of a step before the updates. Its chunks of work are independent; each may read everything that
/// earlier phases wrote.
package enum PlanPhase: Sendable, Equatable {
  /// The passes of these times of the plan's clock, in turn, for some samples.
  case passes(Range<Int>)
  /// Pieces of weight gradients, each for a group of samples.
  case groupSums
}
