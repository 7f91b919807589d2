/// x > 0 ? x : slope · x with learned slopes, 0.25 at first: one per channel, or a single one (He et
/// al., 2015). As PyTorch's PReLU. The features of a vector are its channels. L2 and weight decay do
/// not act on slopes, as they do not on biases and normalisations.
public struct PReLU: FreezableLayer {
  package static let typeName = "prelu"

  /// Whether all channels have the same slope.
  public let isShared: Bool
  public package(set) var isTrainable: Bool

  /// With a slope that is learned for each channel, or one for all.
  public init(isShared: Bool = false, isTrainable: Bool = true) {
    self.isShared = isShared
    self.isTrainable = isTrainable
  }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    isShared = try fields.boolean("shared", default: false)
    isTrainable = try fields.boolean("trainable", default: true)
  }

  package var fields: [String: LayerField] {
    var fields: [String: LayerField] = [:]
    if isShared { fields["shared"] = .boolean(true) }
    if !isTrainable { fields["trainable"] = .boolean(false) }
    return fields
  }

  package var summary: String {
    Self.typeName + (isShared ? " shared" : "") + (isTrainable ? "" : " frozen")
  }

  package func outputShape(for input: FeatureShape, branches: [FeatureShape]) -> FeatureShape {
    input
  }

  package func cost(for input: FeatureShape, output: FeatureShape) -> LayerCost {
    LayerCost(weights: isShared ? 1 : input.channels)
  }

  package func add(to plan: inout PlanBuilder) {
    plan.append(PReLUOperation(isShared: isShared, isTrainable: isTrainable))
  }
}
