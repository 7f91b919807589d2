/// e^x / Σ e^x over channels (Bridle, 1990): over all features of a vector, or the channels of each
/// pixel of a map.
public struct Softmax: Layer {
  package static let typeName = "softmax"

  /// It has no parameters.
  public init() {}
  package init(_ fields: inout JSONFields) {}

  package func outputShape(for input: FeatureShape, branches: [FeatureShape]) -> FeatureShape {
    input
  }
  package func add(to plan: inout PlanBuilder) { plan.append(ActivationOperation(kind: .softmax)) }
}
