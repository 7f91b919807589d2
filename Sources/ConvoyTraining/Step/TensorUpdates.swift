import ConvoyKernelInterface
import ConvoyNeuralNetwork
import Optimizers

/// The update of rules that look at a whole tensor between its gradient and its update: `Lamb` at
/// norms, `Muon` at matrices. Three phases: of blocks, of tensors, and of blocks again.
///
/// Sound to share: in each phase, a worker writes what belongs to its block or its tensor, and its
/// own work memory.
final class TensorUpdates: @unchecked Sendable {
  private enum Rule {
    case twoPass(any TwoPassOptimizer)
    case matrices(Muon)
  }

  let tensors: [UpdatedTensor]
  private let rule: Rule
  /// By block; of statistics, any.
  private let tensorOfBlock: [Int]
  /// Of each block, then of each tensor: two sums.
  private let sums: AlignedBuffer<Double>
  /// Of matrices, in the layout of the parameters.
  private let directions: AlignedBuffer<Float>
  private let work: PerWorker<Work>

  private final class Work {
    let values: AlignedBuffer<Float>
    init(count: Int) { values = AlignedBuffer(count: count) }
  }

  static func areNeeded(by optimizer: any Optimizer) -> Bool { rule(of: optimizer) != nil }

  private static func rule(of optimizer: any Optimizer) -> Rule? {
    switch optimizer {
    case let muon as Muon: .matrices(muon)
    case let lamb as any TwoPassOptimizer: .twoPass(lamb)
    default: nil
    }
  }

  /// Nil for a rule that updates each parameter by itself.
  init?(_ optimizer: any Optimizer, _ plan: NetworkPlan, blocks: Int, workers: Int) {
    guard let rule = Self.rule(of: optimizer) else { return nil }
    self.rule = rule
    let tensors = plan.updatedTensors
    self.tensors = tensors
    var tensorOfBlock = Array(repeating: 0, count: blocks)
    for (number, tensor) in tensors.enumerated() {
      for block in tensor.blocks { tensorOfBlock[block] = number }
    }
    self.tensorOfBlock = tensorOfBlock
    let need = Need(optimizer, plan)
    sums = AlignedBuffer(count: 2 * (blocks + tensors.count))
    directions = AlignedBuffer(count: need.directions)
    let count = need.work
    work = PerWorker(count: workers) { Work(count: count) }
  }

  /// Memory for a network, in floats. Sums are few beside it.
  struct Need {
    var directions = 0
    /// Of each worker.
    var work = 0

    init(_ optimizer: any Optimizer, _ plan: NetworkPlan) {
      guard optimizer is Muon else { return }
      directions = plan.storedParameterCount
      work = plan.matrices.map { Muon.workCount(for: $0.matrixShape) }.max() ?? 0
    }
  }

  /// The first phase, of a block.
  func measure(
    _ index: Int, _ block: ParameterBlock, of parameters: ParameterMemory,
    along gradient: UnsafeBufferPointer<Float>, moments: Moments, step: UpdateStep
  ) {
    let values = unsafe UnsafeMutableBufferPointer(
      rebasing: parameters.values.elements[block.range])
    switch rule {
    case .twoPass(let rule):
      let found = unsafe rule.measure(values, along: gradient, moments: moments, step: step)
      unsafe sums.pointer[2 * index] = found.first
      unsafe sums.pointer[2 * index + 1] = found.second
    case .matrices(let muon):
      guard tensors[tensorOfBlock[index]].matrix != nil else { return }
      unsafe muon.lookAhead(
        values, along: gradient, moments: moments,
        direction: directions.pointer + block.range.lowerBound, step: step)
    }
  }

  /// The second phase, of a tensor.
  func combine(_ index: Int, worker: Int) {
    let tensor = tensors[index]
    switch rule {
    case .twoPass:
      // In the order of the blocks.
      var total = TensorSums()
      for block in tensor.blocks { total += sums(at: block) }
      let place = tensorOfBlock.count + index
      unsafe sums.pointer[2 * place] = total.first
      unsafe sums.pointer[2 * place + 1] = total.second
    case .matrices:
      guard let matrix = tensor.matrix else { return }
      let work = unsafe work[worker].values.pointer
      unsafe matrix.read(0..<matrix.count, from: directions.pointer, into: work)
      unsafe matrix.write(
        Muon.orthogonalize(work, shape: matrix.matrixShape), to: directions.pointer)
    }
  }

  /// The third phase, of a block.
  func update(
    _ index: Int, _ block: ParameterBlock, of parameters: ParameterMemory,
    along gradient: UnsafeBufferPointer<Float>, moments: Moments, step: UpdateStep
  ) {
    let values = unsafe UnsafeMutableBufferPointer(
      rebasing: parameters.values.elements[block.range])
    let tensor = tensorOfBlock[index]
    switch rule {
    case .twoPass(let rule):
      unsafe rule.update(
        values, along: gradient, moments: moments, step: step,
        measured: sums(at: tensorOfBlock.count + tensor))
    case .matrices(let muon):
      if let matrix = tensors[tensor].matrix {
        unsafe muon.descend(
          values,
          along: UnsafeBufferPointer(
            rebasing: UnsafeBufferPointer(directions.elements)[block.range]),
          moments: moments, shape: matrix.matrixShape, step: step)
      } else {
        unsafe muon.update(values, along: gradient, moments: moments, step: step)
      }
    }
  }

  private func sums(at place: Int) -> TensorSums {
    unsafe TensorSums(first: sums.pointer[2 * place], second: sums.pointer[2 * place + 1])
  }
}

extension ParameterTensor {
  fileprivate var matrixShape: MatrixShape {
    MatrixShape(rows: shape[0], columns: count / shape[0])
  }
}
