/// The edges between the nodes of a plan, laid out in memory.
///
/// Buffers that a later phase reads are in the batch's memory, all others in a worker's. In both,
/// buffers with disjoint lifetimes share memory: in a chain, the gradients of only two edges are
/// live at a time. Lifetimes are counted in passes in a worker's memory, in phases in the batch's.
///
/// The gradient of an edge with several readers is their sum. The last reader runs backward first
/// and writes the sum; the others write buffers of their own, which are added in the order in which
/// they run. A reader of whole rows always writes its own buffer, which is copied if it runs first.
///
/// Values that a later phase reads may be made again there by their producer: they then have a place
/// in a worker's memory in each of the two phases.
struct EdgePlan {
  /// By number, as the producers see them.
  let edges: [Edge]
  /// By node, then by input, as the readers see them.
  let inputs: [[Edge]]
  /// Where each node keeps data until its last pass.
  let kept: [SamplePlace]
  /// By node.
  let beforeForward: [[EdgeAction]]
  let beforeBackward: [[EdgeAction]]
  let afterBackward: [[EdgeAction]]
  /// By node, the producers of its inputs that run forward again before it runs backward.
  let producersRunAgain: [[Int]]
  /// Before the loss writes the output's gradients.
  let beforeLoss: [EdgeAction]
  /// Floats per sample in a worker's memory, and in the batch's.
  let workerCount: Int
  let batchCount: Int
  /// Floats per sample that nodes keep in a forward pass. Statistics of the batch are for training.
  let keptCount: Int
  let workerBands: [Range<Int>]
  let batchBands: [Range<Int>]

  /// - Parameter wantsGradients: false for evaluation alone.
  init(
    _ nodes: [PlanNode], _ clock: PlanClock, input: FeatureShape, wantsGradients: Bool,
    guardBand: Int
  ) {
    let lives = EdgeLives(nodes, clock, wantsGradients: wantsGradients)
    let buffers = EdgeBuffers(nodes, lives, input: input, guardBand: guardBand)
    edges = buffers.values.indices.map { buffers.edge($0) }
    inputs = nodes.indices.map { node in
      nodes[node].inputs.indices.map { buffers.edge(read: .init(node: node, input: $0)) }
    }
    kept = buffers.kept.map { buffers.place($0) }
    beforeForward = nodes.indices.map { buffers.border(of: buffers.values[$0 + 1]) }
    beforeBackward = nodes.indices.map { buffers.actions(beforeBackwardOf: $0) }
    afterBackward = nodes.indices.map { buffers.actions(afterBackwardOf: $0) }
    producersRunAgain = nodes.indices.map { buffers.madeAgain(before: $0).map { $0 - 1 } }
    beforeLoss = buffers.gradients[nodes.count].map { buffers.all(of: $0) } ?? []
    keptCount = nodes.reduce(0) { $0 + ($1.operation.measuresBatch ? 0 : $1.keptCount) }
    (workerCount, workerBands) = (buffers.worker.count, buffers.worker.bands)
    (batchCount, batchBands) = (buffers.batch.count, buffers.batch.bands)
  }
}

/// The buffers of all edges, and their places once every life is known.
private struct EdgeBuffers {
  /// A map with its buffer number in the `SharedPlaces` of its memory.
  struct Buffer {
    let map: FeatureMap
    let memory: SamplePlace.Memory
    let number: Int
  }

  typealias Assigned = (places: [SharedPlaces.Place], count: Int, bands: [Range<Int>])

  private let nodes: [PlanNode]
  private let lives: EdgeLives
  private(set) var values: [Buffer] = []
  /// In backward passes, of values that are made again there.
  private var backwardValues: [Buffer?] = []
  /// Nil where nothing before the edge learns.
  private(set) var gradients: [Buffer?] = []
  /// Separate gradient buffers of readers, which are added to the edge's gradients later.
  private var own: [EdgeLives.Reading: Buffer] = [:]
  /// Of each node.
  private(set) var kept: [Buffer] = []
  private var workerPlaces: SharedPlaces
  private var batchPlaces: SharedPlaces
  private(set) var worker: Assigned = ([], 0, [])
  private(set) var batch: Assigned = ([], 0, [])

  init(_ nodes: [PlanNode], _ lives: EdgeLives, input: FeatureShape, guardBand: Int) {
    self.nodes = nodes
    self.lives = lives
    workerPlaces = SharedPlaces(guardBand: guardBand)
    batchPlaces = SharedPlaces(guardBand: guardBand)
    for edge in 0...nodes.count { add(edge, shape: edge > 0 ? nodes[edge - 1].outputShape : input) }
    for (index, node) in nodes.enumerated() {
      kept.append(
        buffer(
          FeatureMap(node.outputShape), count: node.keptCount, life: lives.kept(by: index)))
    }
    (worker, batch) = (workerPlaces.assigned(), batchPlaces.assigned())
  }

  private mutating func add(_ edge: Int, shape: FeatureShape) {
    let producer = edge > 0 ? nodes[edge - 1] : nil
    let readings = lives.readings[edge]
    let readers = readings.map { nodes[$0.node] }
    let hasOwnChannels =
      producer == nil && !readers.isEmpty && readers.allSatisfy(\.operation.readsAnyChannels)
    let map = FeatureMap(
      shape, channels: hasOwnChannels ? shape.channels : nil,
      border: readings.reduce(into: FeatureMap.Border()) {
        $0.formUnion(nodes[$1.node].border(ofInput: $1.input))
      })
    let madeAgain = lives.valuesMadeAgain(edge)
    values.append(buffer(map, life: madeAgain?.forward ?? lives.values(of: edge)))
    backwardValues.append(madeAgain.map { buffer(map, life: $0.backward) })
    guard lives.wantsGradients[edge] || edge == nodes.count else {
      gradients.append(nil)
      return
    }
    // The producer reads a border; but a dense layer, as the only reader, writes rows of the
    // values' layout.
    let hasBorder = lives.wantsInputGradient(edge - 1)
    let gradientMap =
      readers.count == 1 && readers[0].operation.readsRows
      ? map
      : FeatureMap(
        shape, channels: map.channels,
        border: (hasBorder ? producer?.gradientBorder : nil) ?? FeatureMap.Border())
    gradients.append(buffer(gradientMap, life: lives.gradients(of: edge)))
    guard readings.count > 1 else { return }
    for (reading, reader) in zip(readings, readers)
    where reading != readings.last || reader.operation.readsRows {
      let time = lives.clock.backward(reading.node)
      own[reading] = buffer(
        reader.operation.readsRows ? map : FeatureMap(shape, channels: map.channels),
        life: time...time)
    }
  }

  /// - Parameter count: floats per sample; nil for the map's count.
  private mutating func buffer(
    _ map: FeatureMap, count: Int? = nil, life: ClosedRange<Int>
  ) -> Buffer {
    let count = count ?? map.count
    let phases = lives.clock.phases(of: life)
    return phases.count == 1
      ? Buffer(map: map, memory: .worker, number: workerPlaces.add(count, life: life))
      : Buffer(map: map, memory: .batch, number: batchPlaces.add(count, life: phases))
  }

  private func assigned(_ buffer: Buffer) -> SharedPlaces.Place {
    (buffer.memory == .batch ? batch : worker).places[buffer.number]
  }

  func place(_ buffer: Buffer) -> SamplePlace {
    SamplePlace(memory: buffer.memory, offset: assigned(buffer).offset)
  }

  private func isShared(_ buffer: Buffer) -> Bool { assigned(buffer).isShared }

  /// An edge as its producer sees it; or as a reader does that writes its gradients to `own`.
  func edge(_ number: Int, own: Buffer? = nil) -> Edge {
    // Where no gradients are wanted, their place is never used.
    let gradients = own ?? gradients[number] ?? values[number]
    return Edge(
      values: values[number].map, gradients: gradients.map, valuesPlace: place(values[number]),
      backwardValuesPlace: place(backwardValues[number] ?? values[number]),
      gradientsPlace: place(gradients), wantsGradients: lives.wantsGradients[number])
  }

  func edge(read reading: EdgeLives.Reading) -> Edge {
    edge(nodes[reading.node].inputs[reading.input], own: own[reading])
  }

  /// Clears a buffer if its memory is shared.
  func all(of buffer: Buffer) -> [EdgeAction] {
    isShared(buffer) ? [.clear(buffer.map, place(buffer))] : []
  }

  func border(of buffer: Buffer) -> [EdgeAction] {
    isShared(buffer) && buffer.map.border != FeatureMap.Border()
      ? [.clearBorder(buffer.map, place(buffer))] : []
  }

  /// The inputs of a node that are made again before it runs backward, the first to read them.
  func madeAgain(before node: Int) -> [Int] {
    nodes[node].inputs.filter {
      lives.valuesMadeAgain($0)?.backward.lowerBound == lives.clock.backward(node)
    }
  }

  func actions(beforeBackwardOf node: Int) -> [EdgeAction] {
    let values = madeAgain(before: node).compactMap { backwardValues[$0] }
    return values.flatMap(border) + gradientActions(beforeBackwardOf: node)
  }

  private func gradientActions(beforeBackwardOf node: Int) -> [EdgeAction] {
    nodes[node].inputs.enumerated().flatMap { input, edge -> [EdgeAction] in
      guard lives.wantsGradients[edge], let sum = gradients[edge] else { return [] }
      let reading = EdgeLives.Reading(node: node, input: input)
      let target = own[reading] ?? sum
      // Elements that this reader leaves unwritten still hold what other readers added in an
      // earlier pass.
      let isAddedTo = own[reading] == nil && lives.readings[edge].count > 1
      let cleared =
        nodes[node].covers(input: input)
        ? border(of: target)
        : isAddedTo ? [.clear(target.map, place(target))] : all(of: target)
      return cleared + (isCopied(reading, edge) ? border(of: sum) : [])
    }
  }

  func actions(afterBackwardOf node: Int) -> [EdgeAction] {
    nodes[node].inputs.enumerated().compactMap { input, edge in
      let reading = EdgeLives.Reading(node: node, input: input)
      guard own[reading] != nil else { return nil }
      return isCopied(reading, edge)
        ? .copy(from: self.edge(read: reading), to: self.edge(edge))
        : .add(self.edge(read: reading), to: self.edge(edge))
    }
  }

  /// Whether a reader with a buffer of its own is the first to run backward.
  private func isCopied(_ reading: EdgeLives.Reading, _ edge: Int) -> Bool {
    own[reading] != nil && reading == lives.readings[edge].last
  }
}
