import ConvoyKernelInterface
import ConvoyKeyedRandom

struct DropoutOperation: NodeOperation {
  let rate: Float

  func keptCount(_ output: FeatureMap) -> Int { output.interiorCount }

  func stage(at site: NodeSite, places: inout PlanPlaces) -> any Stage {
    DropoutStage(
      kernels: site.kernels, rate: rate, layer: site.layer, input: site.input,
      output: site.output, maskPlace: site.kept)
  }
}

/// Inverted dropout (Srivastava et al., 2014). A sample's mask depends only on the seed, the epoch,
/// the layer and the sample's number in the data set, not on the thread.
struct DropoutStage: Stage {
  let kernels: any KernelSet
  let rate: Float
  /// The layer's depth-first number, so that two dropouts differ.
  let layer: Int
  let input: Edge
  let output: Edge
  /// Where the mask is stored for the backward pass.
  let maskPlace: SamplePlace

  private var maskCount: Int { output.values.interiorCount }

  func forward(_ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      let target = unsafe pass.values(output, sample) + output.values.start
      unsafe kernels.copyRows(
        input.values.rows(with: output.values),
        from: pass.values(input, sample) + input.values.start, to: target)
      guard let training = unsafe pass.training else { continue }
      let random = unsafe KeyedRandom(
        seed: training.seed, purpose: .dropout, training.epoch,
        training.sampleNumbers[pass.samples.lowerBound + sample]
      ).keyed(by: layer)
      let mask = unsafe mask(pass, sample)
      unsafe random.fillDropoutMask(
        UnsafeMutableBufferPointer(start: mask, count: maskCount), rate: rate)
      unsafe apply(mask, to: target, rowStep: output.values.rowStep)
    }
  }

  func backward(_ pass: SamplePass) {
    for sample in 0..<pass.samples.count {
      let gradients = unsafe pass.gradients(output, sample) + output.gradients.start
      unsafe apply(mask(pass, sample), to: gradients, rowStep: output.gradients.rowStep)
      unsafe kernels.copyRows(
        output.gradients.rows(with: input.gradients), from: gradients,
        to: pass.gradients(input, sample) + input.gradients.start)
    }
  }

  private func apply(_ mask: FloatPointer, to values: MutableFloatPointer, rowStep: Int) {
    let count = output.values.rowCount
    for row in 0..<output.values.shape.height {
      unsafe kernels.multiply(
        count: count, factors: mask + row * count, values: values + row * rowStep)
    }
  }

  private func mask(_ pass: SamplePass, _ sample: Int) -> MutableFloatPointer {
    unsafe pass.pointer(maskPlace, count: maskCount, sample)
  }
}
