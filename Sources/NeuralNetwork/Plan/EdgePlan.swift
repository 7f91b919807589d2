import KernelInterface

/// The edges between the nodes of a plan, and where their numbers lie.
///
/// Time runs from the first node's pass forward through the loss to the first node's pass backward. What
/// a dense layer's weight gradient is made of lies in the batch's memory; everything else in a worker's,
/// where buffers that are never in use at the same time share a place. A chain has the gradients of two
/// edges in use at a time.
///
/// The gradient of an edge with several readers is their sum: the last reader, which is the first to run
/// backward, writes it, and the others are added in the order in which they run.
struct EdgePlan {
  /// By number, as the producers see them.
  let edges: [Edge]
  /// What each node reads: by node, then by input.
  let inputs: [[Edge]]
  /// Where each node keeps what it needs backward.
  let kept: [SamplePlace]
  /// What is done before each node runs forward, before it runs backward, and after.
  let beforeForward: [[EdgeAction]]
  let beforeBackward: [[EdgeAction]]
  let afterBackward: [[EdgeAction]]
  /// Before the loss writes the output's gradients.
  let beforeLoss: [EdgeAction]
  /// Floats of a sample in a worker's memory, and of its kept numbers alone.
  let workerCount: Int
  let keptCount: Int
  /// In the batch's memory.
  let batchCount: Int
  let workerBands: [Range<Int>]
  let batchBands: [Range<Int>]

  init(_ nodes: [PlanNode], input: FeatureShape, guardBand: Int) {
    let lives = Lives(nodes)
    var worker = SharedPlaces(guardBand: guardBand)
    var batch = Places(guardBand: guardBand)

    /// A map that is to lie somewhere: in the batch's memory, or by number in the worker's.
    enum Lying {
      case batch(Int)
      case worker(Int)
    }
    func lie(_ map: FeatureMap, inBatch: Bool, _ life: ClosedRange<Int>) -> Lying {
      inBatch ? .batch(batch.take(map.count)) : .worker(worker.add(map.count, life: life))
    }

    struct Unplaced {
      let map: FeatureMap
      let lying: Lying
    }
    var values: [Unplaced] = []
    var gradients: [Unplaced?] = []
    /// The gradients that readers write elsewhere first: by reader and input.
    var written: [Reading: Unplaced] = [:]
    for edge in 0...nodes.count {
      let producer = edge > 0 ? nodes[edge - 1] : nil
      let shape = producer?.outputShape ?? input
      let readings = lives.readings[edge]
      let readers = readings.map { nodes[$0.node] }
      // Convolutions and dense layers take channels as they are, without added ones.
      let takesAnyChannels =
        producer == nil && !readers.isEmpty && readers.allSatisfy(\.hasParameters)
      let map = FeatureMap(
        shape, channels: takesAnyChannels ? shape.channels : nil,
        border: readers.reduce(FeatureMap.Border()) { $0.union($1.inputBorder) })
      let isOfDense = producer?.isDense == true
      values.append(
        Unplaced(
          map: map,
          lying: lie(
            map, inBatch: isOfDense || readers.contains(where: \.isDense),
            lives.values(of: edge))))
      guard lives.wantsGradients[edge] || edge == nodes.count else {
        gradients.append(nil)
        continue
      }
      // Gradients come with the border that the producer reads. A dense layer writes rows as long as
      // those it reads.
      let isWrittenByDense = readers.count == 1 && readers[0].isDense
      let gradientMap =
        isWrittenByDense
        ? map
        : FeatureMap(
          shape, channels: map.channels,
          border: lives.wantsInputGradient(edge - 1)
            ? producer?.gradientBorder ?? FeatureMap.Border() : FeatureMap.Border())
      gradients.append(
        Unplaced(
          map: gradientMap,
          lying: lie(gradientMap, inBatch: isOfDense, lives.gradients(of: edge))))
      guard readings.count > 1 else { continue }
      for (index, reading) in readings.enumerated()
      where index < readings.count - 1 || nodes[reading.node].isDense {
        let own =
          nodes[reading.node].isDense ? map : FeatureMap(shape, channels: map.channels)
        let time = lives.backward(reading.node)
        written[reading] = Unplaced(map: own, lying: lie(own, inBatch: false, time...time))
      }
    }
    var keptNumbers: [Int] = []
    for (index, node) in nodes.enumerated() {
      keptNumbers.append(worker.add(node.keptCount, life: index...lives.backward(index)))
    }

    let assigned = worker.assigned()
    func place(_ unplaced: Unplaced) -> SamplePlace {
      switch unplaced.lying {
      case .batch(let offset): SamplePlace(memory: .batch, offset: offset)
      case .worker(let number):
        SamplePlace(memory: .worker, offset: assigned.places[number].offset)
      }
    }
    func isShared(_ unplaced: Unplaced) -> Bool {
      if case .worker(let number) = unplaced.lying {
        assigned.places[number].isShared
      } else {
        false
      }
    }

    /// The edge with gradients in a certain place.
    func edge(_ number: Int, gradients: Unplaced?) -> Edge {
      let gradients = gradients ?? values[number]
      return Edge(
        values: values[number].map, gradients: gradients.map, valuesPlace: place(values[number]),
        gradientsPlace: place(gradients), wantsGradients: lives.wantsGradients[number])
    }
    edges = values.indices.map { edge($0, gradients: gradients[$0]) }

    var inputs: [[Edge]] = []
    var beforeForward: [[EdgeAction]] = []
    var beforeBackward: [[EdgeAction]] = []
    var afterBackward: [[EdgeAction]] = []
    for (index, node) in nodes.enumerated() {
      var (before, after): ([EdgeAction], [EdgeAction]) = ([], [])
      var nodeInputs: [Edge] = []
      for (position, number) in node.inputs.enumerated() {
        let reading = Reading(node: index, input: position)
        let own = written[reading]
        let input = edge(number, gradients: own ?? gradients[number])
        nodeInputs.append(input)
        guard input.wantsGradients, let target = own ?? gradients[number] else { continue }
        // What others add to the gradients lies where this reader writes nothing, too.
        let isAddedTo = own == nil && lives.readings[number].count > 1
        if !node.coversInput, isShared(target) || isAddedTo {
          before.append(.clear(input.gradients, input.gradientsPlace))
        } else if isShared(target), target.map.border != FeatureMap.Border() {
          before.append(.clearBorder(input.gradients, input.gradientsPlace))
        }
        if own != nil {
          let isFirst = reading == lives.readings[number].last
          // The edge's own gradients get their border here, and all else.
          if isFirst, let sum = gradients[number], isShared(sum) {
            before.append(.clearBorder(edges[number].gradients, edges[number].gradientsPlace))
          }
          after.append(
            isFirst ? .copy(from: input, to: edges[number]) : .add(input, to: edges[number]))
        }
      }
      inputs.append(nodeInputs)
      let output = values[index + 1]
      beforeForward.append(
        isShared(output) && output.map.border != FeatureMap.Border()
          ? [.clearBorder(output.map, place(output))] : [])
      beforeBackward.append(before)
      afterBackward.append(after)
    }
    self.inputs = inputs
    self.beforeForward = beforeForward
    self.beforeBackward = beforeBackward
    self.afterBackward = afterBackward
    let output = edges[nodes.count]
    beforeLoss =
      gradients[nodes.count].map(isShared) == true
      ? [.clear(output.gradients, output.gradientsPlace)] : []
    kept = keptNumbers.map { SamplePlace(memory: .worker, offset: assigned.places[$0].offset) }
    keptCount = nodes.reduce(0) { $0 + $1.keptCount }
    workerCount = assigned.count
    workerBands = assigned.bands
    batchCount = batch.count
    batchBands = batch.bands
  }

  /// One input of a node.
  fileprivate struct Reading: Hashable {
    let node: Int
    let input: Int
  }
}

/// What is done with the gradients or the border of an edge between two nodes' passes, for each sample.
enum EdgeAction: Sendable {
  /// Sets all to zero, or the border alone: the place held something else.
  case clear(FeatureMap, SamplePlace)
  case clearBorder(FeatureMap, SamplePlace)
  /// Gives a reader's gradients to the edge.
  case copy(from: Edge, to: Edge)
  case add(Edge, to: Edge)

  func perform(_ pass: ShardPass, _ kernels: any KernelSet) {
    for sample in 0..<pass.samples.count { perform(pass, sample: sample, kernels) }
  }

  func perform(_ pass: ShardPass, sample: Int, _ kernels: any KernelSet) {
    switch self {
    case .clear(let map, let place):
      pass.pointer(place, count: map.count, sample).update(repeating: 0, count: map.count)
    case .clearBorder(let map, let place):
      map.clearBorder(pass.pointer(place, count: map.count, sample))
    case .copy(let source, let target):
      kernels.copyRows(
        source.gradients.rows(with: target.gradients),
        from: pass.gradients(source, sample) + source.gradients.start,
        to: pass.gradients(target, sample) + target.gradients.start)
    case .add(let source, let target):
      kernels.addRows(
        source.gradients.rows(with: target.gradients),
        from: pass.gradients(source, sample) + source.gradients.start,
        to: pass.gradients(target, sample) + target.gradients.start)
    }
  }
}

/// When the buffers of a plan are in use.
private struct Lives {
  /// Who reads each edge, in order.
  let readings: [[EdgePlan.Reading]]
  /// Whether a node runs backward, and so wants the gradients of its output: by edge.
  let wantsGradients: [Bool]
  private let nodes: [PlanNode]
  private var end: Int { 2 * nodes.count }

  init(_ nodes: [PlanNode]) {
    self.nodes = nodes
    var readings = [[EdgePlan.Reading]](repeating: [], count: nodes.count + 1)
    var wantsGradients = [false]
    for (index, node) in nodes.enumerated() {
      for (position, edge) in node.inputs.enumerated() {
        readings[edge].append(EdgePlan.Reading(node: index, input: position))
      }
      wantsGradients.append(node.hasParameters || node.inputs.contains { wantsGradients[$0] })
    }
    self.readings = readings
    self.wantsGradients = wantsGradients
  }

  /// When a node runs backward; it runs forward at its number, and the loss is at `nodes.count`.
  func backward(_ node: Int) -> Int { end - node }

  func wantsInputGradient(_ node: Int) -> Bool {
    node >= 0 && nodes[node].inputs.contains { wantsGradients[$0] }
  }

  func values(of edge: Int) -> ClosedRange<Int> {
    // The input is written before time begins.
    guard edge > 0 else { return 0...end }
    let producer = edge - 1
    var last = edge == nodes.count ? nodes.count : producer
    if wantsGradients[edge], nodes[producer].needsOutputBackward { last = backward(producer) }
    for reading in readings[edge] {
      let runsBackward = wantsGradients[reading.node + 1]
      last = max(
        last,
        runsBackward && nodes[reading.node].needsInputBackward
          ? backward(reading.node) : reading.node)
    }
    return producer...last
  }

  func gradients(of edge: Int) -> ClosedRange<Int> {
    let first = readings[edge].last.map { backward($0.node) } ?? nodes.count
    return first...max(first, edge > 0 && wantsGradients[edge] ? backward(edge - 1) : first)
  }
}
