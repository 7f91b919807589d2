/// A bound on gradients, against single steps that undo many.
public struct GradientClipping: Sendable, Equatable {
  /// Each gradient is limited to ± this; infinity for no limit.
  public let gradientLimit: Double
  /// The norm of all gradients is limited to this; infinity for no limit.
  public let normLimit: Double

  public static let none = GradientClipping(gradientLimit: .infinity, normLimit: .infinity)

  /// Each gradient by itself, which may turn the direction of the whole.
  public static func value(_ limit: Double) throws(HyperparameterError) -> GradientClipping {
    try HyperparameterBounds.positive.check("value", limit)
    return GradientClipping(gradientLimit: limit, normLimit: .infinity)
  }

  /// All gradients by a common factor (Pascanu, Mikolov and Bengio, 2013): the direction stays.
  public static func norm(_ limit: Double) throws(HyperparameterError) -> GradientClipping {
    try HyperparameterBounds.positive.check("norm", limit)
    return GradientClipping(gradientLimit: .infinity, normLimit: limit)
  }

  /// What gradients of this norm are to be multiplied by: min(1, limit / (norm + 1e-6)), as in
  /// PyTorch; TensorFlow does without the 1e-6. NaN if the norm is NaN.
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
