import ConvoyKernelInterface

extension NetworkPlan {
  /// Whether none of the numbers is infinite or NaN.
  package func areFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
    guard let first = values.baseAddress else { return true }
    return unsafe kernels.areFinite(count: values.count, values: first)
  }

  /// The layer of the architecture that a block of parameters belongs to.
  package func layer(of block: ParameterBlock) -> PlacedLayer { layer(ofStage: block.stage) }

  /// Runs a forward pass up to the first stage whose output is not finite.
  ///
  /// - Returns: the stage's first layer; the last layer if only the loss is not finite.
  package func layerThatOverflows(_ pass: SamplePass) -> PlacedLayer {
    for (index, stage) in stages.enumerated() {
      forward(pass, stage: index)
      let count = stage.output.values.count
      for sample in 0..<pass.samples.count
      where unsafe !kernels.areFinite(count: count, values: pass.values(stage.output, sample)) {
        return layer(ofStage: index)
      }
    }
    return lastLayer
  }
}

extension NetworkPlan {
  /// Draws the weights, and sets all else to its constant. Whitening filters are drawn too: they
  /// need samples.
  package func initialize(_ memory: ParameterMemory, _ initialization: Initialization, seed: UInt64)
  {
    for (index, tensor) in tensors.enumerated() {
      switch tensor.kind {
      case .weight(let fanIn, let fanOut):
        let weights = initialization.weights(
          tensor.initialization, shape: tensor.shape, fanIn: fanIn, fanOut: fanOut, seed: seed,
          layer: index)
        tensor.write(weights, to: memory)
      case .constant(let value):
        tensor.write(Array(repeating: value, count: tensor.count), to: memory)
      case .mean, .count: tensor.write(Array(repeating: 0, count: tensor.count), to: memory)
      case .variance: tensor.write(Array(repeating: 1, count: tensor.count), to: memory)
      }
    }
    refresh(memory)
  }
}
