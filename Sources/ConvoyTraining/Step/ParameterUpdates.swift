import ConvoyCPUFeatures
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import Optimizers

/// The update of the parameters after the passes of a step, block by block: a block's gradient is
/// summed over groups, or computed from the whole batch, and the optimizer uses it while it is in
/// cache. Clipping by norm needs all gradients before any update, and so adds two phases: the blocks'
/// gradients with their norms, and the total norm. An optimizer that looks at whole tensors adds two
/// more; see `TensorUpdates`.
///
/// Sound to share among a team's workers: in each phase, a worker writes its block's parameters,
/// moments, average and norm, and in `gradients` its block's place or its own; one chunk writes the
/// scale. The team separates the phases.
final class ParameterUpdates: @unchecked Sendable {
  let blocks: [ParameterBlock]
  /// Of all parameters, in their layout, where they are kept or shared between ranks; else of a block,
  /// for each worker.
  let gradients: AlignedBuffer<Float>
  /// From one worker's block to the next; 0 where there is room for all parameters.
  private let blockStep: Int
  let optimizer: OptimizerMemory
  /// Nil for an optimizer that updates each parameter by itself.
  let tensors: TensorUpdates?
  /// Nil without averaging.
  let average: WeightAverage?
  /// Of all gradients of the step, before clipping, where it is wanted.
  private(set) var gradientNorm = 0.0
  /// The factor by which all gradients of the step are multiplied.
  private var gradientScale = 1.0
  /// Of each block's gradient, where the norm is wanted.
  private let squaredNorms: AlignedBuffer<Double>
  /// Whether ranks have left the sums of all groups in the first slot, and whole-batch gradients in
  /// `gradients`.
  private let isShared: Bool
  private let parameters: ParameterMemory
  private let configuration: TrainingConfiguration
  private let cut: BatchCut
  private let batch: BatchMemory
  private let workers: PerWorker<Worker>
  private let faults: FaultRecord

  init(
    _ plan: NetworkPlan, _ parameters: ParameterMemory, _ configuration: TrainingConfiguration,
    after passes: BatchPasses, workers: Int, faults: FaultRecord
  ) {
    self.parameters = parameters
    self.configuration = configuration
    self.faults = faults
    (cut, batch, self.workers) = (passes.cut, passes.batch, passes.workers)
    isShared = passes.cut.ranks > 1
    blocks = plan.updatedBlocks
    tensors = TensorUpdates(
      configuration.optimizer, plan, blocks: blocks.count, workers: workers)
    let count = plan.storedParameterCount
    if configuration.keepsGradients || isShared {
      blockStep = 0
      gradients = AlignedBuffer(count: count)
    } else {
      let largest = blocks.map(\.range.count).max() ?? 0
      blockStep = (largest + Self.floatsALine - 1) / Self.floatsALine * Self.floatsALine
      gradients = AlignedBuffer(count: blockStep * workers)
    }
    optimizer = OptimizerMemory(configuration.optimizer, count: count)
    average = WeightAverage(configuration.averaging, of: parameters, plan)
    squaredNorms = AlignedBuffer(count: blocks.count)
  }

  /// Floats per cache line, at 64 bytes.
  private static let floatsALine = 16

  /// Computes the gradient of a block.
  private func gradient(
    of block: ParameterBlock, after step: TrainingStep, by number: Int
  ) -> UnsafeBufferPointer<Float> {
    let worker = workers[number]
    if isShared, worker.plan.isOfWholeBatch(stage: block.stage) {
      return unsafe keptGradient(of: block)
    }
    let gradient =
      unsafe gradients.pointer + (blockStep > 0 ? number * blockStep : block.range.lowerBound)
    unsafe worker.plan.gradient(
      of: block, batch: batch, samples: step.count,
      slots: isShared ? 1 : cut.summedSlots(of: step.count), into: gradient)
    return unsafe UnsafeBufferPointer(start: gradient, count: block.range.count)
  }

  func measureGradient(_ index: Int, after step: TrainingStep, by number: Int) {
    guard blocks[index].isLearned else { return }
    let sum = unsafe GradientNorm.sumOfSquares(
      of: gradient(of: blocks[index], after: step, by: number))
    unsafe squaredNorms.pointer[index] = sum
    // Squares of floats cannot overflow in double precision.
    if !sum.isFinite { addFault(ofBlock: index, step) }
  }

  /// The norm of all gradients, summed in the order of the blocks.
  func measureNorm() {
    let sum = unsafe squaredNorms.elements.reduce(0, +)
    gradientNorm = sum.squareRoot()
    gradientScale = configuration.clipping.scale(ofNorm: gradientNorm)
  }

  private func addFault(ofBlock index: Int, _ step: TrainingStep) {
    faults.add(FaultRecord.Fault(step, .gradient(block: index)))
  }

  /// Updates a block, unless the step has a fault. A fault in a loss is known before any update:
  /// all parameters are unchanged, and a repeated pass finds the layer. A fault in a gradient
  /// computed here may be found after other blocks were updated; its block identifies the layer.
  func update(_ index: Int, after step: TrainingStep, by number: Int) {
    let (block, worker) = (blocks[index], workers[number])
    guard block.isLearned else {
      // Those of the batch's last phases may be found before or after this block's turn.
      if faults.first?.isOfLoss == true { return }
      worker.plan.updateStatistics(block, in: parameters, batch: batch, samples: step.count)
      if !areFinite(block, worker.plan) {
        faults.add(FaultRecord.Fault(step, .statistics(block: index)))
      }
      average?.update(block, of: parameters, after: step.number)
      return
    }
    let first = block.range.lowerBound
    // Other cores have read the parameters; request their cache lines for writing while the
    // gradient is computed.
    for offset in stride(from: 0, to: block.range.count, by: Self.floatsALine) {
      unsafe convoy_prefetch_for_writing(parameters.values.pointer + first + offset)
    }
    let gradient =
      unsafe configuration.keepsGradients
      ? keptGradient(of: block) : gradient(of: block, after: step, by: number)
    if !configuration.keepsGradients, unsafe !worker.plan.areFinite(gradient) {
      addFault(ofBlock: index, step)
    }
    if faults.hasAny { return }
    if let tensors {
      unsafe tensors.update(
        index, block, of: parameters, along: gradient, moments: optimizer.mutableMoments(of: block),
        step: updateStep(of: block, step))
    } else {
      unsafe optimizer.update(
        block, of: parameters, along: gradient, step: updateStep(of: block, step))
    }
    average?.update(block, of: parameters, after: step.number)
    worker.plan.refresh(block, in: parameters)
  }

  func measure(_ index: Int, after step: TrainingStep) {
    let block = blocks[index]
    guard block.isLearned, !faults.hasAny else { return }
    unsafe tensors?.measure(
      index, block, of: parameters, along: keptGradient(of: block),
      moments: optimizer.mutableMoments(of: block), step: updateStep(of: block, step))
  }

  private func keptGradient(of block: ParameterBlock) -> UnsafeBufferPointer<Float> {
    unsafe UnsafeBufferPointer(rebasing: UnsafeBufferPointer(gradients.elements)[block.range])
  }

  /// - Parameter number: of the step, since training began.
  func learningRate(atStep number: Int) -> Double {
    configuration.schedule?.rate(at: number) ?? configuration.optimizer.learningRate
  }

  private func updateStep(of block: ParameterBlock, _ step: TrainingStep) -> UpdateStep {
    let rate = learningRate(atStep: step.number)
    return UpdateStep(
      number: step.number,
      learningRate: block.part == .biases ? rate * configuration.biasRateFactor : rate,
      isDecayed: block.isDecayed, gradientScale: gradientScale,
      gradientLimit: configuration.clipping.gradientLimit)
  }

  /// Finds an overflow in the last update, which no pass has read yet.
  func fault(of plan: NetworkPlan, epoch: Int, step: Int) -> NonFiniteError? {
    for block in blocks {
      let areFinite = areFinite(block, plan)
      if areFinite, unsafe optimizer.moments(of: block).allSatisfy({ unsafe plan.areFinite($0) }) {
        continue
      }
      return NonFiniteError(
        epoch: epoch, step: step, quantity: areFinite ? .moment : .weight,
        layer: FaultyLayer(plan.layer(of: block)))
    }
    return nil
  }

  private func areFinite(_ block: ParameterBlock, _ plan: NetworkPlan) -> Bool {
    unsafe plan.areFinite(
      UnsafeBufferPointer(
        rebasing: UnsafeBufferPointer(parameters.values.elements)[block.range]))
  }
}
