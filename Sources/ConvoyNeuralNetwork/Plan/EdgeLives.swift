/// When the values and gradients of a plan's edges are in use.
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

  init(_ nodes: [PlanNode], _ clock: PlanClock) {
    self.nodes = nodes
    self.clock = clock
    var readings = [[Reading]](repeating: [], count: nodes.count + 1)
    var wantsGradients = [false]
    for (index, node) in nodes.enumerated() {
      for (position, edge) in node.inputs.enumerated() {
        readings[edge].append(Reading(node: index, input: position))
      }
      wantsGradients.append(
        node.operation.hasParameters || node.inputs.contains { wantsGradients[$0] })
    }
    self.readings = readings
    self.wantsGradients = wantsGradients
  }

  /// When a node last reads what its parameters' gradients are made of, if it has any; else when it runs
  /// backward.
  private func parameterGradients(_ node: Int) -> Int {
    let operation = nodes[node].operation
    return operation.hasParameters
      ? clock.parameterGradients(node, of: operation) : clock.backward(node)
  }

  func wantsInputGradient(_ node: Int) -> Bool {
    node >= 0 && nodes[node].inputs.contains { wantsGradients[$0] }
  }

  /// From the producer's pass, or the phase's begin, to the last that reads the values.
  func values(of edge: Int) -> ClosedRange<Int> {
    // The network's input is written before the first node runs.
    let producer = max(0, edge - 1)
    var last = edge == 0 ? clock.backward(0) : edge == nodes.count ? clock.loss : producer
    if edge > 0, wantsGradients[edge], nodes[producer].operation.needsOutputBackward {
      last = clock.backward(producer)
    }
    for reading in readings[edge] {
      let readsAgain =
        wantsGradients[reading.node + 1] && nodes[reading.node].operation.hasParameters
      last = max(last, readsAgain ? parameterGradients(reading.node) : reading.node)
    }
    return producer...last
  }

  /// From the first pass that writes the gradients to the last of the producer's that reads them.
  func gradients(of edge: Int) -> ClosedRange<Int> {
    let first = readings[edge].last.map { clock.backward($0.node) } ?? clock.loss
    return
      first...max(
        first, edge > 0 && wantsGradients[edge] ? parameterGradients(edge - 1) : first)
  }

  /// From a node's pass forward to its last pass, which reads what it kept.
  func kept(by node: Int) -> ClosedRange<Int> { node...parameterGradients(node) }
}
