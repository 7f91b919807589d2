/// A range of the parameters with its own learning rate, decayed or not. A rule that looks at whole
/// tensors, such as `Lamb`, takes a group as one tensor.
public struct ParameterGroup: Sendable, Equatable, Codable {
  /// The places of the group's parameters in the array.
  public let range: Range<Int>
  /// The group's rate is the step's rate times this.
  public let rateFactor: Double
  /// Whether the rule's L2 and weight decay act on the group.
  public let isDecayed: Bool
  /// Of a matrix, for rules such as `Muon`; nil for any other parameters.
  public let shape: MatrixShape?

  /// Parameters that are decayed, such as weights.
  public static func weights(_ range: Range<Int>) -> ParameterGroup {
    ParameterGroup(uncheckedRange: range, rateFactor: 1, isDecayed: true, shape: nil)
  }

  /// A matrix of parameters that are decayed, stored row after row. A row is an output: a unit or a
  /// filter. The range has `rows` · `columns` parameters.
  public static func weights(_ range: Range<Int>, rows: Int, columns: Int) -> ParameterGroup {
    let shape = MatrixShape(rows: rows, columns: columns)
    precondition(
      (try? shape.check(count: range.count)) != nil, "rows times columns are the range's parameters"
    )
    return ParameterGroup(uncheckedRange: range, rateFactor: 1, isDecayed: true, shape: shape)
  }

  /// Parameters that are not decayed, such as biases.
  public static func biases(_ range: Range<Int>) -> ParameterGroup {
    ParameterGroup(uncheckedRange: range, rateFactor: 1, isDecayed: false, shape: nil)
  }

  /// - Parameters:
  ///   - range: of the parameters.
  ///   - rateFactor: the group's learning rate is the step's times this.
  ///   - isDecayed: whether L2 and weight decay act on it.
  ///   - shape: of as many parameters as the range has.
  /// - Throws: `HyperparameterError` if the factor is negative or not finite, or if the shape is of
  ///   another number of parameters.
  public init(
    _ range: Range<Int>, rateFactor: Double = 1, isDecayed: Bool, shape: MatrixShape? = nil
  ) throws(HyperparameterError) {
    try HyperparameterBounds.nonNegative.check("rateFactor", rateFactor)
    try shape?.check(count: range.count)
    self.init(uncheckedRange: range, rateFactor: rateFactor, isDecayed: isDecayed, shape: shape)
  }

  private init(
    uncheckedRange range: Range<Int>, rateFactor: Double, isDecayed: Bool, shape: MatrixShape?
  ) {
    self.range = range
    self.rateFactor = rateFactor
    self.isDecayed = isDecayed
    self.shape = shape
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      values.decode(Range<Int>.self, forKey: .range),
      rateFactor: values.decode(Double.self, forKey: .rateFactor),
      isDecayed: values.decode(Bool.self, forKey: .isDecayed),
      shape: values.decodeIfPresent(MatrixShape.self, forKey: .shape))
  }

  /// The step with the group's rate and decay.
  func step(_ step: UpdateStep) -> UpdateStep {
    UpdateStep(
      number: step.number, learningRate: step.learningRate * rateFactor,
      isDecayed: step.isDecayed && isDecayed, gradientScale: step.gradientScale,
      gradientLimit: step.gradientLimit)
  }
}
