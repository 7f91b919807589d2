/// Each group of consecutive channels of a sample is normalised to mean 0 and variance 1 over its
/// channels, rows and columns; then each channel is scaled and shifted by learned numbers, 1 and 0 at
/// first (Wu and He, 2018). As PyTorch's GroupNorm: the variance is the biased one, with `epsilon`
/// added. Training and evaluation are the same. One group is layer normalisation (Ba, Kiros and
/// Hinton, 2016). The features of a vector are its channels.
public struct GroupNormalization: FreezableLayer {
  package static let typeName = "groupNormalization"

  /// Parts of the channels, each normalised by itself.
  public let groups: Int
  /// Added to the variance.
  public let epsilon: Float
  /// Whether each channel has a factor that is learned.
  public let hasScale: Bool
  /// Whether each channel has a term that is learned.
  public let hasShift: Bool
  public package(set) var isTrainable: Bool

  /// The number of channels is to be a multiple of the groups.
  public init(
    groups: Int, epsilon: Float = 1e-5, hasScale: Bool = true, hasShift: Bool = true,
    isTrainable: Bool = true
  ) {
    self.groups = groups
    self.epsilon = epsilon
    self.hasScale = hasScale
    self.hasShift = hasShift
    self.isTrainable = isTrainable
  }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    self.init(
      groups: try fields.integer("groups"),
      epsilon: try fields.number("epsilon", default: 1e-5),
      hasScale: try fields.boolean("scale", default: true),
      hasShift: try fields.boolean("shift", default: true),
      isTrainable: try fields.boolean("trainable", default: true))
  }

  package var fields: [String: LayerField] {
    var fields: [String: LayerField] = ["groups": .integer(groups), "epsilon": .number(epsilon)]
    if !hasScale { fields["scale"] = .boolean(false) }
    if !hasShift { fields["shift"] = .boolean(false) }
    if !isTrainable { fields["trainable"] = .boolean(false) }
    return fields
  }

  package var summary: String {
    "\(Self.typeName) of \(groups) \(groups == 1 ? "group" : "groups")"
      + (hasScale ? "" : " no scale")
      + (hasShift ? "" : " no shift") + (isTrainable ? "" : " frozen")
  }

  package func validate() throws(LayerError) {
    try LayerError.check("groups", groups, atLeast: 1)
    try LayerError.check(epsilon: epsilon)
  }

  package func outputShape(
    for input: FeatureShape, branches: [FeatureShape]
  ) throws(LayerError) -> FeatureShape {
    guard input.channels.isMultiple(of: groups) else {
      throw .doesNotFit(
        problem: "expected groups that divide its \(input.channels) channels, found \(groups)")
    }
    guard input.count > groups else {
      throw .doesNotFit(
        problem: "expected groups of at least 2 values, found \(groups) of 1, whose variance is 0")
    }
    return input
  }

  package func cost(for input: FeatureShape, output: FeatureShape) -> LayerCost {
    LayerCost(weights: hasScale ? input.channels : 0, biases: hasShift ? input.channels : 0)
  }

  package func add(to plan: inout PlanBuilder) {
    plan.append(
      GroupNormalizationOperation(
        groups: groups, epsilon: epsilon, hasScale: hasScale, hasShift: hasShift,
        isTrainable: isTrainable))
  }
}
