struct FlattenOperation: NodeOperation {
  func coversInput(_ input: FeatureShape, output: FeatureShape) -> Bool { false }

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    FlattenStage(input: site.input, output: site.output)
  }
}

/// Reorders a map to channel, row, column. Only needed for readers of a true vector: a dense layer
/// stores its weights in the map's own order instead.
struct FlattenStage: Stage {
  let input: Edge
  let output: Edge

  func forward(_ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      let source = unsafe pass.values(input, sample)
      let target = unsafe pass.values(output, sample)
      for index in 0..<input.values.shape.count {
        unsafe target[index] = unsafe source[input.values.offset(of: index)]
      }
      unsafe output.values.clearAddedChannels(target)
    }
  }

  func backward(_ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      let source = unsafe pass.gradients(output, sample)
      let target = unsafe pass.gradients(input, sample)
      for index in 0..<input.values.shape.count {
        unsafe target[input.gradients.offset(of: index)] = unsafe source[index]
      }
    }
  }
}
