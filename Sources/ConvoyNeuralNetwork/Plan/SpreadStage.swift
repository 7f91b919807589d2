import ConvoyKernelInterface

struct SpreadOperation: NodeOperation {
  let spread: ChannelSpread

  var readsAnyChannels: Bool { true }

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    SpreadStage(
      kernels: site.kernels, spread: spread, input: site.input, output: site.output)
  }
}

/// Spreads the channels of groups, so that the convolution behind it is depthwise.
struct SpreadStage: Stage {
  let kernels: any KernelSet
  let spread: ChannelSpread
  let input: Edge
  let output: Edge

  func forward(_ pass: SamplePass) {
    let (source, target) = (input.values, output.values)
    for sample in 0..<pass.samples.count {
      for row in 0..<source.shape.height {
        unsafe kernels.spreadChannels(
          spread, pixels: source.shape.width, step: source.channels,
          from: pass.values(input, sample) + (source.start + row * source.rowStep),
          otherStep: target.channels,
          to: pass.values(output, sample) + (target.start + row * target.rowStep))
      }
    }
  }

  func backward(_ pass: SamplePass) {
    let (source, target) = (output.gradients, input.gradients)
    for sample in 0..<pass.samples.count {
      for row in 0..<source.shape.height {
        unsafe kernels.gatherChannels(
          spread, pixels: source.shape.width, step: source.channels,
          from: pass.gradients(output, sample) + (source.start + row * source.rowStep),
          otherStep: target.channels,
          to: pass.gradients(input, sample) + (target.start + row * target.rowStep))
      }
      unsafe target.clearAddedChannels(pass.gradients(input, sample))
    }
  }
}
