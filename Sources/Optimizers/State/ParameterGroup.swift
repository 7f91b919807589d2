/// A range of the parameters with its own learning rate, decayed or not. A rule that looks at whole
/// tensors, such as `Lamb`, takes a group as one tensor.
public struct ParameterGroup: Sendable, Equatable, Codable {
  public let range: Range<Int>
  /// The group's rate is the step's rate times this.
  public let rateFactor: Double
  /// Whether the rule's L2 and weight decay act on the group.
  public let isDecayed: Bool

  /// Parameters that are decayed, such as weights.
  public static func weights(_ range: Range<Int>) -> ParameterGroup {
    ParameterGroup(uncheckedRange: range, rateFactor: 1, isDecayed: true)
  }

  /// Parameters that are not decayed, such as biases.
  public static func biases(_ range: Range<Int>) -> ParameterGroup {
    ParameterGroup(uncheckedRange: range, rateFactor: 1, isDecayed: false)
  }

  public init(
    _ range: Range<Int>, rateFactor: Double = 1, isDecayed: Bool
  ) throws(HyperparameterError) {
    try HyperparameterBounds.nonNegative.check("rateFactor", rateFactor)
    self.init(uncheckedRange: range, rateFactor: rateFactor, isDecayed: isDecayed)
  }

  private init(uncheckedRange range: Range<Int>, rateFactor: Double, isDecayed: Bool) {
    self.range = range
    self.rateFactor = rateFactor
    self.isDecayed = isDecayed
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      values.decode(Range<Int>.self, forKey: .range),
      rateFactor: values.decode(Double.self, forKey: .rateFactor),
      isDecayed: values.decode(Bool.self, forKey: .isDecayed))
  }

  /// The step with the group's rate and decay.
  func step(_ step: UpdateStep) -> UpdateStep {
    UpdateStep(
      number: step.number, learningRate: step.learningRate * rateFactor,
      isDecayed: step.isDecayed && isDecayed, gradientScale: step.gradientScale,
      gradientLimit: step.gradientLimit)
  }
}
