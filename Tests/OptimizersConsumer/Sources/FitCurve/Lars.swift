import Optimizers

/// A rule of two passes of one's own: a gradient scaled to the norm of its parameters (LARS; You and
/// others, 2017), without momentum.
struct Lars: TwoPassOptimizer {
  let name = "lars"
  let momentNames: [String] = []
  let learningRate: Double

  func measure(_ block: borrowing UpdateBlock) -> TensorSums {
    block.sumEach { parameter, gradient, _ in
      let (p, g) = (Double(parameter), Double(gradient))
      return TensorSums(first: p * p, second: g * g)
    }
  }

  func update(_ block: borrowing UpdateBlock, measured sums: TensorSums) {
    let isZero = sums.first == 0 || sums.second == 0
    let ratio = isZero ? 1 : (sums.first / sums.second).squareRoot()
    let rate = Float(block.learningRate * ratio)
    block.updateEach { parameter, gradient, _ in parameter -= gradient * rate }
  }
}
