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

  /// The two lives of values that their producer makes again for backward passes, so that they need
  /// no place in the batch's memory: one within a forward phase, one within a backward phase.
  ///
  /// Nil where values stay in one phase, or a life would span two: a branch across a normalisation,
  /// weight gradients of groups or of the whole batch in a phase of their own. What a normalisation
  /// reads is never made again, since it is measured in one phase and read in another.
  func valuesMadeAgain(_ edge: Int) -> (forward: ClosedRange<Int>, backward: ClosedRange<Int>)? {
    // The producer's own backward pass comes after its readers', and reads its input: that is still
    // there.
    guard edge > 0, wantsGradients[edge], nodes[edge - 1].operation.canRunAgain,
      nodes[edge - 1].operation.backwardReads == .input
    else { return nil }
    let again = readings[edge].filter(readsAgain)
    guard let first = again.map({ clock.backward($0.node) }).min(),
      let last = again.map(lastRead).max(),
      let lastForward = readings[edge].map({ clock.forward($0.node) }).max()
    else { return nil }
    let (forward, backward) = (clock.forward(edge - 1)...lastForward, first...last)
    func phases(_ life: ClosedRange<Int>) -> Int { clock.phases(of: life).count }
    return phases(forward) == 1 && phases(backward) == 1 && phases(values(of: edge)) > 1
      ? (forward, backward) : nil
  }

  /// Whether a node reads an input's values after its forward pass.
  private func readsAgain(_ reading: Reading) -> Bool {
    wantsGradients[reading.node + 1]
      && nodes[reading.node].operation.backwardReads.contains(.input)
  }

  /// When a node last reads an input's values.
  private func lastRead(_ reading: Reading) -> Int {
    readsAgain(reading) ? lastPass(reading.node) : clock.forward(reading.node)
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
