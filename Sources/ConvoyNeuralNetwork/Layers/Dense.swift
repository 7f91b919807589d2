import ConvoyKernelInterface

/// Vector to vector: output = bias + weight · input.
public struct Dense: FreezableLayer {
  package static let typeName = "dense"

  /// The numbers of the output.
  public let units: Int
  /// Whether each unit has a bias.
  public package(set) var hasBias: Bool
  /// Whether training changes the weights and biases.
  public package(set) var isTrainable: Bool
  /// Nil for the network's.
  public let initialization: LayerInitialization?

  /// - Parameters:
  ///   - units: the numbers of the output.
  ///   - bias: whether each unit adds a learned number.
  ///   - isTrainable: whether training changes the weights and biases.
  ///   - initialization: `xavier`, `he` or `orthogonal`; nil for the network's.
  public init(
    _ units: Int, bias: Bool = true, isTrainable: Bool = true,
    initialization: LayerInitialization? = nil
  ) {
    self.units = units
    hasBias = bias
    self.isTrainable = isTrainable
    self.initialization = initialization
  }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    units = try fields.integer("units")
    hasBias = try fields.boolean("bias", default: true)
    isTrainable = try fields.boolean("trainable", default: true)
    initialization = try fields.choiceIfPresent(
      "initialization", among: LayerInitialization.ofMatrices)
  }

  package var fields: [String: LayerField] {
    var fields: [String: LayerField] = ["units": .integer(units)]
    if !hasBias { fields["bias"] = .boolean(false) }
    if !isTrainable { fields["trainable"] = .boolean(false) }
    if let initialization { fields["initialization"] = .text(initialization.rawValue) }
    return fields
  }

  package var summary: String {
    "dense \(units)" + (hasBias ? "" : " no bias")
      + (initialization.map { " \($0.rawValue)" } ?? "") + (isTrainable ? "" : " frozen")
  }

  package func validate() throws(LayerError) {
    try LayerError.check("units", units, atLeast: 1)
    guard let initialization, !LayerInitialization.ofMatrices.contains(initialization) else {
      return
    }
    let words = LayerInitialization.ofMatrices.map(\.rawValue).joined(separator: ", ")
    throw .number(expected: "initialization one of \(words)", found: initialization.rawValue)
  }

  package func outputShape(
    for input: FeatureShape, branches: [FeatureShape]
  ) throws(LayerError) -> FeatureShape {
    guard input.isFlat else {
      throw .doesNotFit(problem: "it needs a vector; put a flatten before it")
    }
    try LayerError.check(sizes: [units, input.count])
    return FeatureShape(features: units)
  }

  package func cost(for input: FeatureShape, output: FeatureShape) -> LayerCost {
    let weights = units * input.count
    return LayerCost(weights: weights, biases: hasBias ? units : 0, multiplyAdds: weights)
  }

  package func add(to plan: inout PlanBuilder) {
    plan.append(
      DenseOperation(
        units: units, hasBias: hasBias, isTrainable: isTrainable, initialization: initialization))
  }
}
