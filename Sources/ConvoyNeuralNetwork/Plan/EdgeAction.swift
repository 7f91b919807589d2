import ConvoyKernelInterface

/// Clears an edge's buffer, or adds to it, before or after a node's pass.
enum EdgeAction: Sendable {
  /// Sets a map to zero, or its border alone.
  case clear(FeatureMap, SamplePlace)
  case clearBorder(FeatureMap, SamplePlace)
  /// Copies the gradients of a reader's edge to the producer's, or adds them.
  case copy(from: Edge, to: Edge)
  case add(Edge, to: Edge)

  func perform(_ pass: SamplePass, _ kernels: any KernelSet) {
    for sample in 0..<pass.samples.count { perform(pass, sample: sample, kernels) }
  }

  func perform(_ pass: SamplePass, sample: Int, _ kernels: any KernelSet) {
    switch self {
    case .clear(let map, let place):
      unsafe pass.pointer(place, count: map.count, sample).update(repeating: 0, count: map.count)
    case .clearBorder(let map, let place):
      unsafe map.clearBorder(pass.pointer(place, count: map.count, sample))
    case .copy(let source, let target):
      unsafe kernels.copyRows(
        source.gradients.rows(with: target.gradients),
        from: pass.gradients(source, sample) + source.gradients.start,
        to: pass.gradients(target, sample) + target.gradients.start)
    case .add(let source, let target):
      unsafe kernels.addRows(
        source.gradients.rows(with: target.gradients),
        from: pass.gradients(source, sample) + source.gradients.start,
        to: pass.gradients(target, sample) + target.gradients.start)
    }
  }
}
