/// A rule by which parameters follow their gradient towards a smaller loss.
///
/// A rule of your own needs ``update(_:along:)`` alone.
public protocol ReferenceOptimizer<Scalar> {
  /// `Float`, or `Double` to check gradients.
  associatedtype Scalar: ReferenceScalar

  /// One step.
  ///
  /// - Parameters:
  ///   - parameters: of a network, always in the same order.
  ///   - gradient: the derivative of the loss with respect to each parameter.
  mutating func update(_ parameters: inout [Scalar], along gradient: [Scalar])
}

/// Plain gradient descent, `sgd` on the command line (Robbins and Monro, 1951, "A Stochastic
/// Approximation Method"):
///
///     p ← p − learningRate · g
public struct ReferenceGradientDescent<Scalar: ReferenceScalar>: ReferenceOptimizer {
  /// The length of a step, in units of the gradient. May change from step to step.
  public var learningRate: Scalar

  /// - Parameter learningRate: the factor of the gradient in a step.
  public init(learningRate: Scalar = 0.05) { self.learningRate = learningRate }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public mutating func update(_ parameters: inout [Scalar], along gradient: [Scalar]) {
    precondition(gradient.count == parameters.count, "a gradient for each parameter")
    for index in parameters.indices {
      parameters[index] -= learningRate * gradient[index]
    }
  }
}

/// Gradient descent with momentum (Polyak, 1964, "Some Methods of Speeding up the Convergence of
/// Iteration Methods"). The velocity v sums up past gradients, so that steps grow where these agree:
///
///     v ← momentum · v + g
///     p ← p − learningRate · v
public struct ReferenceMomentum<Scalar: ReferenceScalar>: ReferenceOptimizer {
  /// May change from step to step.
  public var learningRate: Scalar

  /// The share of the velocity that a step keeps, at least 0 and below 1.
  public let momentum: Scalar

  /// v, one per parameter; empty before the first step.
  public private(set) var velocity: [Scalar] = []

  /// Before the first step.
  public init(learningRate: Scalar = 0.02, momentum: Scalar = 0.9) {
    self.learningRate = learningRate
    self.momentum = momentum
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public mutating func update(_ parameters: inout [Scalar], along gradient: [Scalar]) {
    precondition(gradient.count == parameters.count, "a gradient for each parameter")
    if velocity.isEmpty { velocity = Array(repeating: 0, count: parameters.count) }
    for index in parameters.indices {
      velocity[index] = momentum * velocity[index] + gradient[index]
      parameters[index] -= learningRate * velocity[index]
    }
  }
}

/// Adam (Kingma and Ba, 2015, "Adam: A Method for Stochastic Optimization"). Each parameter has a
/// step length of its own: m is a running mean of its gradient, v one of the gradient's square, and
/// their quotient is near 1 where gradients agree. Both begin at 0, which the divisors 1 − βᵗ of
/// step t correct:
///
///     m ← beta1 · m + (1 − beta1) · g
///     v ← beta2 · v + (1 − beta2) · g²
///     p ← p − learningRate · m / (1 − beta1ᵗ) / (√(v / (1 − beta2ᵗ)) + epsilon)
public struct ReferenceAdam<Scalar: ReferenceScalar>: ReferenceOptimizer {
  /// May change from step to step.
  public var learningRate: Scalar

  /// The share of m that a step keeps.
  public let beta1: Scalar

  /// The share of v that a step keeps.
  public let beta2: Scalar

  /// Keeps the divisor away from 0.
  public let epsilon: Scalar

  /// m, one per parameter; empty before the first step.
  public private(set) var mean: [Scalar] = []

  /// v, one per parameter; empty before the first step.
  public private(set) var meanSquare: [Scalar] = []

  /// beta1ᵗ and beta2ᵗ.
  private var powers: (beta1: Scalar, beta2: Scalar) = (1, 1)

  /// The defaults are those of the paper.
  public init(
    learningRate: Scalar = 0.001, beta1: Scalar = 0.9, beta2: Scalar = 0.999,
    epsilon: Scalar = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public mutating func update(_ parameters: inout [Scalar], along gradient: [Scalar]) {
    precondition(gradient.count == parameters.count, "a gradient for each parameter")
    if mean.isEmpty {
      mean = Array(repeating: 0, count: parameters.count)
      meanSquare = mean
    }
    powers.beta1 *= beta1
    powers.beta2 *= beta2
    for index in parameters.indices {
      let slope = gradient[index]
      mean[index] = beta1 * mean[index] + (1 - beta1) * slope
      meanSquare[index] = beta2 * meanSquare[index] + (1 - beta2) * slope * slope
      let deviation = (meanSquare[index] / (1 - powers.beta2)).squareRoot()
      let step = mean[index] / (1 - powers.beta1) / (deviation + epsilon)
      parameters[index] -= learningRate * step
    }
  }
}
