import ConvoyKernelInterface

/// A batch normalisation with its activation.
struct BatchNormalizationOperation: ActivatedOperation {
  let momentum: Float
  let epsilon: Float
  let hasScale: Bool
  let hasShift: Bool
  /// Samples that have statistics in common; nil for the whole batch.
  let ghostSize: Int?
  let isTrainable: Bool
  var activation = ActivationFunction.identity

  var parameterGradients: ParameterGradients { .statistics }
  var learns: Bool { isTrainable && (hasScale || hasShift) }
  var measuresBatch: Bool { true }
  var needsVector: Bool { true }
  /// Rectified in the kernels that normalise: one pass less, and backward reads no output.
  var isRectified: Bool { activation == .relu }
  var backwardReads: BackwardReads {
    isRectified ? .input : activation.backwardReads.union(.input)
  }
  var canRunAgain: Bool { true }

  func keptCount(_ output: FeatureMap) -> Int {
    BatchStatistics.Row.count * output.channels
  }

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    BatchNormalizationStage(self, at: site, places: &places)
  }
}

/// Normalises each channel over the batch, then scales and shifts it (Ioffe and Szegedy, 2015). In
/// evaluation, running statistics take the place of the batch's.
///
///     output = (input − mean) · factor + shift,  factor = scale / √(variance + ε)
///
/// With n values per channel, m the mean of the output gradients g, and d = Σ g · (input − mean):
///
///     input gradient = factor · (g − m − (input − mean) · d / (n · (variance + ε)))
///
/// A sample's mean and sum of squares are made in single precision, those of the batch from them in
/// double precision, in the order of the samples (Chan, Golub and LeVeque, 1983).
struct BatchNormalizationStage: StatisticsStage {
  let kernels: any KernelSet
  let operation: BatchNormalizationOperation
  let input: Edge
  let output: Edge
  let tensors: [ParameterTensor]
  private let statistics: BatchStatistics
  /// Offsets in `ParameterMemory`, each with a float per channel; the count is a single float.
  private let scalePlace: Int
  private let shiftPlace: Int
  private let meanPlace: Int
  private let variancePlace: Int
  private let countPlace: Int
  /// Where an evaluation makes its factors.
  private let factorScratch: Int

  /// Channels as stored.
  private var channels: Int { output.values.channels }
  private var pixels: Int { output.values.shape.height * output.values.shape.width }

  init(_ operation: BatchNormalizationOperation, at site: NodeSite, places: inout PlanPlaces) {
    self.operation = operation
    kernels = site.kernels
    (input, output) = (site.input, site.output)
    let map = site.output.values
    precondition(
      map.channels.isMultiple(of: BatchStatistics.channelsAPiece), "channels fill whole vectors")
    statistics = BatchStatistics(
      place: site.kept, channels: map.channels, ghostSize: operation.ghostSize)
    func take(_ count: Int) -> Int { places.parameters.take(count) }
    (scalePlace, shiftPlace) = (take(map.channels), take(map.channels))
    (meanPlace, variancePlace) = (take(map.channels), take(map.channels))
    countPlace = take(1)
    factorScratch = places.takeScratch(isForward: true) { $0.scratch.take(map.channels) }
    let count = map.shape.channels
    func tensor(
      _ name: String, _ kind: ParameterTensor.Kind, at place: Int, isNumber: Bool = false
    ) -> ParameterTensor {
      ParameterTensor(
        name: "\(site.name).\(name)", shape: isNumber ? [] : [count], kind: kind,
        isFrozen: !operation.isTrainable,
        layout: TensorLayout(vectorAt: place, count: isNumber ? 1 : count))
    }
    tensors =
      (operation.hasScale ? [tensor("weight", .constant(1), at: scalePlace)] : [])
      + (operation.hasShift ? [tensor("bias", .constant(0), at: shiftPlace)] : [])
      + [
        tensor("running_mean", .mean, at: meanPlace),
        tensor("running_var", .variance, at: variancePlace),
        tensor("num_batches_tracked", .count, at: countPlace, isNumber: true),
      ]
  }

  // MARK: Forward

  func measure(_ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      unsafe kernels.channelMoments(
        input.values.rows(with: input.values), channels: channels,
        values: pass.values(input, sample) + input.values.start,
        means: statistics.row(.sampleMean, pass, sample),
        squares: statistics.row(.sampleSquares, pass, sample))
    }
  }

  var measuredRows: BatchRows { statistics.measuredRows }

  var statisticsPieces: Int { channels / BatchStatistics.channelsAPiece }

  func combine(piece: Int, parameters: ParameterMemory, batch: BatchMemory, samples: Int) {
    let pixels = Double(pixels)
    for number in 0..<statistics.ghosts(of: samples) {
      let ghost = statistics.ghost(number, of: samples)
      let count = Double(ghost.count) * pixels
      let sampleMeans = statistics.sums(batch, over: ghost, ofPiece: piece) { $0[.sampleMean] }
      let means = sampleMeans / Double(ghost.count)
      let squares = statistics.sums(batch, over: ghost, ofPiece: piece) { sample in
        let distance = sample[.sampleMean] - means
        return sample[.sampleSquares] + distance * distance * pixels
      }
      let inverses = 1 / (squares / count + Double(operation.epsilon)).squareRoot()
      var scales = SIMD8<Double>()
      for lane in scales.indices {
        unsafe scales[lane] = Double(
          scale(BatchStatistics.channelsAPiece * piece + lane, in: parameters.places))
      }
      func set(_ row: BatchStatistics.Row, _ values: SIMD8<Double>) {
        statistics.set(row, batch, of: ghost, piece: piece, values)
      }
      set(.mean, means)
      set(.inverseDeviation, inverses)
      set(.variance, squares / (count - 1))
      set(.factor, inverses * scales)
    }
  }

  private func scale(_ channel: Int, in parameters: ParameterPlaces) -> Float {
    guard channel < output.values.shape.channels else { return 0 }
    return unsafe operation.hasScale ? parameters.values[scalePlace + channel] : 1
  }

  func forward(_ pass: SamplePass) {
    let isTraining = unsafe pass.training != nil
    if !isTraining { makeFactors(pass) }
    let (from, to) = (input.values, output.values)
    for sample in 0..<pass.samples.count {
      let normalization =
        isTraining
        ? unsafe normalization(ofGhostWith: sample, pass)
        : unsafe ChannelNormalization(
          means: pass.parameters.values + meanPlace,
          factors: pass.scratch + factorScratch,
          shifts: pass.parameters.values + shiftPlace, isRectified: operation.isRectified)
      let target = unsafe pass.values(output, sample)
      unsafe kernels.normalizeChannels(
        from.rows(with: to), channels: channels, by: normalization,
        from: pass.values(input, sample) + from.start, to: target + to.start)
      guard !operation.isRectified else { continue }
      unsafe kernels.activate(
        operation.activation, to.rows(with: to), values: target + to.start)
      if !operation.activation.keepsZero { unsafe to.clearAddedChannels(target) }
    }
  }

  /// The normalisation by the statistics of the batch.
  private func normalization(
    ofGhostWith sample: Int, _ pass: SamplePass
  ) -> ChannelNormalization {
    unsafe ChannelNormalization(
      means: statistics.row(.mean, ofGhostWith: sample, pass),
      factors: statistics.row(.factor, ofGhostWith: sample, pass),
      shifts: pass.parameters.values + shiftPlace, isRectified: operation.isRectified)
  }

  /// The factors of an evaluation.
  private func makeFactors(_ pass: SamplePass) {
    let factors = unsafe pass.scratch + factorScratch
    for channel in 0..<channels {
      let variance = unsafe pass.parameters.values[variancePlace + channel]
      unsafe factors[channel] =
        scale(channel, in: pass.parameters) / (variance + operation.epsilon).squareRoot()
    }
  }

  // MARK: Backward

  func measureGradients(_ pass: SamplePass) {
    let (map, gradientMap) = (output.values, output.gradients)
    for sample in 0..<pass.samples.count {
      let gradients = unsafe pass.gradients(output, sample) + gradientMap.start
      if !operation.isRectified {
        unsafe kernels.activationGradient(
          operation.activation, map.rows(with: gradientMap),
          values: pass.values(output, sample) + map.start, gradient: gradients)
      }
      unsafe kernels.channelGradientSums(
        input.values.rows(with: gradientMap), channels: channels,
        of: normalization(ofGhostWith: sample, pass),
        values: pass.values(input, sample) + input.values.start, gradients: gradients,
        sums: statistics.row(.sampleGradients, pass, sample),
        products: statistics.row(.sampleProducts, pass, sample))
    }
  }

  func combineGradients(piece: Int, batch: BatchMemory, samples: Int) {
    for number in 0..<statistics.ghosts(of: samples) {
      let ghost = statistics.ghost(number, of: samples)
      let count = Double(ghost.count) * Double(pixels)
      func sums(_ row: BatchStatistics.Row, over samples: Range<Int>) -> SIMD8<Double> {
        statistics.sums(batch, over: samples, ofPiece: piece) { $0[row] }
      }
      func set(_ row: BatchStatistics.Row, _ values: SIMD8<Double>) {
        statistics.set(row, batch, of: ghost, piece: piece, values)
      }
      let gradients = sums(.sampleGradients, over: ghost)
      let products = sums(.sampleProducts, over: ghost)
      // A ghost's rows are those of its first sample.
      let inverses = sums(.inverseDeviation, over: ghost.lowerBound..<ghost.lowerBound + 1)
      set(.gradientMean, gradients / count)
      set(.slope, products * inverses * inverses / count)
      set(.scaleGradient, products * inverses)
      set(.shiftGradient, gradients)
    }
  }

  func backward(_ pass: SamplePass) {
    guard input.wantsGradients else { return }
    for sample in 0..<pass.samples.count {
      unsafe kernels.normalizationGradient(
        input.values.rows(with: output.gradients), channels: channels,
        inputGradientStep: input.gradients.rowStep,
        of: normalization(ofGhostWith: sample, pass),
        values: pass.values(input, sample) + input.values.start,
        gradientMeans: statistics.row(.gradientMean, ofGhostWith: sample, pass),
        slopes: statistics.row(.slope, ofGhostWith: sample, pass),
        outputGradients: pass.gradients(output, sample) + output.gradients.start,
        inputGradients: pass.gradients(input, sample) + input.gradients.start)
    }
  }

  // MARK: Parameters

  func blocks(stage: Int) -> [ParameterBlock] {
    func block(_ first: Int, _ end: Int, _ part: ParameterBlock.Part) -> ParameterBlock {
      ParameterBlock(
        stage: stage, range: first..<end, part: part,
        isFrozen: !operation.isTrainable && part != .statistics)
    }
    return (operation.hasScale ? [block(scalePlace, scalePlace + channels, .scales)] : [])
      + (operation.hasShift ? [block(shiftPlace, shiftPlace + channels, .biases)] : [])
      + [block(meanPlace, countPlace, .statistics)]
  }

  func gradient(
    of block: ParameterBlock, batch: BatchMemory, samples: Int, slots: Int,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    let row: BatchStatistics.Row
    switch block.part {
    case .scales: row = .scaleGradient
    case .biases: row = .shiftGradient
    case .weights, .statistics: preconditionFailure("the block has a gradient of the stage's")
    }
    for channel in 0..<channels {
      unsafe gradient[channel] = Float(statistics.sum(row, batch, samples, channel))
    }
  }

  func refresh(_ block: ParameterBlock, in memory: ParameterMemory) {}

  /// Moves the running statistics towards the mean of the ghosts'.
  func updateStatistics(in memory: ParameterMemory, batch: BatchMemory, samples: Int) {
    let ghosts = Double(statistics.ghosts(of: samples))
    let momentum = Double(operation.momentum)
    func update(_ place: Int, _ row: BatchStatistics.Row) {
      for channel in 0..<channels {
        let mean = statistics.sum(row, batch, samples, channel) / ghosts
        let running = unsafe memory.values.pointer + (place + channel)
        unsafe running.pointee = unsafe Float(
          (1 - momentum) * Double(running.pointee) + momentum * mean)
      }
    }
    update(meanPlace, .mean)
    update(variancePlace, .variance)
    let count = unsafe memory.values.pointer + countPlace
    unsafe count.pointee += 1
  }

  func fewestValues(ofBatch samples: Int) -> Int {
    statistics.ghost(statistics.ghosts(of: samples) - 1, of: samples).count * pixels
  }
}
