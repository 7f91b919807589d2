import ConvoyKernelInterface

/// A normalisation of groups of a sample's channels, with its activation.
struct GroupNormalizationOperation: ActivatedOperation {
  let groups: Int
  let epsilon: Float
  let hasScale: Bool
  let hasShift: Bool
  let isTrainable: Bool
  var activation = ActivationFunction.identity

  var learns: Bool { isTrainable && (hasScale || hasShift) }
  var parameterGradients: ParameterGradients { learns ? .groups : .none }
  var needsVector: Bool { true }
  var backwardReads: BackwardReads { activation.backwardReads.union(.input) }

  func keptCount(_ output: FeatureMap) -> Int {
    GroupNormalizationStage.Row.count * output.channels
  }

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    GroupNormalizationStage(self, at: site, places: &places)
  }
}

/// Normalises groups of a sample's channels, then scales and shifts each channel (Wu and He, 2018).
///
///     output = (input − mean) · inverse · scale + shift,  inverse = 1 / √(variance + ε)
///
/// With n values per group, h = scale · output gradient, m the mean of h over the group, and
/// d = Σ h · (input − mean) over the group:
///
///     input gradient = inverse · (h − m − (input − mean) · d · inverse² / n)
///
/// A channel's mean and sum of squares are made in single precision, those of a group from them in
/// double precision, in the order of the channels (Chan, Golub and LeVeque, 1983).
struct GroupNormalizationStage: ParameterStage {
  /// What is kept of a sample: rows with a float per channel, as stored. What a group has in common
  /// is repeated for each of its channels; the added channels have zeros.
  enum Row: Int, CaseIterable {
    case mean, inverse, factor
    case gradientMean, slope, scaleGradient, shiftGradient

    /// Of a channel, before they are those of its group: the mean, and Σ (value − mean)².
    static let channelMean = gradientMean
    static let channelSquares = slope

    static let count = allCases.count
  }

  let kernels: any KernelSet
  let operation: GroupNormalizationOperation
  let input: Edge
  let output: Edge
  let tensors: [ParameterTensor]
  private let kept: SamplePlace
  private let sumsGroupsApart: Bool
  /// Offsets in `ParameterMemory`, each with a float per channel.
  private let scalePlace: Int
  private let shiftPlace: Int
  /// Offsets in a group's slot.
  private let scaleSlotPlace: Int
  private let shiftSlotPlace: Int
  /// Channels of zeros, for the kernel that scales gradients.
  private let zerosPlace: Int

  /// Channels as stored.
  private var channels: Int { output.values.channels }
  private var keptCount: Int { Row.count * channels }

  init(_ operation: GroupNormalizationOperation, at site: NodeSite, places: inout PlanPlaces) {
    self.operation = operation
    kernels = site.kernels
    (input, output, kept) = (site.input, site.output, site.kept)
    sumsGroupsApart = site.sumsGroupsApart
    let (channels, count) = (site.output.values.channels, site.output.values.shape.channels)
    scalePlace = places.parameters.take(channels)
    shiftPlace = places.parameters.take(channels)
    let slotCount = operation.isTrainable ? channels : 0
    scaleSlotPlace = places.slot.take(operation.hasScale ? slotCount : 0)
    shiftSlotPlace = places.slot.take(operation.hasShift ? slotCount : 0)
    zerosPlace = places.derivedWeights.take(operation.hasScale ? channels : 0)
    func tensor(_ name: String, _ value: Float, at place: Int) -> ParameterTensor {
      ParameterTensor(
        name: "\(site.name).\(name)", shape: [count], kind: .constant(value),
        isFrozen: !operation.isTrainable, layout: TensorLayout(vectorAt: place, count: count))
    }
    tensors =
      (operation.hasScale ? [tensor("weight", 1, at: scalePlace)] : [])
      + (operation.hasShift ? [tensor("bias", 0, at: shiftPlace)] : [])
  }

  private func row(_ row: Row, _ pass: SamplePass, _ sample: Int) -> MutableFloatPointer {
    unsafe pass.pointer(kept, count: keptCount, sample) + row.rawValue * channels
  }

  // MARK: Forward

  func forward(_ pass: SamplePass) {
    let (from, to) = (input.values, output.values)
    for sample in 0..<pass.samples.count {
      let (source, target) = unsafe (pass.values(input, sample), pass.values(output, sample))
      unsafe kernels.channelMoments(
        from.rows(with: to), channels: channels, values: source + from.start,
        means: row(.channelMean, pass, sample), squares: row(.channelSquares, pass, sample))
      makeFactors(pass, sample)
      unsafe kernels.normalizeChannels(
        from.rows(with: to), channels: channels, by: normalization(pass, sample),
        from: source + from.start, to: target + to.start)
      unsafe kernels.activate(operation.activation, to.rows(with: to), values: target + to.start)
      if !operation.activation.keepsZero { unsafe to.clearAddedChannels(target) }
    }
  }

  private func normalization(_ pass: SamplePass, _ sample: Int) -> ChannelNormalization {
    unsafe ChannelNormalization(
      means: row(.mean, pass, sample), factors: row(.factor, pass, sample),
      shifts: pass.parameters.values + shiftPlace)
  }

  /// Makes the statistics of each group from those of its channels.
  private func makeFactors(_ pass: SamplePass, _ sample: Int) {
    let scales = unsafe pass.parameters.values + scalePlace
    let (channelMeans, channelSquares) = unsafe (
      row(.channelMean, pass, sample), row(.channelSquares, pass, sample)
    )
    let (means, inverses, factors) = unsafe (
      row(.mean, pass, sample), row(.inverse, pass, sample), row(.factor, pass, sample)
    )
    forEachGroup { group, pixels in
      let mean = group.reduce(0) { unsafe $0 + Double(channelMeans[$1]) } / Double(group.count)
      let squares = group.reduce(0) { squares, channel in
        let distance = unsafe Double(channelMeans[channel]) - mean
        return unsafe squares + (Double(channelSquares[channel]) + distance * distance * pixels)
      }
      let variance = squares / (Double(group.count) * pixels)
      let inverse = 1 / (variance + Double(operation.epsilon)).squareRoot()
      for channel in group {
        unsafe means[channel] = Float(mean)
        unsafe inverses[channel] = Float(inverse)
        unsafe factors[channel] =
          operation.hasScale ? Float(inverse * Double(scales[channel])) : Float(inverse)
      }
    }
    unsafe clearAddedChannels(means)
    unsafe clearAddedChannels(inverses)
    unsafe clearAddedChannels(factors)
  }

  /// Calls `body` with the channels of each group, and the pixels of a channel.
  private func forEachGroup(_ body: (_ group: Range<Int>, _ pixels: Double) -> Void) {
    let shape = output.values.shape
    let size = shape.channels / operation.groups
    let pixels = Double(shape.height * shape.width)
    for first in stride(from: 0, to: shape.channels, by: size) {
      body(first..<first + size, pixels)
    }
  }

  private func clearAddedChannels(_ row: MutableFloatPointer) {
    let count = output.values.shape.channels
    unsafe (row + count).update(repeating: 0, count: channels - count)
  }

  // MARK: Backward

  func backward(_ pass: SamplePass) {
    let (map, gradientMap) = (output.values, output.gradients)
    for sample in 0..<pass.samples.count {
      let gradients = unsafe pass.gradients(output, sample) + gradientMap.start
      unsafe kernels.activationGradient(
        operation.activation, map.rows(with: gradientMap),
        values: pass.values(output, sample) + map.start, gradient: gradients)
      unsafe kernels.channelGradientSums(
        input.values.rows(with: gradientMap), channels: channels, of: normalization(pass, sample),
        values: pass.values(input, sample) + input.values.start, gradients: gradients,
        sums: row(.shiftGradient, pass, sample), products: row(.scaleGradient, pass, sample))
      makeSlopes(pass, sample)
      if input.wantsGradients { makeInputGradients(pass, sample) }
    }
    if !sumsGroupsApart && operation.learns { sumGroup(pass, piece: 0) }
  }

  /// Makes what the input gradients of each group have in common, and the sample's parameter
  /// gradients, from the sums over each channel.
  private func makeSlopes(_ pass: SamplePass, _ sample: Int) {
    let scales = unsafe pass.parameters.values + scalePlace
    let (sums, products) = unsafe (
      row(.shiftGradient, pass, sample), row(.scaleGradient, pass, sample)
    )
    let inverses = unsafe row(.inverse, pass, sample)
    let (means, slopes) = unsafe (row(.gradientMean, pass, sample), row(.slope, pass, sample))
    forEachGroup { group, pixels in
      func sum(_ row: MutableFloatPointer) -> Double {
        group.reduce(0) { sum, channel in
          let scale: Float = unsafe operation.hasScale ? scales[channel] : 1
          return unsafe sum + Double(scale) * Double(row[channel])
        }
      }
      let count = Double(group.count) * pixels
      let inverse = unsafe Double(inverses[group.lowerBound])
      let (mean, slope) = unsafe (sum(sums) / count, sum(products) * inverse * inverse / count)
      for channel in group {
        unsafe means[channel] = Float(mean)
        unsafe slopes[channel] = Float(slope)
        unsafe products[channel] *= inverses[channel]
      }
    }
    unsafe clearAddedChannels(means)
    unsafe clearAddedChannels(slopes)
  }

  private func makeInputGradients(_ pass: SamplePass, _ sample: Int) {
    let map = output.gradients
    let gradients = unsafe pass.gradients(output, sample) + map.start
    if operation.hasScale {
      let zeros = unsafe pass.parameters.derivedWeights + zerosPlace
      unsafe kernels.normalizeChannels(
        map.rows(with: map), channels: channels,
        by: ChannelNormalization(
          means: zeros, factors: pass.parameters.values + scalePlace, shifts: zeros),
        from: gradients, to: gradients)
    }
    let inverses = unsafe row(.inverse, pass, sample)
    unsafe kernels.normalizationGradient(
      input.values.rows(with: map), channels: channels,
      inputGradientStep: input.gradients.rowStep,
      of: ChannelNormalization(
        means: row(.mean, pass, sample), factors: inverses, shifts: inverses),
      values: pass.values(input, sample) + input.values.start,
      gradientMeans: row(.gradientMean, pass, sample),
      slopes: row(.slope, pass, sample), outputGradients: gradients,
      inputGradients: pass.gradients(input, sample) + input.gradients.start)
  }

  // MARK: Parameters

  var groupSumPieces: Int { operation.learns ? 1 : 0 }

  func sumGroup(_ pass: SamplePass, piece: Int) {
    func sum(_ row: Row, to place: Int) {
      unsafe kernels.sumPixels(
        .vectors(pass.samples.count, channels: channels, step: keptCount),
        values: self.row(row, pass, 0), sums: pass.slotPointer + place, accumulates: false)
    }
    if operation.hasScale { sum(.scaleGradient, to: scaleSlotPlace) }
    if operation.hasShift { sum(.shiftGradient, to: shiftSlotPlace) }
  }

  func blocks(stage: Int) -> [ParameterBlock] {
    func block(_ place: Int, _ part: ParameterBlock.Part) -> ParameterBlock {
      ParameterBlock(
        stage: stage, range: place..<place + channels, part: part,
        isFrozen: !operation.isTrainable)
    }
    return (operation.hasScale ? [block(scalePlace, .scales)] : [])
      + (operation.hasShift ? [block(shiftPlace, .biases)] : [])
  }

  func gradient(
    of block: ParameterBlock, batch: BatchMemory, samples: Int, slots: Int,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    unsafe kernels.sumSlots(
      slots, step: batch.slotStep, count: channels,
      values: batch.slot(0) + (block.part == .scales ? scaleSlotPlace : shiftSlotPlace),
      sums: gradient)
  }

  func refresh(_ block: ParameterBlock, in memory: ParameterMemory) {}
}
