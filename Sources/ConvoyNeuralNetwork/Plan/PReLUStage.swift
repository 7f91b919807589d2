import ConvoyKernelInterface

/// A ReLU with learned slopes.
struct PReLUOperation: NodeOperation {
  let isShared: Bool
  let isTrainable: Bool

  var parameterGradients: ParameterGradients { isTrainable ? .groups : .none }
  var needsVector: Bool { !isShared }
  var backwardReads: BackwardReads { .input }

  func keptCount(_ output: FeatureMap) -> Int { output.channels }

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    PReLUStage(self, at: site, places: &places)
  }
}

/// Multiplies what is not positive by its channel's slope (He et al., 2015).
struct PReLUStage: ParameterStage {
  let kernels: any KernelSet
  let operation: PReLUOperation
  let input: Edge
  let output: Edge
  let tensors: [ParameterTensor]
  /// Where the slope gradient of a sample is kept, with a float per channel.
  private let kept: SamplePlace
  private let sumsGroupsApart: Bool
  /// Offset in `ParameterMemory` of the slopes, or of the single one.
  private let slopesPlace: Int
  /// Offset of the single slope's copies for all channels.
  private let copiesPlace: Int
  /// Offset in a group's slot, of a float per channel.
  private let slotPlace: Int

  /// Channels as stored.
  private var channels: Int { output.values.channels }

  init(_ operation: PReLUOperation, at site: NodeSite, places: inout PlanPlaces) {
    self.operation = operation
    kernels = site.kernels
    (input, output, kept) = (site.input, site.output, site.kept)
    sumsGroupsApart = site.sumsGroupsApart
    let map = site.output.values
    slopesPlace = places.parameters.take(operation.isShared ? 1 : map.channels)
    copiesPlace = places.derivedWeights.take(operation.isShared ? map.channels : 0)
    slotPlace = places.slot.take(operation.isTrainable ? map.channels : 0)
    let count = operation.isShared ? 1 : map.shape.channels
    tensors = [
      ParameterTensor(
        name: "\(site.name).weight", shape: [count], kind: .constant(0.25),
        isFrozen: !operation.isTrainable,
        layout: TensorLayout(vectorAt: slopesPlace, count: count))
    ]
  }

  private func slopes(_ parameters: ParameterPlaces) -> FloatPointer {
    unsafe operation.isShared
      ? FloatPointer(parameters.derivedWeights + copiesPlace)
      : FloatPointer(parameters.values + slopesPlace)
  }

  private func gradients(_ pass: SamplePass, _ sample: Int) -> MutableFloatPointer {
    unsafe pass.pointer(kept, count: channels, sample)
  }

  func forward(_ pass: SamplePass) {
    let (from, to) = (input.values, output.values)
    for sample in 0..<pass.samples.count {
      unsafe kernels.bendChannels(
        from.rows(with: to), channels: channels, from: pass.values(input, sample) + from.start,
        slopes: slopes(pass.parameters), to: pass.values(output, sample) + to.start)
    }
  }

  func backward(_ pass: SamplePass) {
    let (map, gradientMap) = (input.values, output.gradients)
    for sample in 0..<pass.samples.count {
      let gradients = unsafe pass.gradients(output, sample) + gradientMap.start
      unsafe kernels.bendGradients(
        map.rows(with: gradientMap), channels: channels,
        values: pass.values(input, sample) + map.start, slopes: slopes(pass.parameters),
        gradients: gradients, sums: self.gradients(pass, sample))
      guard input.wantsGradients else { continue }
      unsafe kernels.copyRows(
        gradientMap.rows(with: input.gradients), from: gradients,
        to: pass.gradients(input, sample) + input.gradients.start)
    }
    if !sumsGroupsApart && operation.isTrainable { sumGroup(pass, piece: 0) }
  }

  var groupSumPieces: Int { operation.isTrainable ? 1 : 0 }

  func sumGroup(_ pass: SamplePass, piece: Int) {
    unsafe kernels.sumPixels(
      .vectors(pass.samples.count, channels: channels, step: channels),
      values: gradients(pass, 0), sums: pass.slotPointer + slotPlace, accumulates: false)
  }

  func blocks(stage: Int) -> [ParameterBlock] {
    let count = operation.isShared ? 1 : channels
    return [
      ParameterBlock(
        stage: stage, range: slopesPlace..<slopesPlace + count, part: .scales,
        isFrozen: !operation.isTrainable)
    ]
  }

  func gradient(
    of block: ParameterBlock, batch: BatchMemory, samples: Int, slots: Int,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    guard operation.isShared else {
      unsafe kernels.sumSlots(
        slots, step: batch.slotStep, count: channels, values: batch.slot(0) + slotPlace,
        sums: gradient)
      return
    }
    var sum = 0.0
    var sums = InlineArray<8, Float>(repeating: 0)
    for channel in stride(from: 0, to: channels, by: sums.count) {
      var span = sums.mutableSpan
      unsafe span.withUnsafeMutableBufferPointer { sums in
        guard let start = sums.baseAddress else { return }
        unsafe kernels.sumSlots(
          slots, step: batch.slotStep, count: sums.count,
          values: batch.slot(0) + slotPlace + channel, sums: start)
      }
      for index in sums.indices { sum += Double(sums[index]) }
    }
    unsafe gradient.pointee = Float(sum)
  }

  func refresh(_ block: ParameterBlock, in memory: ParameterMemory) {
    guard operation.isShared else { return }
    unsafe (memory.derivedWeights.pointer + copiesPlace).update(
      repeating: memory.values.pointer[slopesPlace], count: channels)
  }
}
