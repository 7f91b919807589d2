import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoyPictures
import ConvoySafetensors
import ConvoyTraining

/// A network with weights as training may leave them, and images.
struct TrainedNetwork {
  let plan: NetworkPlan
  let parameters: ParameterMemory
  let images: ImageSet
  let file: ModelFile

  init(_ network: SampleNetwork, images count: Int = 4) throws {
    let input = network.input
    let shape = ImageShape(channels: input.channels, height: input.height, width: input.width)
    var state: UInt32 = 7
    func draw() -> UInt32 {
      state = state &* 1_664_525 &+ 1_013_904_223
      return state >> 8
    }
    images = ImageSet(
      shape: shape,
      pixels: (0..<count * shape.pixelCount).map { _ in UInt8(truncatingIfNeeded: draw()) },
      labels: Array(repeating: 0, count: count))
    plan = try NetworkPlan(
      network.architecture, input: input, loss: network.loss, kernels: KernelDispatch.best)
    parameters = ParameterMemory(plan)
    plan.initialize(parameters, Initialization(), seed: 3)
    // Numbers that are constant at first, such as scales and running estimates, become different.
    let weights = zip(plan.tensors, WeightTensors(plan, parameters).tensors).map { place, tensor in
      if case .weight = place.kind { return tensor }
      return NamedTensor(
        name: tensor.name, type: tensor.type, shape: tensor.shape,
        values: tensor.values.map {
          place.kind == .count ? 0 : $0 + Float(draw() % 1_000) / 2_000 - 0.2
        })
    }
    try WeightTensors(tensors: weights).load(into: parameters, of: plan, path: network.name)
    file = ModelFile(
      plan, parameters,
      normalization: Normalization(.standard, for: images, kernels: KernelDispatch.best),
      classNames: (0..<plan.classes).map { "class \($0)" }, fit: .crop)
  }

  /// The network's outputs for each image.
  func outputs() -> [[Float]] { Self.outputs(plan, parameters, file.normalization, images) }

  static func outputs(
    _ plan: NetworkPlan, _ parameters: ParameterMemory, _ normalization: Normalization,
    _ images: ImageSet
  ) -> [[Float]] {
    let store = SampleStore(
      images, normalization: normalization, map: plan.input.values, kernels: KernelDispatch.best)
    let worker = WorkerMemory(plan, samples: 1)
    let batch = BatchMemory(plan, samples: 1, slots: 0)
    let scratch = store.makeScratch()
    // A pass does not keep the batch's memory alive.
    defer { extendLifetime(batch) }
    return (0..<images.count).map { image in
      let pass = SamplePass(
        parameters: parameters, batch: batch, worker: worker, samples: 0..<1, slot: nil,
        training: nil)
      store.write(
        SampleKey(seed: 0, epoch: 0, number: image), to: pass.values(plan.input, 0),
        scratch: scratch)
      plan.forward(pass)
      let output = pass.values(plan.output, 0) + plan.output.values.start
      return (0..<plan.classes).map { output[$0] }
    }
  }
}
