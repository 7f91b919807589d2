import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoySafetensors
import Optimizers

/// An optimizer's moments for a network: one array per moment, each in the layout of the
/// parameters.
///
/// Sound to share: the workers of an update write disjoint blocks, and saving or restoring the
/// moments happens while the parameters are held exclusively.
final class OptimizerMemory: @unchecked Sendable {
  let optimizer: any Optimizer
  /// Length of one array.
  private let count: Int
  private let momentCount: Int
  private let moments: AlignedBuffer<Float>

  /// - Parameter count: `NetworkPlan.storedParameterCount`.
  init(_ optimizer: any Optimizer, count: Int) {
    self.optimizer = optimizer
    self.count = count
    momentCount = optimizer.momentCount
    moments = AlignedBuffer(count: count * momentCount)
  }

  /// The moments, sorted by name.
  var named: [(name: String, values: UnsafePointer<Float>)] {
    unsafe optimizer.momentNames.enumerated().sorted { $0.element < $1.element }.map {
      number, name in
      unsafe (name, UnsafePointer(moments.pointer + number * count))
    }
  }

  /// Sets the moments, in the order of the optimizer's names, to tensors of the network's.
  func restore(_ tensors: [[NamedTensor]], of plan: NetworkPlan) {
    for (number, tensors) in tensors.enumerated() {
      for (place, tensor) in zip(plan.learnedTensors, tensors) {
        unsafe place.write(tensor.values, to: moments.pointer + number * count)
      }
    }
  }

  /// The moments of a block, one array per moment.
  func moments(of block: ParameterBlock) -> [UnsafeBufferPointer<Float>] {
    unsafe (0..<momentCount).map { number in
      unsafe UnsafeBufferPointer(
        start: moments.pointer + (number * count + block.range.lowerBound),
        count: block.range.count)
    }
  }

  /// Updates a block of parameters along its gradient.
  func update(
    _ block: ParameterBlock, of parameters: ParameterMemory,
    along gradient: UnsafeBufferPointer<Float>, step: UpdateStep
  ) {
    unsafe optimizer.update(
      UnsafeMutableBufferPointer(rebasing: parameters.values.elements[block.range]),
      along: gradient, moments: mutableMoments(of: block), step: step)
  }

  func mutableMoments(of block: ParameterBlock) -> Moments {
    func moment(_ number: Int) -> UnsafeMutablePointer<Float>? {
      guard number < momentCount else { return nil }
      return unsafe moments.pointer + number * count + block.range.lowerBound
    }
    return unsafe Moments(first: moment(0), second: moment(1), third: moment(2))
  }
}
