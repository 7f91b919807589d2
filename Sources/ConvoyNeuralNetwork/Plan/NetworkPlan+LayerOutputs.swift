/// What one sample is at one place in a network.
package struct LayerOutput: Sendable {
  /// The layer that gives it; with those before it, if they are computed together.
  package let layers: [PlacedLayer]
  package let shape: FeatureShape
  /// In channel, row, column order.
  package let values: [Float]
}

extension NetworkPlan {
  /// Runs a forward pass, and copies each stage's output of one sample before later stages use its
  /// memory.
  ///
  /// - Parameter sample: an index within the pass.
  package func layerOutputs(_ pass: SamplePass, sample: Int) -> [LayerOutput] {
    let firstLayers = Set(stages.indices.map { layer(ofStage: $0).number })
    return stages.indices.map { index in
      forward(pass, stage: index)
      let (first, map) = (layer(ofStage: index), stages[index].output.values)
      let values = unsafe pass.values(stages[index].output, sample)
      return LayerOutput(
        layers: layers(from: first.number) { !firstLayers.contains($0) }, shape: map.shape,
        values: (0..<map.shape.count).map { unsafe values[map.offset(of: $0)] })
    }
  }
}
