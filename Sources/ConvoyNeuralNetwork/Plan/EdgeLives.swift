/// When the values and gradients of a plan's edges are in use.
///
/// The clock counts passes of nodes: node i runs forward at i, the loss at n, the number of nodes, and
/// node i backward at 2n − i.
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
  private var end: Int { 2 * nodes.count }

  init(_ nodes: [PlanNode]) {
    self.nodes = nodes
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

  /// When a node runs backward.
  func backward(_ node: Int) -> Int { end - node }

  func wantsInputGradient(_ node: Int) -> Bool {
    node >= 0 && nodes[node].inputs.contains { wantsGradients[$0] }
  }

  /// From the producer's pass to the last pass that reads the values.
  func values(of edge: Int) -> ClosedRange<Int> {
    // The network's input is written before the first node runs.
    guard edge > 0 else { return 0...end }
    let producer = edge - 1
    var last = edge == nodes.count ? nodes.count : producer
    if wantsGradients[edge], nodes[producer].operation.needsOutputBackward {
      last = backward(producer)
    }
    for reading in readings[edge] {
      let runsBackward = wantsGradients[reading.node + 1]
      last = max(
        last,
        runsBackward && nodes[reading.node].operation.hasParameters
          ? backward(reading.node) : reading.node)
    }
    return producer...last
  }

  /// From the first pass that writes the gradients to the producer's, which reads them.
  func gradients(of edge: Int) -> ClosedRange<Int> {
    let first = readings[edge].last.map { backward($0.node) } ?? nodes.count
    return first...max(first, edge > 0 && wantsGradients[edge] ? backward(edge - 1) : first)
  }
}
