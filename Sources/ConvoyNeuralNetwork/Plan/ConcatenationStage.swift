import ConvoyKernelInterface

struct ConcatenationOperation: ActivatedOperation {
  var activation = ActivationFunction.identity

  var backwardReads: BackwardReads { activation.backwardReads }
  var readsAnyChannels: Bool { true }

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    ConcatenationStage(
      kernels: site.kernels, activation: activation, inputs: site.inputs, output: site.output)
  }
}

/// Its inputs one after another along the channels, and an activation.
struct ConcatenationStage: Stage {
  let kernels: any KernelSet
  let activation: ActivationFunction
  let inputs: [Edge]
  let output: Edge

  func forward(_ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      let target = unsafe pass.values(output, sample)
      var channel = 0
      for input in inputs {
        unsafe copy(
          input.values, from: pass.values(input, sample), firstChannel: 0,
          to: output.values, at: target, firstChannel: channel,
          channels: input.values.shape.channels)
        channel += input.values.shape.channels
      }
      unsafe kernels.activate(
        activation, output.values.rows(with: output.gradients),
        values: target + output.values.start)
      unsafe output.values.clearAddedChannels(target)
    }
  }

  func backward(_ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      let gradients = unsafe pass.gradients(output, sample)
      unsafe kernels.activationGradient(
        activation, output.values.rows(with: output.gradients),
        values: pass.values(output, sample) + output.values.start,
        gradient: gradients + output.gradients.start)
      var channel = 0
      for input in inputs {
        if input.wantsGradients {
          let target = unsafe pass.gradients(input, sample)
          unsafe copy(
            output.gradients, from: gradients, firstChannel: channel, to: input.gradients,
            at: target, firstChannel: 0, channels: input.values.shape.channels)
          unsafe input.gradients.clearAddedChannels(target)
        }
        channel += input.values.shape.channels
      }
    }
  }

  /// Copies some channels of every pixel. Both maps have the same height and width.
  private func copy(
    _ source: FeatureMap, from values: FloatPointer, firstChannel: Int, to target: FeatureMap,
    at targetValues: MutableFloatPointer, firstChannel firstTargetChannel: Int, channels: Int
  ) {
    let pixels = RowGeometry(
      rows: target.shape.width, count: channels, step: source.channels,
      otherStep: target.channels)
    for row in 0..<target.shape.height {
      unsafe kernels.copyRows(
        pixels, from: values + (source.start + row * source.rowStep + firstChannel),
        to: targetValues + (target.start + row * target.rowStep + firstTargetChannel))
    }
  }
}
