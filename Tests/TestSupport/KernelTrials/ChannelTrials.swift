import ConvoyKernelInterface
import ConvoyReference

/// The map of a kernel that works on channels.
package struct ChannelMap: Sendable, Equatable {
  package let rows: RowGeometry
  package let channels: Int

  package init(rows: RowGeometry, channels: Int) {
    (self.rows, self.channels) = (rows, channels)
  }

  var pixels: Int { rows.rows * (rows.count / channels) }
}

/// Trials of the kernels that sum and normalise channels.
///
/// Expected values are made with rounding bounds: a sum of n numbers is four chains and two additions, so
/// that no number is rounded more than n + 2 times.
enum ChannelTrials {
  static func moments(
    _ name: String, _ map: ChannelMap, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let values = generator.values(count: map.rows.rows * map.rows.count)
    var memory = conditions.memory()
    let source = memory.placeRows(values, count: map.rows.count, step: map.rows.step)
    let (means, squares) = (memory.reserve(map.channels), memory.reserve(map.channels))
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.channelMoments(
        map.rows, channels: map.channels, values: memory + source, means: memory + means,
        squares: memory + squares)
    }
    let columns = columns(values, map)
    let exact = columns.map { $0.reduce(0, +) / Double(map.pixels) }
    let errors = columns.map { column in
      Rounded.chainError(
        roundings: map.pixels + 4,
        magnitude: column.reduce(0) { $0 + abs($1) } / Double(map.pixels))
    }
    trial.promise(exact, at: Array(means..<means + map.channels), within: errors)
    // Around a mean that is off by e, the squares grow by n e² and nothing else.
    let sums = zip(columns, exact).map { column, mean in
      column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    let bounds = zip(sums, errors).map { sum, error in
      let shift = Double(map.pixels) * error * error
      return shift + Rounded.chainError(roundings: map.pixels + 6, magnitude: sum + shift)
    }
    trial.promise(sums, at: Array(squares..<squares + map.channels), within: bounds)
    return trial
  }

  static func normalization(
    _ name: String, _ map: ChannelMap, isRectified: Bool, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let normalization = Normalization(map, isRectified: isRectified, &generator)
    let values = normalization.values(map, &generator)
    var memory = conditions.memory()
    let source = memory.placeRows(values, count: map.rows.count, step: map.rows.step)
    let places = normalization.placed(in: &memory)
    let target = memory.reserve(map.rows.rows * map.rows.otherStep)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.normalizeChannels(
        map.rows, channels: map.channels, by: places.normalization(in: memory),
        from: memory + source, to: memory + target)
    }
    trial.promise(
      values.enumerated().map { index, value in
        normalization.isOpen(value, index % map.channels)
          ? normalization.rounded(value, index % map.channels) : Rounded(0)
      }, at: outputs(map, target, step: map.rows.otherStep))
    return trial
  }

  static func gradientSums(
    _ name: String, _ map: ChannelMap, isRectified: Bool, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let normalization = Normalization(map, isRectified: isRectified, &generator)
    let values = normalization.values(map, &generator)
    let gradients = generator.values(count: values.count)
    var memory = conditions.memory()
    let source = memory.placeRows(values, count: map.rows.count, step: map.rows.step)
    let other = memory.placeRows(gradients, count: map.rows.count, step: map.rows.otherStep)
    let places = normalization.placed(in: &memory)
    let (sums, products) = (memory.reserve(map.channels), memory.reserve(map.channels))
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.channelGradientSums(
        map.rows, channels: map.channels, of: places.normalization(in: memory),
        values: memory + source, gradients: memory + other, sums: memory + sums,
        products: memory + products)
    }
    let means = normalization.means
    let valueColumns = columns(values, map)
    let gradientColumns = columns(normalization.gated(gradients, at: values), map)
    trial.promise(
      gradientColumns.map { $0.reduce(0, +) }, at: Array(sums..<sums + map.channels),
      magnitudes: gradientColumns.map { $0.reduce(0) { $0 + abs($1) } },
      roundings: (fused: map.pixels + 3, separate: map.pixels + 3))
    trial.promise(
      zip(means, zip(valueColumns, gradientColumns)).map { mean, columns in
        zip(columns.0, columns.1).reduce(0) { $0 + ($1.0 - mean) * $1.1 }
      }, at: Array(products..<products + map.channels),
      magnitudes: zip(means, zip(valueColumns, gradientColumns)).map { mean, columns in
        zip(columns.0, columns.1).reduce(0) { $0 + abs($1.0 - mean) * abs($1.1) }
      }, roundings: (fused: map.pixels + 4, separate: map.pixels + 5))
    return trial
  }

  static func inputGradient(
    _ name: String, _ map: ChannelMap, inputGradientStep: Int, isRectified: Bool,
    _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let normalization = Normalization(map, isRectified: isRectified, &generator)
    let values = normalization.values(map, &generator)
    let gradients = generator.values(count: values.count)
    let channels = (0..<2).map { _ in generator.values(count: map.channels) }
    var memory = conditions.memory()
    let source = memory.placeRows(values, count: map.rows.count, step: map.rows.step)
    let other = memory.placeRows(gradients, count: map.rows.count, step: map.rows.otherStep)
    let places = normalization.placed(in: &memory)
    let (gradientMeans, slopes) = (memory.place(channels[0]), memory.place(channels[1]))
    let target = memory.reserve(map.rows.rows * inputGradientStep)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.normalizationGradient(
        map.rows, channels: map.channels, inputGradientStep: inputGradientStep,
        of: places.normalization(in: memory), values: memory + source,
        gradientMeans: memory + gradientMeans, slopes: memory + slopes,
        outputGradients: memory + other, inputGradients: memory + target)
    }
    trial.promise(
      zip(values, normalization.gated(gradients, at: values)).enumerated().map { index, pair in
        let channel = index % map.channels
        let centred = Rounded(pair.1) - Rounded(channels[0][channel])
        let distance = Rounded(normalization.means[channel]) - Rounded(pair.0)
        return (centred + distance * Rounded(channels[1][channel]))
          * Rounded(normalization.factors[channel])
      }, at: outputs(map, target, step: inputGradientStep))
    return trial
  }

  static func bend(
    _ name: String, _ map: ChannelMap, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let values = bentValues(map, &generator)
    let slopes = generator.values(count: map.channels)
    var memory = conditions.memory()
    let source = memory.placeRows(values, count: map.rows.count, step: map.rows.step)
    let slopesPlace = memory.place(slopes)
    let target = memory.reserve(map.rows.rows * map.rows.otherStep)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.bendChannels(
        map.rows, channels: map.channels, from: memory + source, slopes: memory + slopesPlace,
        to: memory + target)
    }
    let expected = ReferencePReLU(slopes: slopes).forward(tensor(values, map))
    // A single product, rounded once; the double's own rounding is far below.
    trial.promise(
      pixels(expected, map).map { Rounded(rounding: $0) },
      at: outputs(map, target, step: map.rows.otherStep))
    return trial
  }

  static func bendGradient(
    _ name: String, _ map: ChannelMap, _ conditions: TrialConditions
  ) -> KernelTrial {
    var generator = conditions.generator()
    let values = bentValues(map, &generator)
    let gradients = generator.values(count: values.count)
    let slopes = generator.values(count: map.channels)
    var memory = conditions.memory()
    let source = memory.placeRows(values, count: map.rows.count, step: map.rows.step)
    let target = memory.placeRows(gradients, count: map.rows.count, step: map.rows.otherStep)
    let slopesPlace = memory.place(slopes)
    let sums = memory.reserve(map.channels)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      kernels.bendGradients(
        map.rows, channels: map.channels, values: memory + source, slopes: memory + slopesPlace,
        gradients: memory + target, sums: memory + sums)
    }
    let (layer, input) = (ReferencePReLU(slopes: slopes), tensor(values, map))
    let expected = layer.backward(
      input: input, output: layer.forward(input), outputGradient: tensor(gradients, map))
    trial.promise(
      pixels(expected.input, map).map { Rounded(rounding: $0) },
      at: outputs(map, target, step: map.rows.otherStep))
    trial.promise(
      expected.weights, at: Array(sums..<sums + map.channels),
      magnitudes: zip(columns(values, map), columns(gradients, map)).map { values, gradients in
        zip(values, gradients).reduce(0) { $0 + abs(min($1.0, 0) * $1.1) }
      }, roundings: (fused: map.pixels + 3, separate: map.pixels + 4))
    return trial
  }

  /// Values of both signs, and zeros of both, where the function bends.
  private static func bentValues(
    _ map: ChannelMap, _ generator: inout SeededGenerator
  ) -> [Double] {
    generator.values(count: map.rows.rows * map.rows.count).map { value in
      generator.chance(of: 0.2) ? generator.pick([0, -0.0]) : value
    }
  }

  /// Pixels, with their channels side by side, as a tensor; and back.
  private static func tensor(_ values: [Double], _ map: ChannelMap) -> ReferenceTensor<Double> {
    ReferenceTensor(
      shape: ReferenceShape(channels: map.channels, height: 1, width: map.pixels),
      values: columns(values, map).flatMap { $0 })
  }

  private static func pixels(_ tensor: ReferenceTensor<Double>, _ map: ChannelMap) -> [Double] {
    (0..<map.pixels).flatMap { pixel in
      (0..<map.channels).map { tensor.values[$0 * map.pixels + pixel] }
    }
  }

  /// The values of each channel.
  private static func columns(_ values: [Double], _ map: ChannelMap) -> [[Double]] {
    (0..<map.channels).map { channel in
      stride(from: channel, to: values.count, by: map.channels).map { values[$0] }
    }
  }

  private static func outputs(_ map: ChannelMap, _ target: Int, step: Int) -> [Int] {
    GuardedMemory.rowPlaces(target, rows: map.rows.rows, count: map.rows.count, step: step)
  }
}

/// The numbers of a `ChannelNormalization`.
private struct Normalization {
  let means: [Double]
  let factors: [Double]
  let shifts: [Double]
  let isRectified: Bool

  /// Every third channel has no shift, so that the mean is normalised to 0 exactly.
  init(_ map: ChannelMap, isRectified: Bool, _ generator: inout SeededGenerator) {
    means = generator.values(count: map.channels)
    factors = generator.values(count: map.channels).map {
      Double(Float($0 < 0 ? $0 - 0.25 : $0 + 0.25))
    }
    shifts = generator.values(count: map.channels).enumerated().map { $0 % 3 == 0 ? 0 : $1 }
    self.isRectified = isRectified
  }

  func exact(_ value: Double, _ channel: Int) -> Double {
    (value - means[channel]) * factors[channel] + shifts[channel]
  }

  func rounded(_ value: Double, _ channel: Int) -> Rounded {
    (Rounded(value) - Rounded(means[channel])) * Rounded(factors[channel])
      + Rounded(shifts[channel])
  }

  func isOpen(_ value: Double, _ channel: Int) -> Bool {
    !isRectified || exact(value, channel) > 0
  }

  /// Values whose normalised values are 0 exactly, or so far from 0 that rounding does not change
  /// their sign.
  func values(_ map: ChannelMap, _ generator: inout SeededGenerator) -> [Double] {
    generator.values(count: map.rows.rows * map.rows.count).enumerated().map { index, value in
      let channel = index % map.channels
      if shifts[channel] == 0, generator.chance(of: 0.2) { return means[channel] }
      var value = value
      while abs(exact(value, channel)) < 0x1p-12 { value = generator.values(count: 1)[0] }
      return value
    }
  }

  func gated(_ gradients: [Double], at values: [Double]) -> [Double] {
    zip(gradients, values).enumerated().map { index, pair in
      isOpen(pair.1, index % means.count) ? pair.0 : 0
    }
  }

  struct Places {
    let means: Int
    let factors: Int
    let shifts: Int
    let isRectified: Bool

    func normalization(in memory: MutableFloatPointer) -> ChannelNormalization {
      ChannelNormalization(
        means: memory + means, factors: memory + factors, shifts: memory + shifts,
        isRectified: isRectified)
    }
  }

  func placed(in memory: inout GuardedMemory) -> Places {
    Places(
      means: memory.place(means), factors: memory.place(factors), shifts: memory.place(shifts),
      isRectified: isRectified)
  }
}
