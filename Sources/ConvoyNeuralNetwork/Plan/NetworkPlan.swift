import ConvoyKernelInterface

/// A network compiled to stages: what runs, in which order, and where every number lies.
///
/// Knows nothing of data sets, optimizers or threads. Holds no numbers itself: those are in
/// `ParameterMemory`, `BatchMemory` and `WorkerMemory`.
package struct NetworkPlan: Sendable {
  package let architecture: Architecture
  package let inputShape: FeatureShape
  package let loss: LossFunction
  /// Outputs of the network.
  package let classes: Int
  package let tensors: [ParameterTensor]

  let stages: [any Stage]
  let edges: EdgePlan
  let sizes: Sizes
  let kernels: any KernelSet
  /// What lies between the places of each kind of memory, where a plan was made with guard bands.
  package let bands: Bands
  private let guardBand: Int
  private let clock: PlanClock
  private let nodes: [PlanNode]
  private let places: [PlacedLayer]
  /// Those of each stage.
  private let stageKernels: [any KernelSet]
  private let parameterStages: [Int: any ParameterStage]
  /// Of the weight gradients that groups sum.
  private let pieces: [(stage: Int, piece: Int)]

  /// Floats of each kind of memory; see `PlanPlaces`.
  struct Sizes: Sendable {
    let parameters: Int
    let derivedWeights: Int
    let slot: Int
    let scratch: Int
    let forwardScratch: Int
  }

  /// Guard bands in each kind of memory, as `Sizes` counts it: a kernel that writes there reaches too
  /// far.
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
  ///   - layerKernels: the kernels of the stage that begins with a layer; nil where all have the same.
  ///     Lets a benchmark tell for which layer a kernel is called.
  ///   - guardBand: floats to leave between two places in memory, none of which is shared then. Lets a
  ///     test find who reaches too far.
  /// - Throws: `ArchitectureError` if a layer does not fit its input, or the network does not end in
  ///   a vector.
  package init(
    _ architecture: Architecture, input: FeatureShape, loss: LossFunction, kernels: any KernelSet,
    layerKernels: ((_ layer: Int) -> any KernelSet)? = nil, guardBand: Int = 0
  ) throws(ArchitectureError) {
    let nodes = try PlanBuilder.nodes(architecture, input: input, loss: loss)
    self.init(
      architecture, input: input, loss: loss,
      classes: try architecture.outputShape(for: input).count,
      places: try architecture.placedLayers(for: input), nodes: nodes, kernels: kernels,
      stageKernels: nodes.map { layerKernels?($0.layer) ?? kernels }, guardBand: guardBand,
      sumsGroupsApart: false)
  }

  private init(
    _ architecture: Architecture, input: FeatureShape, loss: LossFunction, classes: Int,
    places: [PlacedLayer], nodes: [PlanNode], kernels: any KernelSet,
    stageKernels: [any KernelSet], guardBand: Int, sumsGroupsApart: Bool
  ) {
    let clock = PlanClock(nodes: nodes.count, sumsGroupsApart: sumsGroupsApart)
    let edges = EdgePlan(nodes, clock, input: input, guardBand: guardBand)
    var memory = PlanPlaces(guardBand: guardBand)
    var stages: [any Stage] = []
    for (index, node) in nodes.enumerated() {
      stages.append(
        node.operation.stage(
          at: NodeSite(
            name: places[node.layer].place, layer: node.layer, inputs: edges.inputs[index],
            output: edges.edges[index + 1], kept: edges.kept[index],
            kernels: stageKernels[index], sumsGroupsApart: sumsGroupsApart),
          places: &memory))
    }

    self.architecture = architecture
    self.inputShape = input
    self.loss = loss
    self.classes = classes
    self.places = places
    self.kernels = kernels
    self.nodes = nodes
    self.stageKernels = stageKernels
    self.guardBand = guardBand
    self.clock = clock
    self.stages = stages
    self.edges = edges
    var parameterStages: [Int: any ParameterStage] = [:]
    for (index, stage) in stages.enumerated() {
      parameterStages[index] = stage as? any ParameterStage
    }
    self.parameterStages = parameterStages
    let ordered = parameterStages.sorted { $0.key < $1.key }
    tensors = ordered.flatMap { $0.value.tensors }
    pieces = ordered.flatMap { stage in
      (0..<stage.value.groupSumPieces).map { (stage.key, $0) }
    }
    sizes = Sizes(
      parameters: memory.parameters.count, derivedWeights: memory.derivedWeights.count,
      slot: memory.slot.count, scratch: memory.scratchCount,
      forwardScratch: memory.forwardScratchCount)
    bands = Bands(
      parameters: memory.parameters.bands, derivedWeights: memory.derivedWeights.bands,
      slot: memory.slot.bands, scratch: memory.scratch.bands, workerValues: edges.workerBands,
      batchValues: edges.batchBands)
  }

  /// The same plan in objects of its own: a core that works by it never waits for the line of a
  /// reference count that another core has just changed.
  package func separateCopy() -> NetworkPlan { copy(sumsGroupsApart: clock.sumsGroupsApart) }

  /// The same network, whose weight gradients are summed over groups of samples in a phase of their own:
  /// for more cores than there are groups. Gives the same bits.
  package func summingGroupsApart() -> NetworkPlan { copy(sumsGroupsApart: true) }

  private func copy(sumsGroupsApart: Bool) -> NetworkPlan {
    NetworkPlan(
      architecture, input: inputShape, loss: loss, classes: classes, places: places, nodes: nodes,
      kernels: kernels, stageKernels: stageKernels, guardBand: guardBand,
      sumsGroupsApart: sumsGroupsApart)
  }

  /// What the samples of a pass are written to before it runs forward.
  package var input: Edge { edges.edges[0] }
  package var output: Edge { edges.edges[nodes.count] }
  func layer(ofStage index: Int) -> PlacedLayer { places[nodes[index].layer] }
  package var lastLayer: PlacedLayer { places[places.count - 1] }
  /// Made at each call: they grow with the network, so there are none before its memory is checked.
  package var blocks: [ParameterBlock] {
    parameterStages.sorted { $0.key < $1.key }.flatMap { $0.value.blocks(stage: $0.key) }
  }
  package var parameterCount: Int { tensors.reduce(0) { $0 + $1.count } }
  /// Numbers that an array with one for each parameter, added channels included, must hold.
  package var storedParameterCount: Int { sizes.parameters }
  /// Memory that a sample takes in evaluation, in bytes.
  package var bytesASample: Int {
    edges.edges.reduce(0) { $0 + $1.values.count } * MemoryLayout<Float>.stride
  }

  /// The phases of a step before the updates.
  package var phases: [PlanPhase] { clock.phases }

  /// Runs all passes forward.
  package func forward(_ pass: SamplePass) {
    for index in stages.indices { forward(pass, stage: index) }
  }

  func forward(_ pass: SamplePass, stage index: Int) {
    perform(edges.beforeForward[index], pass)
    stages[index].forward(pass)
  }

  /// Runs the passes of these times, in turn.
  ///
  /// - Parameter evaluateLoss: writes the gradients of the output, by calling this plan's.
  package func run(
    _ times: Range<Int>, _ pass: SamplePass, evaluateLoss: () -> Void
  ) {
    for time in times {
      if time < clock.loss {
        forward(pass, stage: time)
      } else if time == clock.loss {
        evaluateLoss()
      } else {
        backward(pass, stage: 2 * stages.count - time)
      }
    }
  }

  private func backward(_ pass: SamplePass, stage index: Int) {
    guard edges.edges[index + 1].wantsGradients else { return }
    perform(edges.beforeBackward[index], pass)
    stages[index].backward(pass)
    perform(edges.afterBackward[index], pass)
  }

  /// The pieces of all weight gradients that groups sum.
  package var groupSumPieces: Int { pieces.count }

  /// Makes a piece of a weight gradient of a group of samples.
  package func sumGroup(_ pass: SamplePass, piece: Int) {
    let (stage, piece) = pieces[piece]
    parameterStages[stage]?.sumGroup(pass, piece: piece)
  }

  private func perform(_ actions: [EdgeAction], _ pass: SamplePass) {
    for action in actions { action.perform(pass, kernels) }
  }

  /// The loss and the prediction of a sample of the pass; writes the output's gradient, `scale`
  /// times the loss's.
  package func evaluateLoss(
    _ pass: SamplePass, sample: Int, label: Int, scale: Float
  ) -> LossResult {
    for action in edges.beforeLoss { action.perform(pass, sample: sample, kernels) }
    // A last convolution keeps a border around its gradients.
    let logits = unsafe FloatPointer(pass.values(output, sample) + output.values.start)
    let gradient = unsafe pass.gradients(output, sample) + output.gradients.start
    return switch loss {
    case .crossEntropy:
      unsafe kernels.softmaxCrossEntropy(
        classes: classes, label: label, scale: scale, logits: logits, gradient: gradient)
    case .hinge:
      unsafe kernels.multiClassHinge(
        classes: classes, label: label, scale: scale, logits: logits, gradient: gradient)
    }
  }

  /// The gradient of a block over a batch whose samples have all run backward.
  package func gradient(
    of block: ParameterBlock, batch: BatchMemory, samples: Int, groups: Int,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    unsafe parameterStages[block.stage]?.gradient(
      of: block, batch: batch, samples: samples, groups: groups, into: gradient)
  }

  /// Makes ready what passes read of a block that has changed.
  package func refresh(_ block: ParameterBlock, in memory: ParameterMemory) {
    parameterStages[block.stage]?.refresh(block, in: memory)
  }

  /// Makes ready all parameters, after they were drawn or loaded: to the bits that training makes of the
  /// same parameters.
  package func refresh(_ memory: ParameterMemory) {
    flushingDenormals {
      for block in blocks { refresh(block, in: memory) }
    }
  }
}
