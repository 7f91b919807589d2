import Foundation

/// A floating-point type that a network can compute in: `Float`, or `Double` to check gradients by
/// finite differences.
///
/// `BinaryFloatingPoint` has the arithmetic; a network also needs these functions.
public protocol ReferenceScalar: BinaryFloatingPoint, Sendable {
  /// e to the power of `value`.
  static func exponential(_ value: Self) -> Self

  /// e to the power of `value`, minus 1, without losing digits near 0.
  static func exponentialMinusOne(_ value: Self) -> Self

  /// The natural logarithm of `value`.
  static func naturalLogarithm(_ value: Self) -> Self

  /// The hyperbolic tangent of `value`.
  static func hyperbolicTangent(_ value: Self) -> Self

  /// The error function of `value`, 2 / √π ∫ e^−t² dt from 0.
  static func errorFunction(_ value: Self) -> Self
}

extension Float: ReferenceScalar {
  public static func exponential(_ value: Float) -> Float { Foundation.exp(value) }
  public static func exponentialMinusOne(_ value: Float) -> Float { Foundation.expm1(value) }
  public static func naturalLogarithm(_ value: Float) -> Float { Foundation.log(value) }
  public static func hyperbolicTangent(_ value: Float) -> Float { Foundation.tanh(value) }
  public static func errorFunction(_ value: Float) -> Float { Foundation.erf(value) }
}

extension Double: ReferenceScalar {
  public static func exponential(_ value: Double) -> Double { Foundation.exp(value) }
  public static func exponentialMinusOne(_ value: Double) -> Double { Foundation.expm1(value) }
  public static func naturalLogarithm(_ value: Double) -> Double { Foundation.log(value) }
  public static func hyperbolicTangent(_ value: Double) -> Double { Foundation.tanh(value) }
  public static func errorFunction(_ value: Double) -> Double { Foundation.erf(value) }
}
