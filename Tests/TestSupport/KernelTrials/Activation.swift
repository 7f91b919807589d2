import ConvoyKernelInterface
import ConvoyReference

/// What an activation must give, with the bound that its formula in single precision leaves.
package enum Activation {
  package static let all: [ActivationFunction] = [
    .identity, .relu, .relu6, .leakyRelu(slope: 0.01), .sigmoid, .tanh, .silu, .hardSwish,
    .elu(alpha: 1), .elu(alpha: 0.3), .gelu, .scaled(by: -0.125),
  ]

  package static func reference(_ function: ActivationFunction) -> ReferenceActivation<Double> {
    switch function {
    case .identity: .identity
    case .relu: .relu
    case .relu6: .relu6
    case .leakyRelu(let slope): .leakyRelu(slope: Double(slope))
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    case .silu: .silu
    case .hardSwish: .hardSwish
    case .elu(let alpha): .elu(alpha: Double(alpha))
    case .gelu: .gelu
    case .scaled(let factor): .scale(factor: Double(factor))
    }
  }

  /// How far the kernel's result for an exact argument may be off.
  package static func bound(_ function: ActivationFunction, of x: Double) -> Double {
    switch function {
    case .identity, .relu, .relu6: 0
    case .leakyRelu(let slope): (Rounded(Double(slope)) * Rounded(x)).error
    case .sigmoid: sigmoidBound(x)
    case .tanh: tanhBound(x)
    case .silu: siluBound(x)
    case .hardSwish: hardSwishBound(x)
    case .elu(let alpha): eluBound(x, Rounded(Double(alpha)))
    case .gelu: geluBound(x)
    case .scaled(let factor): (Rounded(Double(factor)) * Rounded(x)).error
    }
  }

  /// α (e^x − 1) below −0.25; above, the series x + x² s: one rounding, and those of a summand of at most
  /// x / 2 = 1/8 of it, some four of them.
  private static func eluBound(_ x: Double, _ alpha: Rounded) -> Double {
    if x > 0 { return 0 }
    if x > -0.25 { return abs(alpha.value * x) * 2.8 * Rounded.unit + 0x1p-149 }
    return (alpha * (Rounded(x).exponential() - Rounded(1))).error
  }

  /// The distribution is within 4e−7, a bound that `ElementaryAccuracyTests` verifies.
  private static func geluBound(_ x: Double) -> Double {
    abs(x) * distributionBound + Rounded.unit * abs(x) + 0x1p-149
  }

  package static let distributionBound = 4e-7

  /// x / (1 + e^−x), where the exponential of arguments below −88 is that of −88.
  package static func siluBound(_ x: Double) -> Double {
    let lowest = max(x, -88)
    let result = Rounded(x) / (Rounded(1) + Rounded(-lowest).exponential())
    return result.error + (lowest > x ? abs(result.value) : 0)
  }

  /// x · min(max(x + 3, 0), 6) / 6.
  package static func hardSwishBound(_ x: Double) -> Double {
    let shifted = Rounded(x) + Rounded(3)
    let clamped = shifted.value <= 0 ? Rounded(0) : shifted.value >= 6 ? Rounded(6) : shifted
    return (Rounded(x) * clamped / Rounded(6)).error
  }

  /// 1 / (1 + e^−x), where arguments below −88 are taken as −88.
  package static func sigmoidBound(_ x: Double) -> Double {
    let lowest = max(x, -88)
    let result = Rounded(1) / (Rounded(1) + Rounded(-lowest).exponential())
    return result.error + (lowest > x ? result.value : 0)
  }

  /// From 0.25 the quotient (1 − e^−2|x|) / (1 + e^−2|x|), whose argument is exact; below, the series
  /// x + x³ s: one rounding, and those of a summand of at most x² / 3 = 1/48 of it, and 3e−9 of
  /// truncation, which is 0.05 roundings: together below 1.2.
  package static func tanhBound(_ x: Double) -> Double {
    if abs(x) < 0.25 { return 1.2 * Rounded.unit * abs(x) + 0x1p-149 }
    let power = Rounded(-2 * abs(x)).exponential()
    return ((Rounded(1) - power) / (Rounded(1) + power)).error
  }

  /// How far gradient · derivative may be off, computed from the output, or from the input
  /// where the derivative is not a function of the output.
  package static func gradientBound(
    _ function: ActivationFunction, argument: Double, gradient: Double
  ) -> Double {
    let (y, gradient) = (Rounded(argument), Rounded(gradient))
    return switch function {
    case .identity, .relu, .relu6: 0
    case .leakyRelu(let slope): (gradient * Rounded(Double(slope))).error
    case .sigmoid: (gradient * (y * (Rounded(1) - y))).error
    case .tanh: (gradient * (Rounded(1) - y * y)).error
    case .silu: siluGradientBound(x: y, gradient: gradient)
    case .hardSwish: (gradient * (y / Rounded(3) + Rounded(0.5))).error
    case .elu(let alpha): (gradient * (y + Rounded(Double(alpha)))).error
    case .gelu: geluGradientBound(x: argument, gradient: gradient)
    case .scaled(let factor): (gradient * Rounded(Double(factor))).error
    }
  }

  private static func geluGradientBound(x: Double, gradient: Rounded) -> Double {
    let square = Rounded(x) * Rounded(x) * Rounded(-0.5)
    let density = square.exponential() * Rounded(rounding: 0.398_942_280_401)
    let sum = Rounded(x) * density + Rounded(1)
    return (gradient * sum).error + abs(gradient.value) * distributionBound
  }

  private static func siluGradientBound(x: Rounded, gradient: Rounded) -> Double {
    let sigmoid = Rounded(1) / (Rounded(1) + Rounded(-x.value).exponential())
    return (gradient * (sigmoid * (Rounded(1) + x * (Rounded(1) - sigmoid)))).error
  }
}
