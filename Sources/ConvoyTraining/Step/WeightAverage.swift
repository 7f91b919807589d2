import ConvoyKernelInterface
import ConvoyNeuralNetwork
import Optimizers

/// The average of a network's weights and running estimates, itself the parameters of a network.
///
/// Sound to share: the workers of an update write disjoint blocks, and all else happens while
/// training's and the average's own parameters are held exclusively.
final class WeightAverage: Sendable {
  let memory: ParameterMemory
  private let averaging: WeightAveraging

  /// Begins as the weights; nil without averaging.
  init?(_ averaging: WeightAveraging, of weights: ParameterMemory, _ plan: NetworkPlan) {
    if averaging == .none { return nil }
    self.averaging = averaging
    memory = ParameterMemory(plan)
    _ = unsafe memory.values.elements.update(from: weights.values.elements)
    complete(from: weights, of: plan)
  }

  /// Takes a block of weights into the average after a step's update, which under look-ahead may
  /// change the weights too.
  func update(_ block: ParameterBlock, of weights: ParameterMemory, after step: Int) {
    let values = unsafe UnsafeMutableBufferPointer(rebasing: weights.values.elements[block.range])
    let average = unsafe UnsafeMutableBufferPointer(rebasing: memory.values.elements[block.range])
    switch averaging {
    case .none: break
    case .exponential where step == 1: _ = unsafe average.update(from: values)
    case .exponential(let decay):
      unsafe RunningAverage.update(
        average, with: UnsafeBufferPointer(values), share: 1 - decay)
    case .lookahead(let steps, let rate):
      guard step.isMultiple(of: steps) else { return }
      unsafe RunningAverage.update(average, with: UnsafeBufferPointer(values), share: rate)
      _ = unsafe values.update(from: average)
    }
  }

  /// Makes whole what steps leave: the counts, which are those of the weights, and the derived
  /// weights.
  func complete(from weights: ParameterMemory, of plan: NetworkPlan) {
    for tensor in plan.tensors where tensor.kind == .count {
      tensor.write(tensor.read(from: weights), to: memory)
    }
    plan.refresh(memory)
  }
}
