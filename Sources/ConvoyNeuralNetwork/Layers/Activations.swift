import ConvoyKernelInterface

/// An elementwise function. The output has the input's shape.
protocol ActivationLayer: Layer {
  var function: ActivationFunction { get }
}

extension ActivationLayer {
  package func outputShape(for input: FeatureShape, branches: [FeatureShape]) -> FeatureShape {
    input
  }

  package func add(to plan: inout PlanBuilder) {
    guard !plan.join(function) else { return }
    plan.append(ActivationOperation(kind: .elementwise(function)))
  }
}

/// max(x, 0) (Nair and Hinton, 2010).
package struct ReLU: ActivationLayer {
  package static let typeName = "relu"
  var function: ActivationFunction { .relu }

  package init() {}
  package init(_ fields: inout JSONFields) {}
}

/// x > 0 ? x : slope · x (Maas, Hannun and Ng, 2013).
package struct LeakyReLU: ActivationLayer {
  package static let typeName = "leakyRelu"
  var function: ActivationFunction { .leakyRelu(slope: slope) }

  package let slope: Float

  package init(slope: Float = 0.01) { self.slope = slope }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    slope = try fields.number("slope", default: 0.01)
  }

  package var fields: [String: LayerField] { ["slope": .number(slope)] }
  package var summary: String { "leakyRelu \(slope)" }

  package func validate() throws(LayerError) {
    guard slope >= 0, slope.isFinite else {
      throw .number(expected: "slope from 0", found: "\(slope)")
    }
  }
}

/// 1 / (1 + e^−x).
package struct Sigmoid: ActivationLayer {
  package static let typeName = "sigmoid"
  var function: ActivationFunction { .sigmoid }

  package init() {}
  package init(_ fields: inout JSONFields) {}
}

/// tanh x.
package struct Tanh: ActivationLayer {
  package static let typeName = "tanh"
  var function: ActivationFunction { .tanh }

  package init() {}
  package init(_ fields: inout JSONFields) {}
}

/// x / (1 + e^−x) (Elfwing, Uchibe and Doya, 2018).
package struct SiLU: ActivationLayer {
  package static let typeName = "silu"
  var function: ActivationFunction { .silu }

  package init() {}
  package init(_ fields: inout JSONFields) {}
}

/// x · min(max(x + 3, 0), 6) / 6 (Howard et al., 2019).
package struct HardSwish: ActivationLayer {
  package static let typeName = "hardSwish"
  var function: ActivationFunction { .hardSwish }

  package init() {}
  package init(_ fields: inout JSONFields) {}
}

/// x.
package struct Identity: Layer {
  package static let typeName = "identity"

  package init() {}
  package init(_ fields: inout JSONFields) {}

  package func outputShape(for input: FeatureShape, branches: [FeatureShape]) -> FeatureShape {
    input
  }
  package func add(to plan: inout PlanBuilder) {}
}
