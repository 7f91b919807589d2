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
public struct ReLU: ActivationLayer {
  package static let typeName = "relu"
  var function: ActivationFunction { .relu }

  /// It has no parameters.
  public init() {}
  package init(_ fields: inout JSONFields) {}
}

/// min(max(x, 0), 6) (Krizhevsky, 2010), as in MobileNetV2; the derivative at 0 and at 6 is 0.
public struct ReLU6: ActivationLayer {
  package static let typeName = "relu6"
  var function: ActivationFunction { .relu6 }

  /// It has no parameters.
  public init() {}
  package init(_ fields: inout JSONFields) {}
}

/// x > 0 ? x : slope · x (Maas, Hannun and Ng, 2013).
public struct LeakyReLU: ActivationLayer {
  package static let typeName = "leakyRelu"
  var function: ActivationFunction { .leakyRelu(slope: slope) }

  /// Of the line below zero.
  public let slope: Float

  /// With the slope below zero.
  public init(slope: Float = 0.01) { self.slope = slope }

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

/// x > 0 ? x : α (e^x − 1) (Clevert, Unterthiner and Hochreiter, 2016).
public struct ELU: ActivationLayer {
  package static let typeName = "elu"
  var function: ActivationFunction { .elu(alpha: alpha) }

  /// Below zero, minus the limit of the outputs.
  public let alpha: Float

  /// With minus the limit of the outputs below zero.
  public init(alpha: Float = 1) { self.alpha = alpha }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    alpha = try fields.number("alpha", default: 1)
  }

  package var fields: [String: LayerField] { ["alpha": .number(alpha)] }
  package var summary: String { "elu" + (alpha == 1 ? "" : " \(alpha)") }

  package func validate() throws(LayerError) {
    guard alpha >= 0, alpha.isFinite else {
      throw .number(expected: "alpha of at least 0", found: "\(alpha)")
    }
  }
}

/// 1 / (1 + e^−x).
public struct Sigmoid: ActivationLayer {
  package static let typeName = "sigmoid"
  var function: ActivationFunction { .sigmoid }

  /// It has no parameters.
  public init() {}
  package init(_ fields: inout JSONFields) {}
}

/// tanh x.
public struct Tanh: ActivationLayer {
  package static let typeName = "tanh"
  var function: ActivationFunction { .tanh }

  /// It has no parameters.
  public init() {}
  package init(_ fields: inout JSONFields) {}
}

/// x / (1 + e^−x) (Elfwing, Uchibe and Doya, 2018).
public struct SiLU: ActivationLayer {
  package static let typeName = "silu"
  var function: ActivationFunction { .silu }

  /// It has no parameters.
  public init() {}
  package init(_ fields: inout JSONFields) {}
}

/// x · min(max(x + 3, 0), 6) / 6 (Howard et al., 2019).
public struct HardSwish: ActivationLayer {
  package static let typeName = "hardSwish"
  var function: ActivationFunction { .hardSwish }

  /// It has no parameters.
  public init() {}
  package init(_ fields: inout JSONFields) {}
}

/// x Φ(x), with Φ the cumulative normal distribution (Hendrycks and Gimpel, 2016); exact, as
/// PyTorch's without an approximation.
public struct GELU: ActivationLayer {
  package static let typeName = "gelu"
  var function: ActivationFunction { .gelu }

  /// It has no parameters.
  public init() {}
  package init(_ fields: inout JSONFields) {}
}

/// factor · x.
public struct Scale: ActivationLayer {
  package static let typeName = "scale"
  var function: ActivationFunction { .scaled(by: factor) }

  /// The same for all values.
  public let factor: Float

  /// With a factor that is not learned.
  public init(factor: Float) { self.factor = factor }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    factor = try fields.number("factor")
  }

  package var fields: [String: LayerField] { ["factor": .number(factor)] }
  package var summary: String { "scale \(factor)" }

  package func validate() throws(LayerError) {
    guard factor.isFinite else { throw .number(expected: "a finite factor", found: "\(factor)") }
  }
}

/// x.
public struct Identity: Layer {
  package static let typeName = "identity"

  /// It has no parameters.
  public init() {}
  package init(_ fields: inout JSONFields) {}

  package func outputShape(for input: FeatureShape, branches: [FeatureShape]) -> FeatureShape {
    input
  }
  package func add(to plan: inout PlanBuilder) {}
}
