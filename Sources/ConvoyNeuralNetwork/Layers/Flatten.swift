/// A map becomes a vector, in channel, row, column order.
public struct Flatten: Layer {
  package static let typeName = "flatten"

  /// It has no parameters.
  public init() {}
  package init(_ fields: inout JSONFields) {}

  package func outputShape(for input: FeatureShape, branches: [FeatureShape]) -> FeatureShape {
    FeatureShape(features: input.count)
  }

  package func add(to plan: inout PlanBuilder) { plan.flatten() }
}
