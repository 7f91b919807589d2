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
  private let nodes: [PlanNode]
  private let places: [PlacedLayer]
  /// Those of each stage.
  private let stageKernels: [any KernelSet]
  private let parameterStages: [Int: any ParameterStage]

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
      stageKernels: nodes.map { layerKernels?($0.layer) ?? kernels }, guardBand: guardBand)
  }

  private init(
    _ architecture: Architecture, input: FeatureShape, loss: LossFunction, classes: Int,
    places: [PlacedLayer], nodes: [PlanNode], kernels: any KernelSet,
    stageKernels: [any KernelSet], guardBand: Int
  ) {
    let edges = EdgePlan(nodes, input: input, guardBand: guardBand)
    var memory = PlanPlaces(guardBand: guardBand)
    var stages: [any Stage] = []
    for (index, node) in nodes.enumerated() {
      stages.append(
        node.operation.stage(
          at: NodeSite(
            name: places[node.layer].place, layer: node.layer, inputs: edges.inputs[index],
            output: edges.edges[index + 1], kept: edges.kept[index],
            kernels: stageKernels[index]),
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
    self.stages = stages
    self.edges = edges
    var parameterStages: [Int: any ParameterStage] = [:]
    for (index, stage) in stages.enumerated() {
      parameterStages[index] = stage as? any ParameterStage
    }
    self.parameterStages = parameterStages
    let ordered = parameterStages.sorted { $0.key < $1.key }
    tensors = ordered.flatMap { $0.value.tensors }
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
  package func separateCopy() -> NetworkPlan {
    NetworkPlan(
      architecture, input: inputShape, loss: loss, classes: classes, places: places, nodes: nodes,
      kernels: kernels, stageKernels: stageKernels, guardBand: guardBand)
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
  /// Memory that a sample of a shard takes in evaluation, in bytes.
  package var bytesASample: Int {
    edges.edges.reduce(0) { $0 + $1.values.count } * MemoryLayout<Float>.stride
  }

  package func forward(_ pass: ShardPass) {
    for index in stages.indices { forward(pass, stage: index) }
  }

  func forward(_ pass: ShardPass, stage index: Int) {
    perform(edges.beforeForward[index], pass)
    stages[index].forward(pass)
  }

  /// Runs from the gradients of the output, which `evaluateLoss` writes.
  package func backward(_ pass: ShardPass) {
    for index in stages.indices.reversed() where edges.edges[index + 1].wantsGradients {
      perform(edges.beforeBackward[index], pass)
      stages[index].backward(pass)
      perform(edges.afterBackward[index], pass)
    }
  }

  private func perform(_ actions: [EdgeAction], _ pass: ShardPass) {
    for action in actions { action.perform(pass, kernels) }
  }

  /// The loss and the prediction of a sample of the shard; writes the output's gradient, `scale`
  /// times the loss's.
  package func evaluateLoss(
    _ pass: ShardPass, sample: Int, label: Int, scale: Float
  ) -> LossResult {
    for action in edges.beforeLoss { action.perform(pass, sample: sample, kernels) }
    // A last convolution keeps a border around its gradients.
    let logits = FloatPointer(pass.values(output, sample) + output.values.start)
    let gradient = pass.gradients(output, sample) + output.gradients.start
    return switch loss {
    case .crossEntropy:
      kernels.softmaxCrossEntropy(
        classes: classes, label: label, scale: scale, logits: logits, gradient: gradient)
    case .hinge:
      kernels.multiClassHinge(
        classes: classes, label: label, scale: scale, logits: logits, gradient: gradient)
    }
  }

  /// The gradient of a block over a batch whose shards have all run backward.
  package func gradient(
    of block: ParameterBlock, batch: BatchMemory, samples: Int, shards: Int,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    parameterStages[block.stage]?.gradient(
      of: block, batch: batch, samples: samples, shards: shards, into: gradient)
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
