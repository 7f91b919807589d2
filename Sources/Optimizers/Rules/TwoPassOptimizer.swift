import ConvoyOptimizerLoopInterface

/// A rule that looks at a whole tensor before it changes a parameter of it, such as `Lamb` at norms.
///
/// A step has two passes over the blocks of a tensor, and a tensor is a `ParameterGroup`. The first
/// pass updates moments and returns sums over a block. The second updates parameters, and receives
/// the sums over all blocks of the tensor. Sums are added in the order of the blocks, so that any
/// number of threads gives the same bits. A custom rule writes both passes (LARS; You and others,
/// 2017, without momentum):
///
///     struct Lars: TwoPassOptimizer {
///       let name = "lars"
///       let momentNames: [String] = []
///       let learningRate = 0.01
///
///       func measure(_ block: borrowing UpdateBlock) -> TensorSums {
///         block.sumEach { parameter, gradient, _ in
///           let (p, g) = (Double(parameter), Double(gradient))
///           return TensorSums(first: p * p, second: g * g)
///         }
///       }
///
///       func update(_ block: borrowing UpdateBlock, measured sums: TensorSums) {
///         let isZero = sums.first == 0 || sums.second == 0
///         let ratio = isZero ? 1 : (sums.first / sums.second).squareRoot()
///         let rate = Float(block.learningRate * ratio)
///         block.updateEach { parameter, gradient, _ in parameter -= gradient * rate }
///       }
///     }
///
/// Both passes receive clipped gradients. Pass `l2:` to both `sumEach` and `updateEach`, and
/// `weightDecay:` to `updateEach` alone. A decay that enters the sums is the rule's own, by
/// `UpdateBlock.decay(_:)`.
public protocol TwoPassOptimizer: Optimizer {
  /// The first pass: updates the moments of a block and returns sums over it. A step calls this once
  /// for each block, in any order and on any thread. The parameters stay as they are.
  func measure(_ block: borrowing UpdateBlock) -> TensorSums

  /// The second pass: updates the parameters of a block.
  ///
  /// - Parameters:
  ///   - block: of the tensor.
  ///   - sums: of all blocks of the tensor.
  func update(_ block: borrowing UpdateBlock, measured sums: TensorSums)
}

extension TwoPassOptimizer {
  /// Updates a block that is a tensor of its own.
  public func update(_ block: borrowing UpdateBlock) {
    update(block, measured: measure(block))
  }
}

extension UpdateBlock {
  /// Applies the first pass of a rule to each parameter, its gradient and its moments, and adds up
  /// what it returns. The sums are added one parameter after another.
  ///
  /// - Parameters:
  ///   - l2: `l2` · parameter is added to the gradient, after clipping.
  ///   - rule: what a parameter adds to the sums.
  @inlinable
  public borrowing func sumEach(
    l2: Double = 0,
    _ rule: (_ parameter: Float, _ gradient: Float, _ moments: inout ParameterMoments) -> TensorSums
  ) -> TensorSums {
    var sums = TensorSums()
    updateEach(l2: l2) { parameter, gradient, moments in
      sums += rule(parameter, gradient, &moments)
    }
    return sums
  }

  /// The factor of a decay that the rule applies itself: `weightDecay`, or 0 for parameters that are
  /// not decayed, such as biases.
  public borrowing func decay(_ weightDecay: Double) -> Double { isDecayed ? weightDecay : 0 }
}
