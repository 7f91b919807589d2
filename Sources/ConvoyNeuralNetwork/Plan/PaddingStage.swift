import ConvoyKernelInterface

struct PaddingOperation: NodeOperation {
  let value: Float
  /// On each side.
  let rows: Int
  let columns: Int

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    PaddingStage(
      kernels: site.kernels, operation: self, input: site.input, output: site.output)
  }
}

/// Surrounds a map with a value: the padding of a pooling. A convolution's zeros are stored with its
/// input and take no copy.
struct PaddingStage: Stage {
  let kernels: any KernelSet
  let operation: PaddingOperation
  let input: Edge
  let output: Edge

  func forward(_ pass: SamplePass) {
    let map = output.values
    for sample in 0..<pass.samples.count {
      let target = unsafe pass.values(output, sample)
      for row in 0..<map.shape.height {
        unsafe (target + map.start + row * map.rowStep)
          .update(repeating: operation.value, count: map.rowCount)
      }
      unsafe kernels.copyRows(
        input.values.rows(with: map), from: pass.values(input, sample) + input.values.start,
        to: target + inside(map))
    }
  }

  func backward(_ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      unsafe kernels.copyRows(
        RowGeometry(
          rows: input.gradients.shape.height, count: input.gradients.rowCount,
          step: output.gradients.rowStep, otherStep: input.gradients.rowStep),
        from: pass.gradients(output, sample) + inside(output.gradients),
        to: pass.gradients(input, sample) + input.gradients.start)
    }
  }

  /// Offset of the input's first value in a map of the output.
  private func inside(_ map: FeatureMap) -> Int {
    map.start + operation.rows * map.rowStep + operation.columns * map.channels
  }
}
