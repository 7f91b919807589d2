import ConvoyKernelInterface

struct AdditionOperation: ActivatedOperation {
  var activation = ActivationFunction.identity

  var backwardReads: BackwardReads { activation.backwardReads }

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    AdditionStage(
      kernels: site.kernels, activation: activation, inputs: site.inputs, output: site.output)
  }
}

/// The sum of its inputs, and an activation: where a residual connection ends (He et al., 2016).
struct AdditionStage: Stage {
  let kernels: any KernelSet
  let activation: ActivationFunction
  let inputs: [Edge]
  let output: Edge

  func forward(_ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      let target = unsafe pass.values(output, sample) + output.values.start
      for (index, input) in inputs.enumerated() {
        let source = unsafe pass.values(input, sample) + input.values.start
        let rows = input.values.rows(with: output.values)
        if index == 0 {
          unsafe kernels.copyRows(rows, from: source, to: target)
        } else {
          unsafe kernels.addRows(rows, from: source, to: target)
        }
      }
      unsafe kernels.activate(
        activation, output.values.rows(with: output.gradients), values: target)
      if !activation.keepsZero {
        unsafe output.values.clearAddedChannels(pass.values(output, sample))
      }
    }
  }

  func backward(_ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      let gradients = unsafe pass.gradients(output, sample) + output.gradients.start
      unsafe kernels.activationGradient(
        activation, output.values.rows(with: output.gradients),
        values: pass.values(output, sample) + output.values.start, gradient: gradients)
      for input in inputs where input.wantsGradients {
        unsafe kernels.copyRows(
          output.gradients.rows(with: input.gradients), from: gradients,
          to: pass.gradients(input, sample) + input.gradients.start)
      }
    }
  }
}
