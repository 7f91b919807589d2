/// When the passes of a plan's nodes run in a step.
///
/// The clock counts passes: node i runs forward at i, the loss at n, the number of nodes, and node i
/// backward at 2n − i. What is summed over samples may come after, in phases of its own: the weight
/// gradients of convolutions, and those of dense layers with the updates.
struct PlanClock {
  let nodes: Int
  /// Whether the weight gradients that groups of samples sum are a phase of their own; otherwise each is
  /// made in its node's pass backward.
  let sumsGroupsApart: Bool

  var loss: Int { nodes }
  /// Past the last pass backward.
  private var end: Int { 2 * nodes + 1 }

  func backward(_ node: Int) -> Int { 2 * nodes - node }

  /// When a node reads its inputs and its outputs' gradients for its parameters' gradients.
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

/// A phase of a step before the updates: chunks of work that need nothing of each other, and all that
/// earlier phases made.
package enum PlanPhase: Sendable, Equatable {
  /// The passes of these times of the plan's clock, in turn, for some samples.
  case passes(Range<Int>)
  /// Pieces of weight gradients, each for a group of samples.
  case groupSums
}
