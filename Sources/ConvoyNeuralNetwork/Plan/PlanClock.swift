/// The order of a plan's passes within a step, and the phases they make up.
///
/// One tick is one pass of a node: all nodes run forward in order, then comes the loss, then all run
/// backward in reverse. A node with statistics of the batch splits this order twice: all samples are
/// measured before its forward pass, and all output gradients before its backward pass, if it has
/// one. Other sums over samples follow in phases of their own: the weight gradients that groups sum,
/// if they are separate; then, together with the updates, all that is left.
struct PlanClock: Sendable {
  /// Whether the weight gradients of groups are summed in a separate phase. Otherwise each is
  /// computed in its node's backward pass.
  let sumsGroupsApart: Bool
  /// The phases before the updates.
  private(set) var phases: [PlanPhase] = []
  private(set) var loss = 0
  /// By time, the end excluded.
  private var passes: [Pass] = []
  /// By node.
  private var forward: [Int] = []
  private var backward: [Int] = []
  /// By time.
  private var phaseNumbers: [Int] = []

  enum Pass {
    case forward(Int)
    case loss
    case backward(Int)
    /// For a node with statistics: of its input before the forward pass, and of its output's
    /// gradients before the backward pass; first of each sample, then of all.
    case measure(Int, Direction)
    case combine(Int, Direction)
  }

  enum Direction {
    case forward, backward
  }

  init(_ nodes: [PlanNode], sumsGroupsApart: Bool) {
    self.sumsGroupsApart = sumsGroupsApart
    var start = 0
    func add(_ pass: Pass) {
      passes.append(pass)
      phaseNumbers.append(phases.count)
    }
    func endPasses() {
      phases.append(.passes(start..<passes.count))
      start = passes.count
    }
    func addStatistics(of node: Int, _ direction: Direction) {
      guard nodes[node].operation.measuresBatch else { return }
      add(.measure(node, direction))
      endPasses()
      add(.combine(node, direction))
      phases.append(.statistics(at: start))
      start = passes.count
    }
    for node in nodes.indices {
      addStatistics(of: node, .forward)
      forward.append(passes.count)
      add(.forward(node))
    }
    loss = passes.count
    add(.loss)
    backward = Array(repeating: 0, count: nodes.count)
    let wantsGradients = nodes.wantsGradients
    for node in nodes.indices.reversed() {
      if wantsGradients[node + 1] { addStatistics(of: node, .backward) }
      backward[node] = passes.count
      add(.backward(node))
    }
    endPasses()
    if sumsGroupsApart { phases.append(.groupSums) }
  }

  func pass(at time: Int) -> Pass { passes[time] }
  func forward(_ node: Int) -> Int { forward[node] }
  func backward(_ node: Int) -> Int { backward[node] }

  /// When a node's parameter gradients are made; for a node without parameters, its backward pass.
  func parameterGradients(_ node: Int, of operation: some NodeOperation) -> Int {
    switch operation.parameterGradients {
    case .none: backward(node)
    case .groups: sumsGroupsApart ? passes.count : backward(node)
    case .wholeBatch, .statistics: updates
    }
  }

  private var updates: Int { passes.count + 1 }

  /// The phase at a time. Worker memory does not survive a phase: whatever a later phase reads is
  /// in the batch's memory.
  private func phase(of time: Int) -> Int {
    time < passes.count ? phaseNumbers[time] : time < updates ? phases.count - 1 : phases.count
  }

  /// The phases during which a buffer is alive.
  func phases(of life: ClosedRange<Int>) -> ClosedRange<Int> {
    phase(of: life.lowerBound)...phase(of: life.upperBound)
  }
}

/// A phase of a step before the updates. Its chunks are independent, and may read everything that
/// earlier phases wrote.
package enum PlanPhase: Sendable, Equatable {
  /// The passes of these times of the plan's clock, in turn, for some samples.
  case passes(Range<Int>)
  /// Pieces of a node's statistics of the whole batch.
  case statistics(at: Int)
  /// Pieces of weight gradients, each for a group of samples.
  case groupSums
}
