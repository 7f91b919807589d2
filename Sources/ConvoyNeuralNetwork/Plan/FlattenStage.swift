struct FlattenOperation: NodeOperation {
  func coversInput(_ input: FeatureShape, output: FeatureShape) -> Bool { false }

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    FlattenStage(input: site.input, output: site.output)
  }
}

/// Puts a map into channel, row, column order. Only needed where something looks at the vector as a
/// whole: a dense layer has its weights in the map's own order instead.
struct FlattenStage: Stage {
  let input: Edge
  let output: Edge

  func forward(_ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      let source = pass.values(input, sample)
      let target = pass.values(output, sample)
      for index in 0..<input.values.shape.count {
        target[index] = source[input.values.offset(of: index)]
      }
      output.values.clearAddedChannels(target)
    }
  }

  func backward(_ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      let source = pass.gradients(output, sample)
      let target = pass.gradients(input, sample)
      for index in 0..<input.values.shape.count {
        target[input.gradients.offset(of: index)] = source[index]
      }
    }
  }
}
