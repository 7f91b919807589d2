import KernelInterface

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
  /// The architecture's layer with which each stage begins.
  let stageLayers: [Int]
  let sizes: Sizes
  let kernels: any KernelSet
  /// What lies between the places of each kind of memory, where a plan was made with gaps.
  package let gaps: Gaps
  private let leastGap: Int
  private let nodes: [PlanNode]
  /// Those of each stage.
  private let stageKernels: [any KernelSet]
  private let parameterStages: [Int: any ParameterStage]
  private let firstParameterStage: Int

  /// Floats of each kind of memory; see `StagePlaces`.
  struct Sizes: Sendable {
    let parameters: Int
    let derivedWeights: Int
    let slot: Int
    let scratch: Int
    let forwardScratch: Int
    let shardValues: Int
    let winners: Int
    let batchValues: Int
  }

  /// What belongs to nobody in each kind of memory, as `Sizes` counts it: a kernel that writes there
  /// reaches too far.
  package struct Gaps: Sendable {
    package let parameters: [Range<Int>]
    package let derivedWeights: [Range<Int>]
    package let slot: [Range<Int>]
    package let scratch: [Range<Int>]
    package let shardValues: [Range<Int>]
    package let batchValues: [Range<Int>]
  }

  /// - Parameters:
  ///   - layerKernels: the kernels of the stage that begins with a layer; nil where all have the same.
  ///     Lets a benchmark tell for which layer a kernel is called.
  ///   - leastGap: floats to leave between two places in memory. Lets a test find who reaches too far.
  /// - Throws: `ArchitectureError` if a layer does not fit its input, or the network does not end in
  ///   a vector.
  package init(
    _ architecture: Architecture, input: FeatureShape, loss: LossFunction, kernels: any KernelSet,
    layerKernels: ((_ layer: Int) -> any KernelSet)? = nil, leastGap: Int = 0
  ) throws(ArchitectureError) {
    let nodes = try PlanNodes(architecture, input: input, loss: loss).nodes
    self.init(
      architecture, input: input, loss: loss,
      classes: try architecture.outputShape(for: input).count, nodes: nodes, kernels: kernels,
      stageKernels: nodes.map { layerKernels?($0.layer) ?? kernels }, leastGap: leastGap)
  }

  private init(
    _ architecture: Architecture, input: FeatureShape, loss: LossFunction, classes: Int,
    nodes: [PlanNode], kernels: any KernelSet, stageKernels: [any KernelSet], leastGap: Int
  ) {
    let firstWithParameters = nodes.firstIndex(where: \.hasParameters) ?? nodes.count
    var places = StagePlaces(leastGap: leastGap)
    let interfaces = Self.interfaces(
      nodes, input: input, firstWithParameters: firstWithParameters, places: &places)

    var stages: [any Stage] = []
    for (index, node) in nodes.enumerated() {
      stages.append(
        node.stage(
          input: interfaces[index], output: interfaces[index + 1],
          wantsInputGradient: index > firstWithParameters,
          kernels: stageKernels[index], places: &places))
    }

    self.architecture = architecture
    self.inputShape = input
    self.loss = loss
    self.classes = classes
    self.kernels = kernels
    self.nodes = nodes
    self.stageKernels = stageKernels
    self.leastGap = leastGap
    self.stages = stages
    stageLayers = nodes.map(\.layer)
    firstParameterStage = firstWithParameters
    var parameterStages: [Int: any ParameterStage] = [:]
    for (index, stage) in stages.enumerated() {
      parameterStages[index] = stage as? any ParameterStage
    }
    self.parameterStages = parameterStages
    let ordered = parameterStages.sorted { $0.key < $1.key }
    tensors = ordered.flatMap { $0.value.tensors }
    sizes = Sizes(
      parameters: places.parameters.count, derivedWeights: places.derivedWeights.count,
      slot: places.slot.count, scratch: places.scratch.count,
      forwardScratch: places.forwardScratch,
      shardValues: places.shardValues.count,
      winners: places.winnerCount, batchValues: places.batchValues.count)
    gaps = Gaps(
      parameters: places.parameters.gaps, derivedWeights: places.derivedWeights.gaps,
      slot: places.slot.gaps, scratch: places.scratch.gaps, shardValues: places.shardValues.gaps,
      batchValues: places.batchValues.gaps)
  }

  /// The same plan in objects of its own: a core that works by it never waits for the line of a
  /// reference count that another core has just changed.
  package func separateCopy() -> NetworkPlan {
    NetworkPlan(
      architecture, input: inputShape, loss: loss, classes: classes, nodes: nodes, kernels: kernels,
      stageKernels: stageKernels, leastGap: leastGap)
  }

  /// What lies before, between and after the nodes.
  private static func interfaces(
    _ nodes: [PlanNode], input: FeatureShape, firstWithParameters: Int, places: inout StagePlaces
  ) -> [Interface] {
    (0...nodes.count).map { index in
      let producer = index > 0 ? nodes[index - 1] : nil
      let consumer = index < nodes.count ? nodes[index] : nil
      let shape = producer?.outputShape ?? input
      // Convolutions and dense layers take channels as they are, without added ones.
      let takesAnyChannels = producer == nil && consumer?.hasParameters == true
      let values = FeatureMap(
        shape, channels: takesAnyChannels ? shape.channels : nil,
        border: consumer?.inputBorder(input: shape) ?? FeatureMap.Border())
      // Gradients come with the border that the producer reads, but a dense layer writes rows
      // without any.
      let hasBorder = index - 1 > firstWithParameters && consumer?.isDense != true
      let producerInput = index > 1 ? nodes[index - 2].outputShape : input
      let border = hasBorder ? producer?.gradientBorder(input: producerInput) : nil
      let gradients = FeatureMap(
        shape, channels: values.channels, border: border ?? FeatureMap.Border())
      let isBatchWide = producer?.isDense == true || consumer?.isDense == true
      func take(_ count: Int) -> Int {
        isBatchWide ? places.batchValues.take(count) : places.shardValues.take(count)
      }
      return Interface(
        values: values, gradients: gradients, isBatchWide: isBatchWide,
        valuesPlace: take(values.count), gradientsPlace: take(gradients.count))
    }
  }

  /// What the samples of a pass are written to before it runs forward.
  package var input: Interface { stages[0].input }
  package var output: Interface { stages[stages.count - 1].output }
  /// Made at each call: they grow with the network, so there are none before its memory is checked.
  package var blocks: [ParameterBlock] {
    parameterStages.sorted { $0.key < $1.key }.flatMap { $0.value.blocks(stage: $0.key) }
  }
  package var parameterCount: Int { tensors.reduce(0) { $0 + $1.count } }
  /// Numbers that an array with one for each parameter, added channels included, must hold.
  package var storedParameterCount: Int { sizes.parameters }
  /// Memory that a sample of a shard takes in evaluation, in bytes.
  package var bytesASample: Int {
    stages.reduce(input.values.count) { $0 + $1.output.values.count } * MemoryLayout<Float>.stride
  }

  package func forward(_ pass: ShardPass) {
    for stage in stages { stage.forward(pass) }
  }

  /// Runs from the gradients of the output, which `evaluateLoss` writes.
  package func backward(_ pass: ShardPass) {
    for index in stages.indices.reversed() where index >= firstParameterStage {
      stages[index].backward(pass)
    }
  }

  /// The loss and the prediction of a sample of the shard; writes the output's gradient, `scale`
  /// times the loss's.
  package func evaluateLoss(
    _ pass: ShardPass, sample: Int, label: Int, scale: Float
  ) -> LossResult {
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
