import ConvoyKernelInterface

/// Each works on columns of 16 channels, a cache line, and of 8 where no 16 are left.
extension CompiledKernels {
  package func channelMoments(
    _ geometry: RowGeometry, channels: Int, values: FloatPointer, means: MutableFloatPointer,
    squares: MutableFloatPointer
  ) {
    var channel = 0
    while channel &+ 16 <= channels {
      moments(
        SIMD16<Float>.self, geometry, channels, values + channel, means + channel,
        squares + channel)
      channel &+= 16
    }
    if channel < channels {
      moments(
        SIMD8<Float>.self, geometry, channels, values + channel, means + channel,
        squares + channel)
    }
  }

  package func normalizeChannels(
    _ geometry: RowGeometry, channels: Int, from source: FloatPointer, means: FloatPointer,
    factors: FloatPointer, shifts: FloatPointer, to target: MutableFloatPointer
  ) {
    var channel = 0
    while channel &+ 16 <= channels {
      normalized(
        SIMD16<Float>.self, geometry, channels, source + channel, means + channel,
        factors + channel, shifts + channel, target + channel)
      channel &+= 16
    }
    if channel < channels {
      normalized(
        SIMD8<Float>.self, geometry, channels, source + channel, means + channel,
        factors + channel, shifts + channel, target + channel)
    }
  }

  package func channelGradientSums(
    _ geometry: RowGeometry, channels: Int, values: FloatPointer, means: FloatPointer,
    gradients: FloatPointer, sums: MutableFloatPointer, products: MutableFloatPointer
  ) {
    var channel = 0
    while channel &+ 16 <= channels {
      gradientSums(
        SIMD16<Float>.self, geometry, channels, values + channel, means + channel,
        gradients + channel, sums + channel, products + channel)
      channel &+= 16
    }
    if channel < channels {
      gradientSums(
        SIMD8<Float>.self, geometry, channels, values + channel, means + channel,
        gradients + channel, sums + channel, products + channel)
    }
  }

  package func normalizationGradient(
    _ geometry: RowGeometry, channels: Int, inputGradientStep: Int, values: FloatPointer,
    means: FloatPointer, factors: FloatPointer, gradientMeans: FloatPointer, slopes: FloatPointer,
    outputGradients: FloatPointer, inputGradients: MutableFloatPointer
  ) {
    var channel = 0
    while channel &+ 16 <= channels {
      inputGradient(
        SIMD16<Float>.self, geometry, channels, inputGradientStep, values + channel,
        means + channel, factors + channel, gradientMeans + channel, slopes + channel,
        outputGradients + channel, inputGradients + channel)
      channel &+= 16
    }
    if channel < channels {
      inputGradient(
        SIMD8<Float>.self, geometry, channels, inputGradientStep, values + channel,
        means + channel, factors + channel, gradientMeans + channel, slopes + channel,
        outputGradients + channel, inputGradients + channel)
    }
  }
}

extension CompiledKernels {
  package func bendChannels(
    _ geometry: RowGeometry, channels: Int, from source: FloatPointer, slopes: FloatPointer,
    to target: MutableFloatPointer
  ) {
    var channel = 0
    while channel &+ 16 <= channels {
      bent(
        SIMD16<Float>.self, geometry, channels, source + channel, slopes + channel,
        target + channel)
      channel &+= 16
    }
    if channel < channels {
      bent(
        SIMD8<Float>.self, geometry, channels, source + channel, slopes + channel,
        target + channel)
    }
  }

  package func bendGradients(
    _ geometry: RowGeometry, channels: Int, values: FloatPointer, slopes: FloatPointer,
    gradients: MutableFloatPointer, sums: MutableFloatPointer
  ) {
    var channel = 0
    while channel &+ 16 <= channels {
      bentGradients(
        SIMD16<Float>.self, geometry, channels, values + channel, slopes + channel,
        gradients + channel, sums + channel)
      channel &+= 16
    }
    if channel < channels {
      bentGradients(
        SIMD8<Float>.self, geometry, channels, values + channel, slopes + channel,
        gradients + channel, sums + channel)
    }
  }
}

/// Four chains of sums, which are added in pairs.
private struct Chains<Vector: LaneVector> {
  var first = Vector(repeating: 0)
  var second = Vector(repeating: 0)
  var third = Vector(repeating: 0)
  var fourth = Vector(repeating: 0)

  @inline(__always)
  var sum: Vector { (first + second) + (third + fourth) }
}

/// Calls `body` with the offsets of the pixels of each row: four at a time, then the rest.
@inline(__always)
private func forEachPixel(
  _ geometry: RowGeometry, _ channels: Int,
  four: (_ row: Int, _ first: Int) -> Void, rest: (_ row: Int, _ place: Int, _ chain: Int) -> Void
) {
  for row in 0..<geometry.rows {
    var place = 0
    while place &+ 4 &* channels <= geometry.count {
      four(row, place)
      place &+= 4 &* channels
    }
    var chain = 0
    while place < geometry.count {
      rest(row, place, chain)
      place &+= channels
      chain &+= 1
    }
  }
}

@inline(__always)
private func sum<Vector: LaneVector>(
  _ geometry: RowGeometry, _ channels: Int, _ values: FloatPointer,
  _ add: (_ sum: inout Vector, _ value: Vector) -> Void
) -> Vector {
  var chains = Chains<Vector>()
  forEachPixel(geometry, channels) { row, place in
    let pixel = values + (row &* geometry.step &+ place)
    add(&chains.first, Vector.load(pixel))
    add(&chains.second, Vector.load(pixel + channels))
    add(&chains.third, Vector.load(pixel + 2 &* channels))
    add(&chains.fourth, Vector.load(pixel + 3 &* channels))
  } rest: { row, place, chain in
    let value = Vector.load(values + (row &* geometry.step &+ place))
    switch chain {
    case 0: add(&chains.first, value)
    case 1: add(&chains.second, value)
    default: add(&chains.third, value)
    }
  }
  return chains.sum
}

@inline(__always)
private func moments<Vector: LaneVector>(
  _: Vector.Type, _ geometry: RowGeometry, _ channels: Int, _ values: FloatPointer,
  _ means: MutableFloatPointer, _ squares: MutableFloatPointer
) {
  let pixels = Float(geometry.rows &* (geometry.count / channels))
  let total: Vector = sum(geometry, channels, values) { sum, value in sum += value }
  let mean = total / Vector(repeating: pixels)
  mean.store(means)
  let square: Vector = sum(geometry, channels, values) { sum, value in
    let distance = value - mean
    sum = sum.adding(distance, times: distance)
  }
  square.store(squares)
}

@inline(__always)
private func normalized<Vector: LaneVector>(
  _: Vector.Type, _ geometry: RowGeometry, _ channels: Int, _ source: FloatPointer,
  _ means: FloatPointer, _ factors: FloatPointer, _ shifts: FloatPointer,
  _ target: MutableFloatPointer
) {
  let (mean, factor, shift) = (Vector.load(means), Vector.load(factors), Vector.load(shifts))
  for row in 0..<geometry.rows {
    let (source, target) = (source + row &* geometry.step, target + row &* geometry.otherStep)
    var place = 0
    while place < geometry.count {
      shift.adding(Vector.load(source + place) - mean, times: factor).store(target + place)
      place &+= channels
    }
  }
}

@inline(__always)
private func gradientSums<Vector: LaneVector>(
  _: Vector.Type, _ geometry: RowGeometry, _ channels: Int, _ values: FloatPointer,
  _ means: FloatPointer, _ gradients: FloatPointer, _ sums: MutableFloatPointer,
  _ products: MutableFloatPointer
) {
  let mean = Vector.load(means)
  var (sum, product) = (Chains<Vector>(), Chains<Vector>())
  forEachPixel(geometry, channels) { row, place in
    let value = values + (row &* geometry.step &+ place)
    let gradient = gradients + (row &* geometry.otherStep &+ place)
    let g0 = Vector.load(gradient)
    sum.first += g0
    product.first = product.first.adding(g0, times: Vector.load(value) - mean)
    let g1 = Vector.load(gradient + channels)
    sum.second += g1
    product.second = product.second.adding(g1, times: Vector.load(value + channels) - mean)
    let g2 = Vector.load(gradient + 2 &* channels)
    sum.third += g2
    product.third = product.third.adding(g2, times: Vector.load(value + 2 &* channels) - mean)
    let g3 = Vector.load(gradient + 3 &* channels)
    sum.fourth += g3
    product.fourth = product.fourth.adding(g3, times: Vector.load(value + 3 &* channels) - mean)
  } rest: { row, place, chain in
    let gradient = Vector.load(gradients + (row &* geometry.otherStep &+ place))
    let distance = Vector.load(values + (row &* geometry.step &+ place)) - mean
    switch chain {
    case 0:
      sum.first += gradient
      product.first = product.first.adding(gradient, times: distance)
    case 1:
      sum.second += gradient
      product.second = product.second.adding(gradient, times: distance)
    default:
      sum.third += gradient
      product.third = product.third.adding(gradient, times: distance)
    }
  }
  sum.sum.store(sums)
  product.sum.store(products)
}

@inline(__always)
private func inputGradient<Vector: LaneVector>(
  _: Vector.Type, _ geometry: RowGeometry, _ channels: Int, _ inputGradientStep: Int,
  _ values: FloatPointer, _ means: FloatPointer, _ factors: FloatPointer,
  _ gradientMeans: FloatPointer, _ slopes: FloatPointer, _ outputGradients: FloatPointer,
  _ inputGradients: MutableFloatPointer
) {
  let (mean, factor) = (Vector.load(means), Vector.load(factors))
  let (gradientMean, slope) = (Vector.load(gradientMeans), Vector.load(slopes))
  for row in 0..<geometry.rows {
    let values = values + row &* geometry.step
    let gradients = outputGradients + row &* geometry.otherStep
    let target = inputGradients + row &* inputGradientStep
    var place = 0
    while place < geometry.count {
      let centred = Vector.load(gradients + place) - gradientMean
      let distance = mean - Vector.load(values + place)
      (factor * centred.adding(distance, times: slope)).store(target + place)
      place &+= channels
    }
  }
}

@inline(__always)
private func bent<Vector: LaneVector>(
  _: Vector.Type, _ geometry: RowGeometry, _ channels: Int, _ source: FloatPointer,
  _ slopes: FloatPointer, _ target: MutableFloatPointer
) {
  let slope = Vector.load(slopes)
  for row in 0..<geometry.rows {
    let (source, target) = (source + row &* geometry.step, target + row &* geometry.otherStep)
    var place = 0
    while place < geometry.count {
      let value = Vector.load(source + place)
      value.replacing(with: slope * value, unlessPositive: value).store(target + place)
      place &+= channels
    }
  }
}

@inline(__always)
private func bentGradients<Vector: LaneVector>(
  _: Vector.Type, _ geometry: RowGeometry, _ channels: Int, _ values: FloatPointer,
  _ slopes: FloatPointer, _ gradients: MutableFloatPointer, _ sums: MutableFloatPointer
) {
  let slope = Vector.load(slopes)
  var chains = Chains<Vector>()
  @inline(__always)
  func bend(_ row: Int, _ place: Int, _ sum: inout Vector) {
    let value = Vector.load(values + (row &* geometry.step &+ place))
    let pixel = gradients + (row &* geometry.otherStep &+ place)
    let gradient = Vector.load(pixel)
    let negative = Vector(repeating: 0).replacing(with: value, unlessPositive: value)
    sum = sum.adding(gradient, times: negative)
    gradient.replacing(with: slope * gradient, unlessPositive: value).store(pixel)
  }
  forEachPixel(geometry, channels) { row, place in
    bend(row, place, &chains.first)
    bend(row, place &+ channels, &chains.second)
    bend(row, place &+ 2 &* channels, &chains.third)
    bend(row, place &+ 3 &* channels, &chains.fourth)
  } rest: { row, place, chain in
    switch chain {
    case 0: bend(row, place, &chains.first)
    case 1: bend(row, place, &chains.second)
    default: bend(row, place, &chains.third)
    }
  }
  chains.sum.store(sums)
}
