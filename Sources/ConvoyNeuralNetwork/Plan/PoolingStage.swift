import ConvoyKernelInterface

struct PoolingOperation: NodeOperation {
  let kind: PoolingStage.Kind
  let window: Window
  /// Whether the window is the whole map, so that a vector is left.
  var isGlobal = false

  var givesVector: Bool { isGlobal }

  func keptCount(_ output: FeatureMap) -> Int { kind == .max ? output.interiorCount : 0 }

  func coversInput(_ input: FeatureShape, output: FeatureShape) -> Bool {
    window.covers(input, outputs: output)
  }

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    PoolingStage(self, at: site)
  }
}

/// A pooling on its own: average pooling, or max pooling that does not follow a convolution.
struct PoolingStage: Stage {
  enum Kind: Sendable { case max, average }

  let kernels: any KernelSet
  let kind: Kind
  let input: Edge
  let output: Edge
  private let geometry: PoolingGeometry
  /// Where winners are stored for the backward pass.
  private let winnersPlace: SamplePlace

  init(_ operation: PoolingOperation, at site: NodeSite) {
    kernels = site.kernels
    kind = operation.kind
    input = site.input
    output = site.output
    winnersPlace = site.kept
    geometry = PoolingGeometry(
      operation.window, output: output.values, inputRowStep: input.values.rowStep)
  }

  func forward(_ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      let source = unsafe pass.values(input, sample) + input.values.start
      let target = unsafe pass.values(output, sample) + output.values.start
      switch kind {
      case .max:
        unsafe kernels.maxPool(
          geometry, input: source, output: target, winners: winners(pass, sample))
      case .average: unsafe kernels.averagePool(geometry, input: source, output: target)
      }
    }
  }

  func backward(_ pass: SamplePass) {
    var spread = geometry
    spread.inputRowStep = input.gradients.rowStep
    for sample in 0..<pass.samples.count {
      let source = unsafe pass.gradients(output, sample) + output.gradients.start
      let target = unsafe pass.gradients(input, sample) + input.gradients.start
      switch kind {
      case .max:
        unsafe kernels.maxPoolGradient(
          spread, outputGradient: source, winners: winners(pass, sample), inputGradient: target)
      case .average:
        unsafe kernels.averagePoolGradient(spread, outputGradient: source, inputGradient: target)
      }
    }
  }

  private func winners(_ pass: SamplePass, _ sample: Int) -> MutableFloatPointer {
    unsafe pass.pointer(winnersPlace, count: geometry.outputCount, sample)
  }
}

extension PoolingGeometry {
  init(_ window: Window, output: FeatureMap, inputRowStep: Int) {
    self.init(
      kernelRows: window.rows.kernelSize, kernelColumns: window.columns.kernelSize,
      rowStride: window.rows.stride, columnStride: window.columns.stride,
      outputRows: output.shape.height, outputColumns: output.shape.width,
      channels: output.channels, inputRowStep: inputRowStep, outputRowStep: output.rowStep)
  }
}
