/// In training, each value is set to zero with probability `rate`, and the others are divided
/// by 1 − rate. In evaluation, the layer is the identity (Srivastava et al., 2014).
public struct Dropout: Layer {
  package static let typeName = "dropout"

  /// The share of values that become zero in training.
  public let rate: Float

  /// With the share of values that become zero in training, from 0 to below 1.
  public init(rate: Float) { self.rate = rate }

  package init(_ fields: inout JSONFields) throws(FieldError) { rate = try fields.rate("rate") }

  package var fields: [String: LayerField] { ["rate": .number(rate)] }
  package var summary: String { "dropout \(rate)" }

  package func validate() throws(LayerError) {
    guard rate >= 0, rate < 1 else {
      throw .number(expected: "rate from 0 up to but not including 1", found: "\(rate)")
    }
  }

  package func outputShape(for input: FeatureShape, branches: [FeatureShape]) -> FeatureShape {
    input
  }

  package func add(to plan: inout PlanBuilder) { plan.append(DropoutOperation(rate: rate)) }
}
