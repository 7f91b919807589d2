import ConvoyKernelInterface

struct ActivationOperation: NodeOperation {
  let kind: ActivationStage.Kind

  var needsVector: Bool { kind == .softmax }
  var backwardReads: BackwardReads {
    switch kind {
    case .elementwise(let function): function.backwardReads
    case .softmax: .output
    }
  }

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    ActivationStage(
      kernels: site.kernels, operation: self, input: site.input, output: site.output)
  }
}

/// An activation that is not fused into another stage.
struct ActivationStage: Stage {
  enum Kind: Sendable, Equatable {
    case elementwise(ActivationFunction)
    /// Over the channels of each pixel.
    case softmax
  }

  let kernels: any KernelSet
  let operation: ActivationOperation
  let input: Edge
  let output: Edge

  func forward(_ pass: SamplePass) {
    let map = output.values
    for sample in 0..<pass.samples.count {
      let target = unsafe pass.values(output, sample) + map.start
      unsafe kernels.copyRows(
        input.values.rows(with: map), from: pass.values(input, sample) + input.values.start,
        to: target)
      switch operation.kind {
      case .elementwise(let function):
        unsafe kernels.activate(function, map.rows(with: map), values: target)
        if !function.keepsZero { unsafe map.clearAddedChannels(pass.values(output, sample)) }
      case .softmax:
        for row in 0..<map.shape.height {
          unsafe kernels.softmax(
            pixels: map.shape.width, channels: map.shape.channels, step: map.channels,
            values: target + row * map.rowStep)
        }
      }
    }
  }

  func backward(_ pass: SamplePass) {
    let argument = operation.backwardReads.contains(.input) ? input : output
    let (map, gradientMap) = (argument.values, output.gradients)
    for sample in 0..<pass.samples.count {
      let values = unsafe pass.values(argument, sample) + map.start
      let gradients = unsafe pass.gradients(output, sample) + gradientMap.start
      switch operation.kind {
      case .elementwise(let function):
        unsafe kernels.activationGradient(
          function, map.rows(with: gradientMap), values: values, gradient: gradients)
      case .softmax:
        for row in 0..<map.shape.height {
          unsafe kernels.softmaxGradient(
            pixels: map.shape.width, channels: map.shape.channels, step: map.channels,
            values: values + row * map.rowStep, gradient: gradients + row * gradientMap.rowStep)
        }
      }
      unsafe kernels.copyRows(
        gradientMap.rows(with: input.gradients), from: gradients,
        to: pass.gradients(input, sample) + input.gradients.start)
    }
  }
}

extension ActivationFunction {
  /// What the derivative is computed from, if it is no constant.
  var backwardReads: BackwardReads {
    switch self {
    case .identity, .scaled: []
    default: derivesFromOutput ? .output : .input
    }
  }
}
