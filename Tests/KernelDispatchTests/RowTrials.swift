import ConvoyKernelInterface
import ConvoyTestSupport

/// Trials of the kernels that walk over rows: activations, losses, and what moves, scales and adds.
enum RowTrials {
  static let activation = trials(seeds: 600..<608) { _, generator in
    let rows = rows(&generator)
    return Activation.all.flatMap { function -> [KernelCall] in
      [.activation(function, rows), .activationGradient(function, rows)]
    }
  }

  static let softmax = trials(seeds: 800..<830) { _, generator in
    let channels = generator.pick([1, 2, 3, 7, 8, 10, 17])
    let (pixels, step) = (generator.integer(in: 1...5), PanelLayout.padded(channels))
    return [
      .softmax(pixels: pixels, channels: channels, step: step),
      .softmaxGradient(pixels: pixels, channels: channels, step: step),
    ]
  }

  static let loss = trials(seeds: 900..<960) { _, generator in
    let classes = generator.pick([2, 3, 8, 10, 17])
    return [
      .crossEntropy(classes: classes), .targetCrossEntropy(classes: classes),
      .hinge(classes: classes), .squaredError(classes: classes),
    ]
  }

  static let sums =
    trials(seeds: 400..<416) { _, generator in
      let (rows, columns) = (generator.integer(in: 1...5), generator.integer(in: 1...9))
      return [8, 16, 24, 40, 64, 88, 128].map { channels in
        let columnStep = channels + generator.pick([0, 8])
        return .pixelSum(
          PixelGeometry(
            rows: rows, columns: columns, channels: channels,
            rowStep: columns * columnStep + generator.pick([0, 24]), columnStep: columnStep),
          accumulates: generator.chance(of: 0.5))
      }
    }
    // Every number of slots has a tree of its own.
    + trials(seeds: 1..<34) { seed, generator in
      [slotSum(Int(seed), &generator), filterSlotSum(Int(seed), &generator)]
    }

  static let moves =
    trials(seeds: 1..<41) { seed, generator in
      [
        .normalization(
          rows: generator.integer(in: 1...4), count: Int(seed),
          step: Int(seed) + generator.integer(in: 0...3))
      ]
    }
    + trials(seeds: 1000..<1010) { _, generator in
      let rows = rows(&generator)
      return [.copy(rows), .addition(rows), .products(count: 8 * generator.integer(in: 1...9))]
    }
    // Every number of rows, for panels of both widths.
    + trials(seeds: 1..<17) { seed, generator in
      [8, 16].map { columns in
        .transposition(
          rows: Int(seed), columns: columns, step: Int(seed) + generator.integer(in: 0...3))
      }
    }

  static let channels = trials(seeds: 1100..<1140) { _, generator in
    let channels = generator.pick([8, 16, 24, 32, 40])
    let count = channels * generator.integer(in: 1...11)
    let rows = RowGeometry(
      rows: generator.integer(in: 1...5), count: count,
      step: count + 8 * generator.integer(in: 0...2),
      otherStep: count + 8 * generator.integer(in: 0...2))
    let map = ChannelMap(rows: rows, channels: channels)
    let inputGradientStep = count + 8 * generator.integer(in: 0...2)
    let normalizations = [false, true].flatMap { isRectified -> [KernelCall] in
      [
        .channelNormalization(map, isRectified: isRectified),
        .channelGradientSums(map, isRectified: isRectified),
        .normalizationGradient(
          map, inputGradientStep: inputGradientStep, isRectified: isRectified),
      ]
    }
    return normalizations + [.channelMoments(map), .bend(map), .bendGradient(map)]
  }

  private static func trials(
    seeds: Range<UInt64>,
    _ calls: (_ seed: UInt64, _ generator: inout SeededGenerator) -> [KernelCall]
  ) -> [KernelTrial] {
    seeds.flatMap { seed in
      var generator = SeededGenerator(seed: seed)
      return calls(seed, &generator).map { $0.trial(TrialConditions(seed: seed)) }
    }
  }

  private static func rows(_ generator: inout SeededGenerator) -> RowGeometry {
    let count = 8 * generator.integer(in: 1...5)
    return RowGeometry(
      rows: generator.integer(in: 1...4), count: count,
      step: count + 8 * generator.integer(in: 0...2),
      otherStep: count + 8 * generator.integer(in: 0...2))
  }

  private static func slotSum(_ slots: Int, _ generator: inout SeededGenerator) -> KernelCall {
    let count = 8 * generator.integer(in: 1...3)
    return .slotSum(
      slots: slots, step: count + 8 * generator.integer(in: 0...1), count: count)
  }

  private static func filterSlotSum(
    _ slots: Int, _ generator: inout SeededGenerator
  ) -> KernelCall {
    let layout = FilterMajorLayout(
      filters: generator.pick([8, 16]), kernelRows: generator.integer(in: 1...4),
      rowRun: generator.integer(in: 1...20))
    let taps = layout.kernelRows * layout.rowRun
    let first = generator.integer(in: 0...taps - 1)
    let last = generator.integer(in: first...taps - 1)
    return .filterSlotSum(
      slots: slots, step: layout.count + 8, layout: layout, filters: layout.filters,
      taps: first..<last + 1)
  }
}
