import ConvoyCPUFeatures
import ConvoyKernelInterface

/// Vectors of 16 channels, and of 8 where no 16 are left. Kernels that sum go over the map once for each
/// vector, the others once, in the order of memory.
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
    _ geometry: RowGeometry, channels: Int, by normalization: ChannelNormalization,
    from source: FloatPointer, to target: MutableFloatPointer
  ) {
    if normalization.isRectified {
      normalized(geometry, channels, normalization, true, source, target)
    } else {
      normalized(geometry, channels, normalization, false, source, target)
    }
  }

  package func channelGradientSums(
    _ geometry: RowGeometry, channels: Int, of normalization: ChannelNormalization,
    values: FloatPointer, gradients: FloatPointer, sums: MutableFloatPointer,
    products: MutableFloatPointer
  ) {
    if normalization.isRectified {
      gradientSums(geometry, channels, normalization, true, values, gradients, sums, products)
    } else {
      gradientSums(geometry, channels, normalization, false, values, gradients, sums, products)
    }
  }

  package func normalizationGradient(
    _ geometry: RowGeometry, channels: Int, inputGradientStep: Int,
    of normalization: ChannelNormalization, values: FloatPointer, gradientMeans: FloatPointer,
    slopes: FloatPointer, outputGradients: FloatPointer, inputGradients: MutableFloatPointer
  ) {
    if normalization.isRectified {
      inputGradient(
        geometry, channels, inputGradientStep, normalization, true, values, gradientMeans, slopes,
        outputGradients, inputGradients)
    } else {
      inputGradient(
        geometry, channels, inputGradientStep, normalization, false, values, gradientMeans, slopes,
        outputGradients, inputGradients)
    }
  }
}

/// Visits the vectors of each row in the order of memory. `place` is a vector's offset in its row.
@inline(__always)
private func forEachVector(
  _ geometry: RowGeometry, _ channels: Int,
  sixteen: (_ row: Int, _ place: Int, _ channel: Int) -> Void,
  eight: (_ row: Int, _ place: Int, _ channel: Int) -> Void
) {
  for row in 0..<geometry.rows {
    var place = 0
    // By itself, so that the loop is that of a row.
    while channels == 8, place < geometry.count {
      eight(row, place, 0)
      place &+= 8
    }
    while place < geometry.count {
      var channel = 0
      while channel &+ 16 <= channels {
        sixteen(row, place, channel)
        channel &+= 16
        place &+= 16
      }
      if channel < channels {
        eight(row, place, channel)
        place &+= 8
      }
    }
  }
}

/// Prefetches 8 KB ahead: where another map is written, the processor itself does not fetch far enough. A
/// prefetch beyond the map cannot fault.
@inline(__always)
private func fetchAhead(_ values: FloatPointer) {
  convoy_prefetch_for_reading(values + 8192 / MemoryLayout<Float>.stride)
}

/// Each with `isRectified` as an argument of its own, constant wherever they are inlined.
@inline(__always)
private func normalized(
  _ geometry: RowGeometry, _ channels: Int, _ normalization: ChannelNormalization,
  _ isRectified: Bool, _ source: FloatPointer, _ target: MutableFloatPointer
) {
  @inline(__always)
  func normalize<Vector: LaneVector>(
    _: Vector.Type, _ row: Int, _ place: Int, _ channel: Int
  ) {
    let normalized = Normalized<Vector>(normalization, channel, isRectified)
    let source = source + (row &* geometry.step &+ place)
    fetchAhead(source)
    normalized(Vector.load(source)).store(target + (row &* geometry.otherStep &+ place))
  }
  forEachVector(geometry, channels) { row, place, channel in
    normalize(SIMD16<Float>.self, row, place, channel)
  } eight: { row, place, channel in
    normalize(SIMD8<Float>.self, row, place, channel)
  }
}

@inline(__always)
private func gradientSums(
  _ geometry: RowGeometry, _ channels: Int, _ normalization: ChannelNormalization,
  _ isRectified: Bool, _ values: FloatPointer, _ gradients: FloatPointer,
  _ sums: MutableFloatPointer, _ products: MutableFloatPointer
) {
  var channel = 0
  while channel &+ 16 <= channels {
    gradientSums(
      Normalized<SIMD16<Float>>(normalization, channel, isRectified), geometry, channels,
      values + channel, gradients + channel, sums + channel, products + channel)
    channel &+= 16
  }
  if channel < channels {
    gradientSums(
      Normalized<SIMD8<Float>>(normalization, channel, isRectified), geometry, channels,
      values + channel, gradients + channel, sums + channel, products + channel)
  }
}

@inline(__always)
private func inputGradient(
  _ geometry: RowGeometry, _ channels: Int, _ inputGradientStep: Int,
  _ normalization: ChannelNormalization, _ isRectified: Bool, _ values: FloatPointer,
  _ gradientMeans: FloatPointer, _ slopes: FloatPointer, _ outputGradients: FloatPointer,
  _ inputGradients: MutableFloatPointer
) {
  @inline(__always)
  func differentiate<Vector: LaneVector>(
    _: Vector.Type, _ row: Int, _ place: Int, _ channel: Int
  ) {
    let normalized = Normalized<Vector>(normalization, channel, isRectified)
    let gradientMean = Vector.load(gradientMeans + channel)
    let slope = Vector.load(slopes + channel)
    let values = values + (row &* geometry.step &+ place)
    let gradients = outputGradients + (row &* geometry.otherStep &+ place)
    fetchAhead(values)
    fetchAhead(gradients)
    let value = Vector.load(values)
    let gradient = normalized.gradient(Vector.load(gradients), at: value)
    let centred = gradient - gradientMean
    (normalized.factor * centred.adding(normalized.mean - value, times: slope))
      .store(inputGradients + (row &* inputGradientStep &+ place))
  }
  forEachVector(geometry, channels) { row, place, channel in
    differentiate(SIMD16<Float>.self, row, place, channel)
  } eight: { row, place, channel in
    differentiate(SIMD8<Float>.self, row, place, channel)
  }
}

/// The normalisation of a column of channels.
private struct Normalized<Vector: LaneVector> {
  let mean: Vector
  let factor: Vector
  let shift: Vector
  let isRectified: Bool

  @inline(__always)
  init(_ normalization: ChannelNormalization, _ channel: Int, _ isRectified: Bool) {
    mean = Vector.load(normalization.means + channel)
    factor = Vector.load(normalization.factors + channel)
    shift = Vector.load(normalization.shifts + channel)
    self.isRectified = isRectified
  }

  @inline(__always)
  func callAsFunction(_ value: Vector) -> Vector {
    let result = shift.adding(value - mean, times: factor)
    return isRectified
      ? result.replacing(with: Vector(repeating: 0), whereAtMostZero: result) : result
  }

  /// The gradient of the normalised value before it is rectified, computed as in the forward pass.
  @inline(__always)
  func gradient(_ gradient: Vector, at value: Vector) -> Vector {
    guard isRectified else { return gradient }
    return gradient.replacing(
      with: Vector(repeating: 0), whereAtMostZero: shift.adding(value - mean, times: factor))
  }
}

extension CompiledKernels {
  package func bendChannels(
    _ geometry: RowGeometry, channels: Int, from source: FloatPointer, slopes: FloatPointer,
    to target: MutableFloatPointer
  ) {
    @inline(__always)
    func bend<Vector: LaneVector>(
      _: Vector.Type, _ row: Int, _ place: Int, _ channel: Int
    ) {
      let slope = Vector.load(slopes + channel)
      let source = source + (row &* geometry.step &+ place)
      fetchAhead(source)
      let value = Vector.load(source)
      value.replacing(with: slope * value, whereAtMostZero: value)
        .store(target + (row &* geometry.otherStep &+ place))
    }
    forEachVector(geometry, channels) { row, place, channel in
      bend(SIMD16<Float>.self, row, place, channel)
    } eight: { row, place, channel in
      bend(SIMD8<Float>.self, row, place, channel)
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

/// Calls `body` with the offsets of the pixels of each row: four at a time, then the rest. For one vector of
/// channels, whose sums stay in registers.
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
private func gradientSums<Vector: LaneVector>(
  _ normalized: Normalized<Vector>, _ geometry: RowGeometry, _ channels: Int,
  _ values: FloatPointer, _ gradients: FloatPointer, _ sums: MutableFloatPointer,
  _ products: MutableFloatPointer
) {
  var (sum, product) = (Chains<Vector>(), Chains<Vector>())
  @inline(__always)
  func add(_ row: Int, _ place: Int, _ sum: inout Vector, _ product: inout Vector) {
    let value = Vector.load(values + (row &* geometry.step &+ place))
    let gradient = normalized.gradient(
      Vector.load(gradients + (row &* geometry.otherStep &+ place)), at: value)
    sum += gradient
    product = product.adding(gradient, times: value - normalized.mean)
  }
  forEachPixel(geometry, channels) { row, place in
    add(row, place, &sum.first, &product.first)
    add(row, place &+ channels, &sum.second, &product.second)
    add(row, place &+ 2 &* channels, &sum.third, &product.third)
    add(row, place &+ 3 &* channels, &sum.fourth, &product.fourth)
  } rest: { row, place, chain in
    switch chain {
    case 0: add(row, place, &sum.first, &product.first)
    case 1: add(row, place, &sum.second, &product.second)
    default: add(row, place, &sum.third, &product.third)
    }
  }
  sum.sum.store(sums)
  product.sum.store(products)
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
    let negative = Vector(repeating: 0).replacing(with: value, whereAtMostZero: value)
    sum = sum.adding(gradient, times: negative)
    gradient.replacing(with: slope * gradient, whereAtMostZero: value).store(pixel)
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
