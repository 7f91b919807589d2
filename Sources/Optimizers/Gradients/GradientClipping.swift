/// A limit on gradients, so that a single step cannot undo many.
public struct GradientClipping: Sendable, Equatable {
  /// Each gradient is clipped to ±`gradientLimit`; infinity for no limit.
  public let gradientLimit: Double
  /// The norm of all gradients is limited to `normLimit`; infinity for no limit.
  public let normLimit: Double

  /// Gradients as they are.
  public static let none = GradientClipping(gradientLimit: .infinity, normLimit: .infinity)

  /// Clips each gradient to ±`limit`. This may change the direction of the step.
  public static func value(_ limit: Double) throws(HyperparameterError) -> GradientClipping {
    try HyperparameterBounds.positive.check("value", limit)
    return GradientClipping(gradientLimit: limit, normLimit: .infinity)
  }

  /// Scales all gradients by a common factor, so that their norm is at most `limit` (Pascanu,
  /// Mikolov and Bengio, 2013). This keeps the direction of the step.
  public static func norm(_ limit: Double) throws(HyperparameterError) -> GradientClipping {
    try HyperparameterBounds.positive.check("norm", limit)
    return GradientClipping(gradientLimit: .infinity, normLimit: limit)
  }

  /// The factor for gradients of this norm: min(1, limit / (norm + 1e-6)), as in PyTorch;
  /// TensorFlow omits the 1e-6. It is NaN if the norm is NaN, and 1 if there is no limit on the
  /// norm.
  public func scale(ofNorm norm: Double) -> Double {
    if normLimit == .infinity { return 1 }
    let scale = normLimit / (norm + 1e-6)
    return scale > 1 ? 1 : scale
  }

  func scale(of gradients: UnsafeBufferPointer<Float>, threads: Int) -> Double {
    unsafe normLimit == .infinity
      ? 1 : scale(ofNorm: GradientNorm.norm(of: gradients, threads: threads))
  }
}
