/// The lifetimes of the values and gradients of a plan's edges.
struct EdgeLives {
  /// One input of a node.
  struct Reading: Hashable {
    let node: Int
    let input: Int
  }

  /// The readers of each edge, in the order of nodes.
  let readings: [[Reading]]
  /// Whether the producer of each edge runs backward, and so wants the edge's gradients.
  let wantsGradients: [Bool]
  private let nodes: [PlanNode]
  let clock: PlanClock

  init(_ nodes: [PlanNode], _ clock: PlanClock, wantsGradients: Bool) {
    self.nodes = nodes
    self.clock = clock
    var readings = [[Reading]](repeating: [], count: nodes.count + 1)
    for (index, node) in nodes.enumerated() {
      for (position, edge) in node.inputs.enumerated() {
        readings[edge].append(Reading(node: index, input: position))
      }
    }
    self.readings = readings
    self.wantsGradients =
      wantsGradients ? nodes.wantsGradients : [Bool](repeating: false, count: nodes.count + 1)
  }

  /// When a node last reads what it kept.
  private func parameterGradients(_ node: Int) -> Int {
    clock.parameterGradients(node, of: nodes[node].operation)
  }

  /// When a node last reads its inputs or its output's gradients.
  private func lastPass(_ node: Int) -> Int {
    nodes[node].operation.parameterGradients == .statistics
      ? clock.backward(node) : parameterGradients(node)
  }

  func wantsInputGradient(_ node: Int) -> Bool {
    node >= 0 && nodes[node].inputs.contains { wantsGradients[$0] }
  }

  /// From the producer's forward pass, or the start of the step, to the last pass that reads the
  /// values.
  func values(of edge: Int) -> ClosedRange<Int> {
    // The network's input is written before the first node runs and lives from the start of the
    // step through the backward pass of node 0, so that it never shares memory and its border stays
    // zero.
    guard edge > 0 else {
      return 0...readings[0].reduce(clock.backward(0)) { max($0, lastRead($1)) }
    }
    let producer = edge - 1
    let first = clock.forward(producer)
    var last = edge == nodes.count ? clock.loss : first
    if wantsGradients[edge], nodes[producer].operation.backwardReads.contains(.output) {
      last = clock.backward(producer)
    }
    return first...readings[edge].reduce(last) { max($0, lastRead($1)) }
  }

  /// When a node last reads an input's values.
  private func lastRead(_ reading: Reading) -> Int {
    let node = reading.node
    return wantsGradients[node + 1] && nodes[node].operation.backwardReads.contains(.input)
      ? lastPass(node) : clock.forward(node)
  }

  /// From the first pass that writes the gradients to the last of the producer's that reads them.
  func gradients(of edge: Int) -> ClosedRange<Int> {
    let first = readings[edge].last.map { clock.backward($0.node) } ?? clock.loss
    return
      first...max(
        first, edge > 0 && wantsGradients[edge] ? lastPass(edge - 1) : first)
  }

  /// From a node's forward pass to the last pass that reads what it stored. Statistics of the batch
  /// share no memory with anything before: a search for an overflow runs forward again and needs
  /// them all.
  func kept(by node: Int) -> ClosedRange<Int> {
    let first = nodes[node].operation.measuresBatch ? 0 : clock.forward(node)
    return first...parameterGradients(node)
  }
}
