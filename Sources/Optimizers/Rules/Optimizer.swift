/// A rule that updates parameters from their gradients.
///
/// A rule holds only hyper-parameters, as doubles: computed from a Float, 1 − β₂ would have a
/// relative error of 1e-5. They are checked when the rule is created; initializers without
/// arguments, such as `Adam()`, use the usual values and do not throw. The step count and the
/// moments are in an `OptimizerState`, which the caller owns:
///
///     let adam = Adam()
///     var state = OptimizerState(for: adam, parameterCount: parameters.count)
///     adam.update(&parameters, along: gradients, state: &state)
///
/// An update on one thread does not allocate, unless the rule looks at whole tensors. Every product,
/// sum, quotient and root is rounded separately, so that all processors and any number of threads
/// give the same bits.
///
/// A custom rule that looks at a whole tensor before it changes it is a `TwoPassOptimizer`. Any other
/// one describes the update of one parameter, after clipping, L2 and decay:
///
///     struct SignDescent: Optimizer {
///       let name = "sign"
///       let momentNames: [String] = []
///       let learningRate = 0.01
///
///       func update(_ block: borrowing UpdateBlock) {
///         let rate = Float(block.learningRate)
///         block.updateEach { parameter, gradient, _ in
///           parameter -= gradient < 0 ? -rate : rate
///         }
///       }
///     }
public protocol Optimizer: Sendable {
  /// The rule's name, saved with the state. A state only fits a rule of the same name.
  var name: String { get }

  /// The names of the moments, the numbers kept for each parameter: at most three, distinct, and
  /// none of them "step". The rules of this module use the names of PyTorch's state. All moments
  /// are zero before the first step.
  var momentNames: [String] { get }

  /// The learning rate of steps for which the caller gives none.
  var learningRate: Double { get }

  /// Updates a block of parameters. A step calls this once for each block, in any order and on any
  /// thread.
  func update(_ block: borrowing UpdateBlock)
}

extension Optimizer {
  /// The number of moments for each parameter.
  public var momentCount: Int { momentNames.count }
}
