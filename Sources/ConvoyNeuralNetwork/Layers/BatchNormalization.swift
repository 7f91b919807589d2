import ConvoyKernelInterface

/// Each channel of the input is normalised to mean 0 and variance 1 over the batch's samples, rows
/// and columns, then scaled and shifted by learned numbers, 1 and 0 at first (Ioffe and Szegedy,
/// 2015). As PyTorch's BatchNorm2d, and BatchNorm1d for a vector: the variance is the biased one,
/// with `epsilon` added. Evaluation normalises by running estimates of the mean and the unbiased
/// variance; a step moves them by `momentum` of the difference to the batch's.
///
/// With `samples`, each run of that many consecutive samples is normalised by its own statistics
/// (ghost batches: Hoffer, Hubara and Soudry, 2017); the running estimates use their mean.
///
/// If it is not trainable, it keeps its scale and shift; running estimates are still measured.
public struct BatchNormalization: FreezableLayer {
  package static let typeName = "batchNormalization"

  /// The share of the running estimates that a batch replaces.
  public let momentum: Float
  /// Added to the variance.
  public let epsilon: Float
  /// Whether each channel has a factor that is learned.
  public let hasScale: Bool
  /// Whether each channel has a term that is learned.
  public let hasShift: Bool
  /// Nil for the whole batch.
  public let samples: Int?
  public package(set) var isTrainable: Bool

  /// The defaults are PyTorch's.
  public init(
    momentum: Float = 0.1, epsilon: Float = 1e-5, hasScale: Bool = true, hasShift: Bool = true,
    samples: Int? = nil, isTrainable: Bool = true
  ) {
    self.momentum = momentum
    self.epsilon = epsilon
    self.hasScale = hasScale
    self.hasShift = hasShift
    self.samples = samples
    self.isTrainable = isTrainable
  }

  package init(_ fields: inout JSONFields) throws(FieldError) {
    self.init(
      momentum: try fields.number("momentum", default: 0.1),
      epsilon: try fields.number("epsilon", default: 1e-5),
      hasScale: try fields.boolean("scale", default: true),
      hasShift: try fields.boolean("shift", default: true),
      samples: try fields.integerIfPresent("samples"),
      isTrainable: try fields.boolean("trainable", default: true))
  }

  package var fields: [String: LayerField] {
    var fields: [String: LayerField] = [
      "momentum": .number(momentum), "epsilon": .number(epsilon),
    ]
    if !hasScale { fields["scale"] = .boolean(false) }
    if !hasShift { fields["shift"] = .boolean(false) }
    if let samples { fields["samples"] = .integer(samples) }
    if !isTrainable { fields["trainable"] = .boolean(false) }
    return fields
  }

  package var summary: String {
    Self.typeName + (samples.map { " of \($0) " + ($0 == 1 ? "sample" : "samples") } ?? "")
      + (hasScale ? "" : " no scale")
      + (hasShift ? "" : " no shift") + (isTrainable ? "" : " frozen")
  }

  package func validate() throws(LayerError) {
    guard momentum >= 0, momentum <= 1 else {
      throw .number(expected: "momentum from 0 to 1", found: "\(momentum)")
    }
    try LayerError.check(epsilon: epsilon)
    if let samples { try LayerError.check("samples", samples, atLeast: 1) }
  }

  package func outputShape(for input: FeatureShape, branches: [FeatureShape]) -> FeatureShape {
    input
  }

  package func cost(for input: FeatureShape, output: FeatureShape) -> LayerCost {
    LayerCost(weights: hasScale ? input.channels : 0, biases: hasShift ? input.channels : 0)
  }

  package func add(to plan: inout PlanBuilder) {
    plan.append(
      BatchNormalizationOperation(
        momentum: momentum, epsilon: epsilon, hasScale: hasScale, hasShift: hasShift,
        ghostSize: samples, isTrainable: isTrainable))
  }
}
