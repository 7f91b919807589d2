/// The loops of all rules, as one instruction set offers them. Every set gives the same bits.
package protocol LoopSet: Sendable {
  /// Gradient descent. No moments.
  func descend(_ block: BlockMemory, _ preparation: GradientPreparation, rate: Float)

  /// Momentum. The moment is the velocity.
  func descend(
    _ block: BlockMemory, _ preparation: GradientPreparation, rate: Float, momentum: Float,
    nesterov: Bool)

  /// RMSProp. The moments are the mean square; the mean, if centred; and the velocity, if the
  /// momentum is not 0.
  func rmsProp(
    _ block: BlockMemory, _ preparation: GradientPreparation, _ coefficients: RMSPropCoefficients,
    centred: Bool)

  /// Adam. The moments are the mean and the mean square.
  func adam(
    _ block: BlockMemory, _ preparation: GradientPreparation, _ coefficients: AdamCoefficients)

  /// Lion. The moment is the mean.
  func lion(
    _ block: BlockMemory, _ preparation: GradientPreparation, _ coefficients: LionCoefficients)

  /// LAMB's first pass. The moments are the mean and the mean square. Parameters are not changed.
  func measureLamb(
    _ block: BlockMemory, _ preparation: GradientPreparation, _ coefficients: LambCoefficients
  ) -> LambSums

  /// LAMB's second pass: p ← p − rate · direction.
  ///
  /// - Parameter rate: the step's rate, times the ratio of the norms.
  func updateLamb(_ block: BlockMemory, _ coefficients: LambCoefficients, rate: Float)

  /// The direction of Muon: (1 − momentum) · gradient + momentum · mean. The moments are the mean and
  /// the direction. Parameters only decay.
  ///
  /// - Parameter rest: 1 − momentum.
  func lookAhead(
    _ block: BlockMemory, _ preparation: GradientPreparation, momentum: Float, rest: Float)

  /// An average: parameters ← parameters + share · (gradients − parameters), where the gradients are
  /// what it is of. No moments.
  func average(_ block: BlockMemory, share: Float)

  /// Multiplies matrices. Every sum has the order of its terms.
  ///
  /// - Parameters:
  ///   - columns: those of the result to compute, best a multiple of 16.
  ///   - scratch: `MatrixProduct.scratchCount` numbers.
  func multiply(
    _ product: MatrixProduct, columns: Range<Int>, scratch: UnsafeMutablePointer<Float>)

  /// The sum of squares in double precision: eight partial sums, added pairwise at the end.
  func sumOfSquares(of values: UnsafePointer<Float>, count: Int) -> Double
}

/// A block of parameters with its gradients and moments, all `count` numbers long.
package struct BlockMemory {
  package let count: Int
  package let parameters: UnsafeMutablePointer<Float>
  package let gradients: UnsafePointer<Float>
  /// Pointers to moments that the rule does not have may be arbitrary: they are neither read nor
  /// written.
  package let first: UnsafeMutablePointer<Float>
  package let second: UnsafeMutablePointer<Float>
  package let third: UnsafeMutablePointer<Float>

  package init(
    count: Int, parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>,
    third: UnsafeMutablePointer<Float>
  ) {
    self.count = count
    self.parameters = parameters
    self.gradients = gradients
    self.first = first
    self.second = second
    self.third = third
  }
}

/// What happens to gradients and parameters before a rule sees them: clipping, L2 and decoupled
/// decay, in this order.
package struct GradientPreparation {
  package let scale: Float
  package let limit: Float
  package let l2: Float
  /// 1 − rate · decay.
  package let shrinkage: Float

  package init(scale: Float, limit: Float, l2: Float, shrinkage: Float) {
    self.scale = scale
    self.limit = limit
    self.l2 = l2
    self.shrinkage = shrinkage
  }

  package var changesNothing: Bool {
    scale == 1 && limit == .infinity && l2 == 0 && shrinkage == 1
  }
}

/// The factors of one step of Adam.
package struct AdamCoefficients {
  package let beta1: Float
  package let rest1: Float
  package let beta2: Float
  package let rest2: Float
  package let epsilon: Float
  /// rate / (1 − β₁ᵗ).
  package let stepSize: Float
  /// 1 / √(1 − β₂ᵗ).
  package let rootCorrection: Float

  package init(
    beta1: Double, beta2: Double, epsilon: Double, stepSize: Double, rootCorrection: Double
  ) {
    self.beta1 = Float(beta1)
    self.rest1 = Float(1 - beta1)
    self.beta2 = Float(beta2)
    self.rest2 = Float(1 - beta2)
    self.epsilon = Float(epsilon)
    self.stepSize = Float(stepSize)
    self.rootCorrection = Float(rootCorrection)
  }
}

/// The factors of one step of Lion.
package struct LionCoefficients {
  package let rate: Float
  package let beta1: Float
  package let rest1: Float
  package let beta2: Float
  package let rest2: Float

  package init(rate: Double, beta1: Double, beta2: Double) {
    self.rate = Float(rate)
    self.beta1 = Float(beta1)
    self.rest1 = Float(1 - beta1)
    self.beta2 = Float(beta2)
    self.rest2 = Float(1 - beta2)
  }
}

/// The factors of one step of LAMB, whose direction is
/// mean · `meanCorrection` / (√(mean square) · rootCorrection + epsilon) + `decay` · parameter.
package struct LambCoefficients {
  package let adam: AdamCoefficients
  /// 1 / (1 − β₁ᵗ).
  package let meanCorrection: Float
  package let decay: Float

  package init(adam: AdamCoefficients, meanCorrection: Double, decay: Double) {
    self.adam = adam
    self.meanCorrection = Float(meanCorrection)
    self.decay = Float(decay)
  }
}

/// Sums of squares over a block.
package struct LambSums: Equatable {
  package let parameters: Double
  package let directions: Double

  package init(parameters: Double, directions: Double) {
    self.parameters = parameters
    self.directions = directions
  }
}

/// The factors of one step of RMSProp.
package struct RMSPropCoefficients {
  package let rate: Float
  package let decay: Float
  /// 1 − decay.
  package let rest: Float
  package let epsilon: Float
  package let momentum: Float

  package init(rate: Double, decay: Double, epsilon: Double, momentum: Double) {
    self.rate = Float(rate)
    self.decay = Float(decay)
    self.rest = Float(1 - decay)
    self.epsilon = Float(epsilon)
    self.momentum = Float(momentum)
  }
}
