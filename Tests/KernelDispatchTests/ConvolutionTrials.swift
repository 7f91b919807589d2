import ConvoyKernelInterface
import ConvoyTestSupport

/// Trials of the kernels of convolutions and dense layers.
enum ConvolutionTrials {
  /// All numbers of output columns that tiles are made of, then shapes at random.
  static let forward: [KernelTrial] =
    (1...33).map { columns in
      forward(
        ConvolutionCase(seed: UInt64(columns), output: (rows: 1 + columns % 3, columns: columns)))
    } + (100..<140).map { forward(ConvolutionCase(seed: $0)) }
    + (140..<180).map { forward(ConvolutionCase(dilatedSeed: $0)) }
    + (1...33).map { samples in
      let sample = ConvolutionCase(denseSeed: 200 + UInt64(samples), samples: samples)
      return KernelCall.convolution(sample.geometry, hasBias: true).trial(sample.conditions)
    }
    + (0..<20).map { index in
      // One output position a row: panels are made four at a time, then one or two.
      var generator = SeededGenerator(seed: 240 + UInt64(index))
      var sample =
        index % 2 == 0
        ? ConvolutionCase(seed: 240 + UInt64(index), output: (rows: 1 + index % 3, columns: 1))
        : ConvolutionCase(
          dilatedSeed: 240 + UInt64(index), output: (rows: 1 + index % 3, columns: 1))
      sample.setOutputChannels(generator.pick([61, 64, 72, 100, 128, 150]))
      return KernelCall.convolution(sample.geometry, hasBias: index % 3 > 0).trial(
        sample.conditions)
    }

  private static func forward(_ sample: ConvolutionCase) -> KernelTrial {
    var sample = sample
    let hasBias = sample.generator.chance(of: 0.7)
    // The gradient of a strided convolution's input is written with gaps between its pixels.
    sample.spreadOutput(
      spacing: sample.generator.pick([1, 1, 2, 3]), margin: sample.generator.pick([0, 2]))
    return KernelCall.convolution(sample.geometry, hasBias: hasBias).trial(sample.conditions)
  }

  /// Every size of window with every stride, four times, half of them with a margin of the output; with
  /// every activation.
  static let pooled: [KernelTrial] = (0..<48).flatMap { index in
    Activation.all.map { activation in
      pooled(
        size: 1 + index / 4 % 3, stride: 1 + index % 4, seed: 700 + UInt64(index),
        margin: index / 12 % 2 * 2, activation: activation)
    }
  }

  /// Every number of 2×2 windows side by side up to two of the largest tiles and a rest, of panels of 8 and
  /// of 16 output channels, with one input channel, whose columns are adjacent, and with several.
  static let pooledTiles: [KernelTrial] = (1...16).flatMap { columns in
    [(8, 1), (8, 5), (16, 1), (24, 1), (24, 9), (40, 8)].map { channels, inputs in
      pooled(
        size: 2, stride: 2, seed: UInt64(760 + columns), margin: columns % 3, activation: .relu,
        columns: columns, channels: (inputs, channels))
    }
  }

  private static func pooled(
    size: Int, stride: Int, seed: UInt64, margin: Int, activation: ActivationFunction,
    columns: Int? = nil, channels: (input: Int, output: Int)? = nil
  ) -> KernelTrial {
    var generator = SeededGenerator(seed: seed)
    let rows = generator.integer(in: 1...3)
    let columns = columns ?? generator.integer(in: size == 2 && stride == 2 ? 1...16 : 1...4)
    // Rows and columns that no window reaches are left over.
    let sample = ConvolutionCase(
      seed: seed,
      output: (
        rows: (rows - 1) * stride + size + generator.integer(in: 0...stride - 1),
        columns: (columns - 1) * stride + size + generator.integer(in: 0...stride - 1)
      ), channels: channels)
    let stored = sample.geometry.outputChannels
    let pooling = PoolingGeometry(
      kernelRows: size, kernelColumns: size, rowStride: stride, columnStride: stride,
      outputRows: rows, outputColumns: columns, channels: stored,
      inputRowStep: sample.geometry.outputRowStep,
      outputRowStep: (columns + margin) * stored)
    return KernelCall.pooledConvolution(sample.geometry, pooling, activation)
      .trial(sample.conditions)
  }

  static let weightGradient: [KernelTrial] =
    (300..<400).map { (seed: UInt64) in
      var sample = ConvolutionCase(seed: seed)
      sample.spreadOutput(margin: sample.generator.pick([0, 2, 4]))
      return KernelCall.weightGradient(sample.geometry, accumulates: seed % 2 == 0)
        .trial(sample.conditions)
    }
    + (220..<260).map { (seed: UInt64) in
      // Pixels so far apart that their gradients meet in the first cache, in one to several blocks.
      var generator = SeededGenerator(seed: seed)
      var sample = ConvolutionCase(
        seed: seed,
        output: (rows: generator.integer(in: 1...9), columns: generator.pick([3, 8, 32, 33, 70])))
      let channels = sample.geometry.outputChannels
      // 8 to 40 channels, a multiple of 8.
      sample.spreadOutput(spacing: channels == 16 ? 8 : 16, margin: generator.pick([0, 2]))
      return KernelCall.weightGradient(sample.geometry, accumulates: seed % 2 == 0)
        .trial(sample.conditions)
    }
    + (180..<220).map { (seed: UInt64) in
      let sample = ConvolutionCase(dilatedSeed: seed)
      return KernelCall.weightGradient(sample.geometry, accumulates: seed % 2 == 0)
        .trial(sample.conditions)
    }

  /// Every size of kernel with every stride and dilation that tell them apart, one to three planes.
  static let depthwise: [KernelTrial] =
    (0..<80).flatMap { index in
      var conditions = TrialConditions(seed: 3000 + UInt64(index))
      var generator = SeededGenerator(seed: conditions.seed)
      let own = generator.pick([1, 8, 11, 24, 40])
      conditions.outputChannels = own
      let channels = PanelLayout.padded(own)
      let planes = generator.pick([1, 1, 2, 3])
      let (rows, columns) = (generator.integer(in: 1...4), generator.integer(in: 1...9))
      let (height, width) = (generator.integer(in: 1...5), generator.integer(in: 1...5))
      let (down, across) = (generator.integer(in: 1...2), generator.integer(in: 1...3))
      let (rowDilation, dilation) = (generator.pick([1, 1, 2]), generator.pick([1, 1, 2, 3]))
      let pixel = planes * channels
      let rowStep =
        ((columns - 1) * across + (width - 1) * dilation + 1 + generator.pick([0, 2])) * pixel
      let spacing = generator.pick([1, 1, 2])
      let geometry = DepthwiseGeometry(
        outputRows: rows, outputColumns: columns, channels: channels, kernelRows: height,
        kernelColumns: width, planes: planes, inputRowStep: down * rowStep,
        inputColumnStep: across * pixel, kernelRowStep: rowDilation * rowStep,
        kernelColumnStep: dilation * pixel, planeStep: channels,
        outputRowStep: (columns * spacing + generator.pick([0, 2])) * channels,
        outputColumnStep: spacing * channels)
      let calls: [KernelCall] = [
        .depthwise(geometry, hasBias: generator.chance(of: 0.7)),
        .depthwiseWeightGradient(geometry, accumulates: index % 2 == 0),
      ]
      return calls.map { $0.trial(conditions) }
    }
    + (0..<20).flatMap { index in
      let conditions = TrialConditions(seed: 3200 + UInt64(index))
      var generator = SeededGenerator(seed: conditions.seed)
      let (groups, filters) = (generator.integer(in: 1...5), generator.integer(in: 1...4))
      let spread = ChannelSpread(
        groups: groups, planes: generator.integer(in: 1...4), filters: filters,
        planeStep: PanelLayout.padded(groups * filters))
      let pixels = generator.integer(in: 1...5)
      let map = groups * spread.planes + generator.pick([0, 3])
      let wide = spread.planes * spread.planeStep + generator.pick([0, 8])
      let calls: [KernelCall] = [
        .spreading(spread, pixels: pixels, step: map, otherStep: wide),
        .gathering(spread, pixels: pixels, step: wide, otherStep: map),
      ]
      return calls.map { $0.trial(conditions) }
    }

  /// Every size of window with every stride; overlapping ones may have their winner in common. Two
  /// samples share their lists.
  static let listedGradients: [KernelTrial] = (0..<96).flatMap { (index: Int) -> [KernelTrial] in
    let (size, stride) = (1 + index / 4 % 4, 1 + index % 4)
    return listed(size: size, stride: stride, seed: 2000 + UInt64(index))
  }

  private static func listed(size: Int, stride: Int, seed: UInt64) -> [KernelTrial] {
    var generator = SeededGenerator(seed: seed)
    let (rows, columns) = (generator.integer(in: 1...3), generator.integer(in: 1...4))
    let sample = ConvolutionCase(
      seed: seed,
      output: (rows: (rows - 1) * stride + size, columns: (columns - 1) * stride + size))
    let geometry = sample.geometry
    // The convolution may be some of the channels only.
    let channels = geometry.outputChannels + generator.pick([0, 16])
    var pooling = PoolingGeometry(
      kernelRows: size, kernelColumns: size, rowStride: stride, columnStride: stride,
      outputRows: rows, outputColumns: columns, channels: channels, inputRowStep: 0,
      outputRowStep: columns * channels)
    pooling.winnerRowStep = geometry.inputRowStep
    pooling.winnerColumnStep = geometry.inputColumnStep
    let windows = ListedWindows(pooling: pooling, samples: 2)
    var calls: [KernelCall] = [
      .gradientLists(geometry, windows),
      .listedWeightGradient(geometry, windows, accumulates: generator.chance(of: 0.5)),
    ]
    if geometry.inputChannels % PanelLayout.columnMultiple == 0 {
      // Rows that no window reaches come before the second sample.
      let inputRows =
        ((geometry.outputRows - 1) * geometry.inputRowStep) / geometry.kernelRowStep
        + geometry.kernelRows
      let mapStep = (inputRows + generator.integer(in: 0...2)) * geometry.kernelRowStep
      calls.append(.listedInputGradient(geometry, windows, count: 2 * mapStep))
    }
    return calls.map { $0.trial(sample.conditions) }
  }
}
