import ConvoyKernelInterface

extension CompiledKernels {
  /// Applies an activation in place, row by row.
  package func activate(
    _ function: ActivationFunction, _ geometry: RowGeometry, values: MutableFloatPointer
  ) {
    switch function {
    case .identity: break
    case .relu: apply(ReLU(), geometry, values)
    case .relu6: apply(ReLU6(), geometry, values)
    case .leakyRelu(let slope): apply(LeakyReLU(slope: slope), geometry, values)
    case .elu(let alpha): apply(ELU(alpha: alpha), geometry, values)
    case .sigmoid: apply(Sigmoid(), geometry, values)
    case .tanh: apply(Tanh(), geometry, values)
    case .silu: apply(SiLU(), geometry, values)
    case .gelu: apply(GELU(), geometry, values)
    case .scaled(let factor): apply(Scaled(factor: factor), geometry, values)
    case .hardSwish: apply(HardSwish(), geometry, values)
    }
  }

  /// Multiplies a gradient by the activation's derivative, in place.
  package func activationGradient(
    _ function: ActivationFunction, _ geometry: RowGeometry, values: FloatPointer,
    gradient: MutableFloatPointer
  ) {
    switch function {
    case .identity: break
    case .relu: differentiate(ReLU(), geometry, values, gradient)
    case .relu6: differentiate(ReLU6(), geometry, values, gradient)
    case .leakyRelu(let slope): differentiate(LeakyReLU(slope: slope), geometry, values, gradient)
    case .elu(let alpha): differentiate(ELU(alpha: alpha), geometry, values, gradient)
    case .sigmoid: differentiate(Sigmoid(), geometry, values, gradient)
    case .tanh: differentiate(Tanh(), geometry, values, gradient)
    case .silu: differentiate(SiLU(), geometry, values, gradient)
    case .gelu: differentiate(GELU(), geometry, values, gradient)
    case .scaled(let factor): differentiate(Scaled(factor: factor), geometry, values, gradient)
    case .hardSwish: differentiate(HardSwish(), geometry, values, gradient)
    }
  }
}

private typealias Lanes = SIMD16<Float>

/// An activation function of a vector. Types, not closures: the compiler gives up inlining closures into a
/// function that has many.
private protocol LaneActivation {
  func value(_ x: Lanes) -> Lanes
  /// A gradient times the derivative.
  ///
  /// - Parameter kept: the function's outputs, or inputs where the derivative needs them.
  func gradient(_ gradient: Lanes, at kept: Lanes) -> Lanes
}

@inline(never)
private func apply(
  _ activation: some LaneActivation, _ geometry: RowGeometry, _ values: MutableFloatPointer
) {
  for row in 0..<geometry.rows {
    let start = values + row &* geometry.step
    var index = 0
    while index < geometry.count {
      let left = geometry.count &- index
      activation.value(Lanes.load(start + index, of: left)).store(start + index, of: left)
      index &+= Lanes.scalarCount
    }
  }
}

@inline(never)
private func differentiate(
  _ activation: some LaneActivation, _ geometry: RowGeometry, _ values: FloatPointer,
  _ gradient: MutableFloatPointer
) {
  for row in 0..<geometry.rows {
    let kept = values + row &* geometry.step
    let start = gradient + row &* geometry.otherStep
    var index = 0
    while index < geometry.count {
      let left = geometry.count &- index
      activation.gradient(
        Lanes.load(start + index, of: left), at: Lanes.load(kept + index, of: left)
      ).store(start + index, of: left)
      index &+= Lanes.scalarCount
    }
  }
}

private struct ReLU: LaneActivation {
  @inline(__always)
  func value(_ x: Lanes) -> Lanes { x.replaced(by: Lanes(), whereBelow: Lanes()) }

  @inline(__always)
  func gradient(_ gradient: Lanes, at y: Lanes) -> Lanes {
    gradient.chosen(where: y, exceeds: Lanes(), otherwise: Lanes())
  }
}

private struct ReLU6: LaneActivation {
  @inline(__always)
  func value(_ x: Lanes) -> Lanes { x.heldWithinZeroAndSix }

  @inline(__always)
  func gradient(_ gradient: Lanes, at y: Lanes) -> Lanes {
    gradient.chosen(where: y, exceeds: Lanes(), otherwise: Lanes())
      .chosen(where: Lanes(repeating: 6), exceeds: y, otherwise: Lanes())
  }
}

private struct LeakyReLU: LaneActivation {
  let slope: Float

  @inline(__always)
  func value(_ x: Lanes) -> Lanes {
    x.replaced(by: x * Lanes(repeating: slope), whereBelow: Lanes())
  }

  @inline(__always)
  func gradient(_ gradient: Lanes, at y: Lanes) -> Lanes {
    gradient.chosen(where: y, exceeds: Lanes(), otherwise: gradient * Lanes(repeating: slope))
  }
}

private struct ELU: LaneActivation {
  let alpha: Float

  @inline(__always)
  func value(_ x: Lanes) -> Lanes {
    x.replaced(by: Elementary.expMinusOne(x) * Lanes(repeating: alpha), whereBelow: Lanes())
  }

  @inline(__always)
  func gradient(_ gradient: Lanes, at y: Lanes) -> Lanes {
    gradient.chosen(
      where: y, exceeds: Lanes(), otherwise: gradient * (y + Lanes(repeating: alpha)))
  }
}

private struct Sigmoid: LaneActivation {
  @inline(__always)
  func value(_ x: Lanes) -> Lanes { Elementary.sigmoid(x) }

  @inline(__always)
  func gradient(_ gradient: Lanes, at y: Lanes) -> Lanes {
    gradient * (y * (Lanes(repeating: 1) - y))
  }
}

private struct Tanh: LaneActivation {
  @inline(__always)
  func value(_ x: Lanes) -> Lanes { Elementary.tanh(x) }

  @inline(__always)
  func gradient(_ gradient: Lanes, at y: Lanes) -> Lanes {
    gradient * (Lanes(repeating: 1) - y * y)
  }
}

private struct SiLU: LaneActivation {
  @inline(__always)
  func value(_ x: Lanes) -> Lanes { x / (Lanes(repeating: 1) + Elementary.exp(-x)) }

  @inline(__always)
  func gradient(_ gradient: Lanes, at x: Lanes) -> Lanes {
    let (one, sigmoid) = (Lanes(repeating: 1), Elementary.sigmoid(x))
    return gradient * (sigmoid * (one + x * (one - sigmoid)))
  }
}

private struct GELU: LaneActivation {
  @inline(__always)
  func value(_ x: Lanes) -> Lanes { x * Elementary.normalDistribution(x) }

  @inline(__always)
  func gradient(_ gradient: Lanes, at x: Lanes) -> Lanes {
    let density =
      Elementary.exp(x * x * Lanes(repeating: -0.5)) * Lanes(repeating: 0.398_942_28)
    return gradient * (Elementary.normalDistribution(x) + x * density)
  }
}

private struct Scaled: LaneActivation {
  let factor: Float

  @inline(__always)
  func value(_ x: Lanes) -> Lanes { x * Lanes(repeating: factor) }

  @inline(__always)
  func gradient(_ gradient: Lanes, at kept: Lanes) -> Lanes { gradient * Lanes(repeating: factor) }
}

private struct HardSwish: LaneActivation {
  @inline(__always)
  func value(_ x: Lanes) -> Lanes {
    x * (x + Lanes(repeating: 3)).heldWithinZeroAndSix / Lanes(repeating: 6)
  }

  @inline(__always)
  func gradient(_ gradient: Lanes, at x: Lanes) -> Lanes {
    let three = Lanes(repeating: 3)
    return (gradient * (x / three + Lanes(repeating: 0.5)))
      .chosen(where: x, exceeds: -three, otherwise: Lanes())
      .chosen(where: three, exceeds: x, otherwise: gradient)
  }
}

extension SIMD16<Float> {
  @inline(__always)
  fileprivate var heldWithinZeroAndSix: Self {
    let six = Self(repeating: 6)
    return replaced(by: Self(), whereBelow: Self()).replaced(by: six, whereAbove: six)
  }
}
