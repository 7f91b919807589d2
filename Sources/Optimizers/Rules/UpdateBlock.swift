import ConvoyOptimizerLoopInterface

/// A block of parameters with their gradients and moments, in one step of a rule.
///
/// A rule receives gradients already clipped, so that no rule can forget to clip, and with the L2
/// term that it asks for.
///
/// Safe to use: a rule sees only numbers, and the creator of a block keeps its arrays alive while
/// the rule borrows it.
@safe public struct UpdateBlock: ~Copyable {
  /// Counted from 1.
  public let stepNumber: Int
  /// The rate of these parameters in this step.
  public let learningRate: Double
  @usableFromInline let isDecayed: Bool
  @usableFromInline let gradientScale: Float
  @usableFromInline let gradientLimit: Float
  @usableFromInline let count: Int
  @usableFromInline let parameters: UnsafeMutablePointer<Float>
  @usableFromInline let gradients: UnsafePointer<Float>
  @usableFromInline let first: UnsafeMutablePointer<Float>?
  @usableFromInline let second: UnsafeMutablePointer<Float>?
  @usableFromInline let third: UnsafeMutablePointer<Float>?

  /// Nil if there are no parameters.
  init?(
    _ parameters: UnsafeMutableBufferPointer<Float>, along gradients: UnsafeBufferPointer<Float>,
    moments: Moments, momentCount: Int, step: UpdateStep
  ) {
    precondition(parameters.count == gradients.count, "a gradient for each parameter")
    unsafe precondition(momentCount < 1 || moments.first != nil, "the first moment is missing")
    unsafe precondition(momentCount < 2 || moments.second != nil, "the second moment is missing")
    unsafe precondition(momentCount < 3 || moments.third != nil, "the third moment is missing")
    guard let values = parameters.baseAddress, let slopes = gradients.baseAddress else {
      return nil
    }
    stepNumber = step.number
    learningRate = step.learningRate
    isDecayed = step.isDecayed
    gradientScale = Float(step.gradientScale)
    gradientLimit = Float(step.gradientLimit)
    count = parameters.count
    unsafe self.parameters = unsafe values
    unsafe self.gradients = unsafe slopes
    unsafe first = unsafe momentCount < 1 ? nil : moments.first
    unsafe second = unsafe momentCount < 2 ? nil : moments.second
    unsafe third = unsafe momentCount < 3 ? nil : moments.third
  }

  /// Applies a rule to each parameter, its gradient and its moments.
  ///
  /// L2 and weight decay do not act on parameters that are not decayed, such as biases.
  ///
  /// - Parameters:
  ///   - l2: `l2` · parameter is added to the gradient, after clipping.
  ///   - weightDecay: the parameter is multiplied by 1 − rate · `weightDecay` before the rule sees
  ///     it.
  ///   - rule: changes a parameter.
  @inlinable
  public borrowing func updateEach(
    l2: Double = 0, weightDecay: Double = 0,
    _ rule: (_ parameter: inout Float, _ gradient: Float, _ moments: inout ParameterMoments) -> Void
  ) {
    let l2 = isDecayed ? Float(l2) : 0
    let shrinkage = isDecayed ? Float(1 - learningRate * weightDecay) : 1
    let isPrepared = gradientScale == 1 && gradientLimit == .infinity && l2 == 0 && shrinkage == 1
    for index in 0..<count {
      var parameter = unsafe parameters[index]
      var gradient = unsafe gradients[index]
      if !isPrepared {
        gradient *= gradientScale
        // Comparisons leave NaN as it is.
        if gradient > gradientLimit { gradient = gradientLimit }
        if gradient < -gradientLimit { gradient = -gradientLimit }
        gradient += parameter * l2
        parameter *= shrinkage
      }
      var moments = unsafe ParameterMoments(
        first: first?[index] ?? 0, second: second?[index] ?? 0, third: third?[index] ?? 0)
      rule(&parameter, gradient, &moments)
      unsafe parameters[index] = parameter
      unsafe first?[index] = moments.first
      unsafe second?[index] = moments.second
      unsafe third?[index] = moments.third
    }
  }
}

/// The moments of one parameter, in the order of the rule's `momentNames`. Moments beyond these
/// names are zero and are not stored.
public struct ParameterMoments {
  /// The moment that `momentNames` names first.
  public var first: Float
  /// The one that it names second.
  public var second: Float
  /// The one that it names third.
  public var third: Float

  @inlinable
  init(first: Float, second: Float, third: Float) {
    self.first = first
    self.second = second
    self.third = third
  }
}

/// For the loops of the rules that come with the module, which prepare gradients in registers.
extension UpdateBlock {
  var memory: BlockMemory {
    unsafe BlockMemory(
      count: count, parameters: parameters, gradients: gradients, first: first ?? parameters,
      second: second ?? parameters, third: third ?? parameters)
  }

  func preparation(l2: Double = 0, weightDecay: Double = 0) -> GradientPreparation {
    GradientPreparation(
      scale: gradientScale, limit: gradientLimit, l2: isDecayed ? Float(l2) : 0,
      shrinkage: isDecayed ? Float(1 - learningRate * weightDecay) : 1)
  }
}

/// The settings of one step besides the rule: equal for all blocks, except for the rate and decay
/// of their group.
package struct UpdateStep: Sendable, Equatable {
  /// Counted from 1.
  package let number: Int
  package let learningRate: Double
  /// Whether the rule's L2 and weight decay act on these parameters; biases are usually spared.
  package let isDecayed: Bool
  /// Each gradient is multiplied by this factor, for clipping by norm.
  package let gradientScale: Double
  /// After scaling, each gradient is clipped to ±`gradientLimit`. L2 is added after both.
  package let gradientLimit: Double

  package init(
    number: Int, learningRate: Double, isDecayed: Bool = true, gradientScale: Double = 1,
    gradientLimit: Double = .infinity
  ) {
    precondition(number >= 1, "steps are counted from 1")
    precondition(
      learningRate >= 0 && Float(learningRate).isFinite, "a rate is finite and not negative")
    precondition(gradientLimit > 0, "the limit of gradients is positive")
    self.number = number
    self.learningRate = learningRate
    self.isDecayed = isDecayed
    self.gradientScale = gradientScale
    self.gradientLimit = gradientLimit
  }
}
