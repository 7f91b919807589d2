/// A rule that moves parameters along their gradients.
///
/// A rule holds hyper-parameters only, as doubles: 1 − β₂ of a Float would be off by 1e-5. They are
/// checked when the rule is made; `Adam()` and the like have usual ones and cannot fail. What a rule
/// remembers of the parameters is an `OptimizerState`, which the caller owns:
///
///     let adam = Adam()
///     var state = OptimizerState(for: adam, parameterCount: parameters.count)
///     adam.update(&parameters, along: gradients, state: &state)
///
/// An update on one thread does not allocate. Every product, sum, quotient and root is rounded by
/// itself, so that all processors and any number of threads give the same bits.
///
/// A rule of your own says what happens to one parameter; clipping, L2 and decay have then been
/// applied:
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
  /// Saved with the state, which fits no rule of another name.
  var name: String { get }

  /// What the rule remembers of each parameter, at most three numbers, in the words of PyTorch's
  /// state. Distinct, and none is "step". All are zero before the first step.
  var momentNames: [String] { get }

  /// The rate used where the caller has no schedule.
  var learningRate: Double { get }

  /// Updates a block of parameters. A step calls this for all blocks, in any order and on any thread.
  func update(_ block: borrowing UpdateBlock)
}

extension Optimizer {
  /// Numbers remembered for each parameter.
  public var momentCount: Int { momentNames.count }
}
