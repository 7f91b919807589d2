import ConvoyKernelInterface

extension CompiledKernels {
  /// Applies an activation in place, row by row.
  package func activate(
    _ function: ActivationFunction, _ geometry: RowGeometry, values: MutableFloatPointer
  ) {
    switch function {
    case .identity: break
    case .relu:
      transform(geometry, values) { $0.replacing(with: 0, where: $0 .< 0) }
    case .relu6:
      transform(geometry, values) { x in
        x.replacing(with: 0, where: x .< 0).replacing(with: 6, where: x .> 6)
      }
    case .leakyRelu(let slope):
      transform(geometry, values) { $0.replacing(with: $0 * slope, where: $0 .< 0) }
    case .elu(let alpha):
      transform(geometry, values) { x in
        x.replacing(with: Elementary.expMinusOne(x) * alpha, where: x .< 0)
      }
    case .sigmoid: transform(geometry, values, Elementary.sigmoid)
    case .tanh: transform(geometry, values, Elementary.tanh)
    case .silu: transform(geometry, values) { $0 / (1 + Elementary.exp(-$0)) }
    case .gelu: transform(geometry, values) { $0 * Elementary.normalDistribution($0) }
    case .scaled(let factor): transform(geometry, values) { $0 * factor }
    case .hardSwish:
      transform(geometry, values) { x in
        let shifted = x + 3
        return x
          * shifted.replacing(with: 0, where: shifted .< 0).replacing(with: 6, where: shifted .> 6)
          / 6
      }
    }
  }

  /// Multiplies a gradient by the activation's derivative, in place.
  package func activationGradient(
    _ function: ActivationFunction, _ geometry: RowGeometry, values: FloatPointer,
    gradient: MutableFloatPointer
  ) {
    switch function {
    case .identity: break
    case .relu:
      transform(geometry, values, gradient) { y, gradient in
        gradient.replacing(with: 0, where: y .<= 0)
      }
    case .relu6:
      transform(geometry, values, gradient) { y, gradient in
        gradient.replacing(with: 0, where: y .<= 0).replacing(with: 0, where: y .>= 6)
      }
    case .leakyRelu(let slope):
      transform(geometry, values, gradient) { y, gradient in
        gradient.replacing(with: gradient * slope, where: y .<= 0)
      }
    case .elu(let alpha):
      transform(geometry, values, gradient) { y, gradient in
        gradient.replacing(with: gradient * (y + alpha), where: y .<= 0)
      }
    case .sigmoid:
      transform(geometry, values, gradient) { y, gradient in gradient * (y * (1 - y)) }
    case .tanh:
      transform(geometry, values, gradient) { y, gradient in gradient * (1 - y * y) }
    case .silu:
      transform(geometry, values, gradient) { x, gradient in
        let sigmoid = Elementary.sigmoid(x)
        return gradient * (sigmoid * (1 + x * (1 - sigmoid)))
      }
    case .gelu:
      transform(geometry, values, gradient) { x, gradient in
        let density = Elementary.exp(x * x * -0.5) * 0.398_942_28
        return gradient * (Elementary.normalDistribution(x) + x * density)
      }
    case .scaled(let factor):
      transform(geometry, values, gradient) { _, gradient in gradient * factor }
    case .hardSwish:
      transform(geometry, values, gradient) { x, gradient in
        (gradient * (x / 3 + 0.5)).replacing(with: 0, where: x .<= -3)
          .replacing(with: gradient, where: x .>= 3)
      }
    }
  }
}

@inline(__always)
private func transform(
  _ geometry: RowGeometry, _ values: MutableFloatPointer,
  _ function: (SIMD8<Float>) -> SIMD8<Float>
) {
  for row in 0..<geometry.rows {
    let start = values + row &* geometry.step
    var index = 0
    while index < geometry.count {
      function(SIMD8.load(start + index)).store(start + index)
      index &+= 8
    }
  }
}

@inline(__always)
private func transform(
  _ geometry: RowGeometry, _ values: FloatPointer, _ gradient: MutableFloatPointer,
  _ function: (_ value: SIMD8<Float>, _ gradient: SIMD8<Float>) -> SIMD8<Float>
) {
  for row in 0..<geometry.rows {
    let value = values + row &* geometry.step
    let start = gradient + row &* geometry.otherStep
    var index = 0
    while index < geometry.count {
      function(SIMD8.load(value + index), SIMD8.load(start + index)).store(start + index)
      index &+= 8
    }
  }
}
