import ConvoyKernelInterface

/// A network compiled to stages: the order of execution, and the memory layout.
///
/// Independent of data sets, optimizers and threads. It holds no numbers: those are in
/// `ParameterMemory`, `BatchMemory` and `WorkerMemory`. A class, because to copy it would count a
/// reference for each of its lists, as often as a chunk of a batch runs.
package final class NetworkPlan: Sendable {
  package let tensors: [ParameterTensor]

  let stages: [any Stage]
  let edges: EdgePlan
  let sizes: Sizes
  /// The gaps between buffers in each kind of memory, if the plan was made with guard bands.
  package let bands: Bands
  private let source: Source
  private let clock: PlanClock
  /// By stage; nil where it does not learn.
  private let parameterStages: [(any ParameterStage)?]
  /// By stage; nil where it measures nothing.
  private let statisticsStages: [(any StatisticsStage)?]
  /// By stage: what it takes of a slot.
  private let slotColumns: [Range<Int>]

  /// The inputs of compilation, before the memory layout.
  private struct Source: Sendable {
    let architecture: Network
    let input: FeatureShape
    let loss: LossFunction?
    let ownLoss: (any Loss)?
    let classes: Int
    let places: [PlacedLayer]
    let nodes: [PlanNode]
    let kernels: any KernelSet
    /// By stage.
    let stageKernels: [any KernelSet]
    let precision: Precision
    let guardBand: Int
    let use: Use
  }

  /// What a plan is made for.
  package enum Use: Sendable {
    case training
    /// Without gradients.
    case evaluation
    /// Evaluation of one sample per pass. What reads fewer weights may be chosen, so that outputs may
    /// differ by roundings.
    case singleSamples
  }

  /// Floats of each kind of memory; see `PlanPlaces`.
  struct Sizes: Sendable {
    let parameters: Int
    let derivedWeights: Int
    let slot: Int
    let scratch: Int
    let forwardScratch: Int
  }

  /// Guard bands in each kind of memory, in the units of `Sizes`. A kernel that writes there is out
  /// of bounds.
  package struct Bands: Sendable {
    package let parameters: [Range<Int>]
    package let derivedWeights: [Range<Int>]
    package let slot: [Range<Int>]
    package let scratch: [Range<Int>]
    /// For each sample.
    package let workerValues: [Range<Int>]
    package let batchValues: [Range<Int>]
  }

  /// - Parameters:
  ///   - loss: nil for one of the caller's own.
  ///   - ownLoss: that one; nil where none is needed, because nothing is judged.
  ///   - layerKernels: the kernels of the stage that begins with a layer; nil for the same kernels
  ///     everywhere. Lets a benchmark attribute kernel calls to layers.
  ///   - convolutions: how they are made in training; lets a benchmark measure what was not chosen.
  ///   - precision: of the products.
  ///   - guardBand: the gap between two buffers, in floats. With a gap, no memory is shared. Lets a
  ///     test find out-of-bounds writes.
  /// - Throws: `NetworkError` if a layer does not fit its input, or the network does not end
  ///   in a vector.
  package convenience init(
    _ architecture: Network, input: FeatureShape, loss: LossFunction?, ownLoss: (any Loss)? = nil,
    kernels: any KernelSet,
    layerKernels: ((_ layer: Int) -> any KernelSet)? = nil,
    convolutions: ConvolutionAlgorithm = .fastest, precision: Precision = .fp32,
    for use: Use = .training, guardBand: Int = 0
  ) throws(NetworkError) {
    let nodes = try PlanBuilder.nodes(
      architecture, input: input, loss: loss, convolutions: convolutions, precision: precision)
    self.init(
      Source(
        architecture: architecture, input: input, loss: loss, ownLoss: ownLoss,
        classes: try architecture.outputShape(for: input).count,
        places: try architecture.placedLayers(for: input), nodes: nodes, kernels: kernels,
        stageKernels: nodes.map { layerKernels?($0.layer) ?? kernels }, precision: precision,
        guardBand: guardBand, use: use),
      sumsGroupsApart: false)
  }

  private init(_ source: Source, sumsGroupsApart: Bool) {
    self.source = source
    let nodes = source.nodes
    clock = PlanClock(nodes, sumsGroupsApart: sumsGroupsApart)
    edges = EdgePlan(
      nodes, clock, input: source.input, wantsGradients: source.use == .training,
      guardBand: source.guardBand)
    var memory = PlanPlaces(guardBand: source.guardBand)
    var stages: [any Stage] = []
    var slotColumns: [Range<Int>] = []
    for (index, node) in nodes.enumerated() {
      let firstColumn = memory.slot.count
      stages.append(
        node.operation.stage(
          at: NodeSite(
            name: source.places[node.layer].place, layer: node.layer,
            inputs: edges.inputs[index], output: edges.edges[index + 1],
            kept: edges.kept[index], kernels: source.stageKernels[index],
            sumsGroupsApart: sumsGroupsApart, isForSingleSamples: source.use == .singleSamples),
          places: &memory))
      slotColumns.append(firstColumn..<memory.slot.count)
    }
    self.stages = stages
    self.slotColumns = slotColumns
    parameterStages = stages.map { $0 as? any ParameterStage }
    statisticsStages = stages.map { $0 as? any StatisticsStage }
    precondition(
      zip(nodes, statisticsStages).allSatisfy { $0.operation.measuresBatch == ($1 != nil) },
      "stages that measure the batch are statistics stages")
    tensors = parameterStages.flatMap { $0?.tensors ?? [] }
    sizes = Sizes(
      parameters: memory.parameters.count, derivedWeights: memory.derivedWeights.count,
      slot: memory.slot.count, scratch: memory.scratchCount,
      forwardScratch: memory.forwardScratchCount)
    bands = Bands(
      parameters: memory.parameters.bands, derivedWeights: memory.derivedWeights.bands,
      slot: memory.slot.bands, scratch: memory.scratch.bands, workerValues: edges.workerBands,
      batchValues: edges.batchBands)
    precondition(
      !sumsGroupsApart || stages.indices.allSatisfy(isWholeInBatch),
      "what a group's sums read lies in the batch's memory")
  }

  /// Whether everything that a stage's sums over groups read is in the batch's memory.
  private func isWholeInBatch(stage index: Int) -> Bool {
    guard let stage = parameterStages[index], stage.groupSumPieces > 0 else { return true }
    let places =
      edges.inputs[index].map(\.backwardValuesPlace) + [edges.edges[index + 1].gradientsPlace]
      + (source.nodes[index].keptCount > 0 ? [edges.kept[index]] : [])
    return places.allSatisfy { $0.memory == .batch }
  }

  /// The same plan in separate objects, so that cores do not contend for the cache lines of
  /// reference counts.
  package func separateCopy() -> NetworkPlan { copy(sumsGroupsApart: clock.sumsGroupsApart) }

  /// The same network with the weight gradients of groups summed in a separate phase, for more
  /// cores than groups. Gives the same bits.
  package func summingGroupsApart() -> NetworkPlan { copy(sumsGroupsApart: true) }

  private func copy(sumsGroupsApart: Bool) -> NetworkPlan {
    NetworkPlan(source, sumsGroupsApart: sumsGroupsApart)
  }

  package var architecture: Network { source.architecture }
  package var inputShape: FeatureShape { source.input }
  /// Nil for one of the caller's own.
  package var loss: LossFunction? { source.loss }
  /// The caller's own loss, where it is known.
  package var ownLoss: (any Loss)? { source.ownLoss }
  /// Outputs of the network.
  package var classes: Int { source.classes }
  package var kernels: any KernelSet { source.kernels }
  /// Whether any product is of less than single precision.
  package var roundsProducts: Bool {
    stages.contains { ($0 as? ConvolutionStage)?.roundsProducts == true }
  }

  /// The edge to which samples are written before the forward pass.
  package var input: Edge { edges.edges[0] }
  package var output: Edge { edges.edges[stages.count] }
  func layer(ofStage index: Int) -> PlacedLayer { source.places[source.nodes[index].layer] }
  /// A layer and those that follow it as long as `isWanted`.
  func layers(from first: Int, while isWanted: (Int) -> Bool) -> [PlacedLayer] {
    [source.places[first]] + source.places[(first + 1)...].prefix { isWanted($0.number) }
  }
  var lastLayer: PlacedLayer { source.places[source.places.count - 1] }
  /// Computed at each call: the list grows with the network, and must not exist before the memory
  /// check.
  package var blocks: [ParameterBlock] {
    parameterStages.enumerated().flatMap { $1?.blocks(stage: $0) ?? [] }
  }
  /// The blocks that a step changes.
  package var updatedBlocks: [ParameterBlock] { blocks.filter { !$0.isFrozen } }
  package var learnedTensors: [ParameterTensor] { tensors.filter(\.isLearned) }
  /// Those that an average of the weights has: all but counts.
  package var averagedTensors: [ParameterTensor] { tensors.filter { $0.kind != .count } }
  /// Numbers that are or could be learned.
  package var parameterCount: Int {
    tensors.reduce(0) { $0 + ($1.isParameter ? $1.count : 0) }
  }
  /// Numbers that are learned.
  package var trainedParameterCount: Int { learnedTensors.reduce(0) { $0 + $1.count } }
  /// Length of an array with one number per parameter, padding channels included.
  package var storedParameterCount: Int { sizes.parameters }
  /// Memory per sample in evaluation, in bytes.
  package var bytesASample: Int {
    edges.edges.reduce(0) { $0 + $1.values.count } * MemoryLayout<Float>.stride
  }

  /// The phases of a step before the updates.
  package var phases: [PlanPhase] { clock.phases }
  /// Those in which chunks of a batch run.
  package var passPhases: Int {
    phases.count { if case .passes = $0 { true } else { false } }
  }

  /// Runs the forward pass of every stage.
  package func forward(_ pass: SamplePass) {
    for index in stages.indices { forward(pass, stage: index) }
  }

  func forward(_ pass: SamplePass, stage index: Int) {
    perform(edges.beforeForward[index], pass)
    stages[index].forward(pass)
  }

  /// Runs the passes at the given times, in order.
  ///
  /// - Parameter evaluateLoss: writes the output gradients by calling the plan's `evaluateLoss`.
  package func run(
    _ times: Range<Int>, _ pass: SamplePass, evaluateLoss: () -> Void
  ) {
    for time in times {
      switch clock.pass(at: time) {
      case .forward(let node): forward(pass, stage: node)
      case .loss: evaluateLoss()
      case .backward(let node): backward(pass, stage: node)
      case .measure(let node, .forward): statistics(ofStage: node).measure(pass)
      case .measure(let node, .backward): statistics(ofStage: node).measureGradients(pass.backward)
      case .combine: preconditionFailure("statistics are combined in a phase of their own")
      }
    }
  }

  private func backward(_ pass: SamplePass, stage index: Int) {
    guard edges.edges[index + 1].wantsGradients else { return }
    let pass = pass.backward
    perform(edges.beforeBackward[index], pass)
    for producer in edges.producersRunAgain[index] { stages[producer].forward(pass) }
    stages[index].backward(pass)
    if let slot = pass.slot, !slotColumns[index].isEmpty {
      unsafe add(slot, columns: slotColumns[index], in: pass.batch)
    }
    perform(edges.afterBackward[index], pass)
  }

  /// Adds a slot, all of its columns, to the earlier ones that it completes.
  package func add(_ slot: GradientSlot, in batch: BatchMemory) {
    unsafe add(slot, columns: 0..<batch.slotStep, in: batch.places)
  }

  private func add(_ slot: GradientSlot, columns: Range<Int>, in batch: BatchPlaces) {
    for number in 0..<slot.additions {
      unsafe sumSlots(
        2, from: slot.sum - number, step: slot.index - slot.sum, columns: columns, in: batch)
    }
  }

  /// Adds up some columns of slots that lie `step` apart, in the first of them.
  package func sumSlots(
    _ slots: Range<Int>, step: Int, columns: Range<Int>, in batch: BatchMemory
  ) {
    unsafe sumSlots(
      slots.count, from: slots.lowerBound, step: step, columns: columns, in: batch.places)
  }

  private func sumSlots(
    _ count: Int, from slot: Int, step: Int, columns: Range<Int>, in batch: BatchPlaces
  ) {
    let first = unsafe batch.slot(slot) + columns.lowerBound
    unsafe kernels.sumSlots(
      count, step: step * batch.slotStep, count: columns.count, values: first, sums: first)
  }

  private func statistics(ofStage index: Int) -> any StatisticsStage {
    guard let stage = statisticsStages[index] else {
      preconditionFailure("the stage measures statistics")
    }
    return stage
  }

  /// The stage whose statistics a phase combines.
  func combined(
    at time: Int
  ) -> (stage: any StatisticsStage, direction: PlanClock.Direction) {
    guard case .combine(let node, let direction) = clock.pass(at: time) else {
      preconditionFailure("the phase combines statistics")
    }
    return (statistics(ofStage: node), direction)
  }

  /// The layer that measures statistics of the fewest values per channel, in a batch of so many
  /// samples; nil if none does.
  package func layerWithFewestValues(
    inBatchOf samples: Int
  ) -> (layer: PlacedLayer, values: Int)? {
    statisticsStages.enumerated().compactMap { index, stage in
      stage.map { (layer(ofStage: index), $0.fewestValues(ofBatch: samples)) }
    }.min { $0.1 < $1.1 }
  }

  /// The pieces of a phase of statistics.
  package func statisticsPieces(at time: Int) -> Int { combined(at: time).stage.statisticsPieces }

  /// Makes a piece of a stage's statistics of the whole batch from those of its samples.
  package func combineStatistics(
    at time: Int, piece: Int, parameters: ParameterMemory, batch: BatchMemory, samples: Int
  ) {
    let (stage, direction) = combined(at: time)
    switch direction {
    case .forward:
      stage.combine(piece: piece, parameters: parameters, batch: batch, samples: samples)
    case .backward: stage.combineGradients(piece: piece, batch: batch, samples: samples)
    }
  }

  /// The pieces into which the weight gradients of one group are split.
  package var groupSumPieces: Int {
    parameterStages.reduce(0) { $0 + ($1?.groupSumPieces ?? 0) }
  }

  /// Makes a piece of a weight gradient of a group of samples.
  package func sumGroup(_ pass: SamplePass, piece: Int) {
    var piece = piece
    for case let stage? in parameterStages {
      if piece < stage.groupSumPieces { return stage.sumGroup(pass, piece: piece) }
      piece -= stage.groupSumPieces
    }
    preconditionFailure("there is such a piece")
  }

  private func stage(of block: ParameterBlock) -> any ParameterStage {
    guard let stage = parameterStages[block.stage] else {
      preconditionFailure("a block is of a stage that learns")
    }
    return stage
  }

  /// Whether a stage's weight gradient is made from the whole batch at once.
  package func isOfWholeBatch(stage index: Int) -> Bool {
    source.nodes[index].operation.parameterGradients == .wholeBatch
  }

  func tensorNames(ofStage index: Int) -> [String] {
    parameterStages[index].map { $0.tensors.map(\.name) } ?? []
  }

  private func perform(_ actions: [EdgeAction], _ pass: SamplePass) {
    for action in actions { action.perform(pass, kernels) }
  }

  /// The gradient of a block over a batch whose samples have all run backward.
  package func gradient(
    of block: ParameterBlock, batch: BatchMemory, samples: Int, slots: Int,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    unsafe stage(of: block).gradient(
      of: block, batch: batch, samples: samples, slots: slots, into: gradient)
  }

  /// Updates a block of statistics after a step.
  package func updateStatistics(
    _ block: ParameterBlock, in memory: ParameterMemory, batch: BatchMemory, samples: Int
  ) {
    statistics(ofStage: block.stage).updateStatistics(in: memory, batch: batch, samples: samples)
  }

  /// Updates derived weights after a block has changed.
  package func refresh(_ block: ParameterBlock, in memory: ParameterMemory) {
    stage(of: block).refresh(block, in: memory)
  }

  /// Updates all derived weights after parameters were initialised or loaded, to the same bits as
  /// training makes.
  package func refresh(_ memory: ParameterMemory) {
    flushingDenormals {
      for block in blocks { refresh(block, in: memory) }
    }
  }
}
