import ConvoyDatasets
import ConvoyKernelInterface
import ConvoyNeuralNetwork

extension TrainedNetwork {
  /// What each layer makes of an image.
  ///
  /// - Parameter number: of the image in its set.
  /// - Throws: `TrainingDataError` if the images do not fit.
  package func layerOutputs(of number: Int, in images: ImageSet) throws -> [LayerOutput] {
    try images.validate(for: plan, model.normalization)
    precondition((0..<images.count).contains(number), "An image is one of the set.")
    let store = SampleStore(
      images, normalization: model.normalization, map: plan.input.values, kernels: kernels)
    let (worker, batch) = (
      Worker(plan, samples: 1), BatchMemory(plan, samples: 1, slots: 0)
    )
    // A pass does not keep the batch's memory alive.
    defer { extendLifetime(batch) }
    return parameters.exclusively {
      flushingDenormals {
        let pass = unsafe SamplePass(
          parameters: parameters, batch: batch, worker: worker.memory, samples: 0..<1, slot: nil,
          training: nil)
        unsafe store.write(
          .evaluated(number, variation: 0), to: pass.values(worker.plan.input, 0),
          scratch: store.makeScratch())
        return worker.plan.layerOutputs(pass, sample: 0)
      }
    }
  }

  /// A tensor of the weights by its name.
  package func tensor(_ tensor: ParameterTensor) -> [Float] {
    parameters.exclusively { tensor.read(from: parameters) }
  }
}
