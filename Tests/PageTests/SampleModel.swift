import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyKeyedRandom
import ConvoyNeuralNetwork
import ConvoyPictures
import ConvoyTraining

/// A model with random weights and running estimates, so that no layer is near the identity.
struct SampleModel {
  let plan: NetworkPlan
  let parameters: ParameterMemory
  let file: ModelFile

  init(
    _ architecture: Network, input: FeatureShape, loss: LossFunction = .crossEntropy,
    classNames: [String]? = nil, fit: PictureFit? = nil
  ) throws {
    plan = try NetworkPlan(
      architecture, input: input, loss: loss, kernels: KernelDispatch.best)
    parameters = ParameterMemory(plan)
    // A prime number of draws, repeated.
    let random = KeyedRandom(seed: 1, purpose: .initialization, 0)
    let draws = (0..<10_007).map { Float(random.normal($0)) }
    for (number, tensor) in plan.tensors.enumerated() {
      let values = (0..<tensor.count).map { index -> Float in
        let normal = draws[(index + 1_009 * number) % draws.count]
        return switch tensor.kind {
        case .weight(let fanIn, _): normal * (2 / Float(fanIn)).squareRoot()
        case .constant(let value): value + 0.2 * normal
        case .mean: 0.2 * normal
        case .variance: 0.5 + normal * normal
        case .count: 1
        }
      }
      tensor.write(values, to: parameters)
    }
    plan.refresh(parameters)
    let images = ImageSet(
      shape: ImageShape(channels: input.channels, height: 1, width: 2),
      pixels: (0..<2 * input.channels).map { UInt8(20 + 70 * $0 % 200) }, labels: [0])
    let normalization = Normalization(.standard, for: images, kernels: KernelDispatch.best)
    file = ModelFile(
      plan, parameters, normalization: normalization, classNames: classNames, fit: fit,
      edgeBrightness: 10)
  }

  /// The outputs of the network as it is trained.
  ///
  /// - Parameter bytes: in channel, row, column order.
  func outputs(_ bytes: [UInt8]) -> [Float] {
    let batch = BatchMemory(plan, samples: 1, slots: 0)
    let worker = WorkerMemory(plan, samples: 1)
    defer { extendLifetime(batch) }
    let pass = SamplePass(
      parameters: parameters, batch: batch, worker: worker, samples: 0..<1, slot: nil,
      training: nil)
    let area = plan.inputShape.height * plan.inputShape.width
    for (index, byte) in bytes.enumerated() {
      let mean = file.normalization.means[index / area]
      let deviation = file.normalization.deviations[index / area]
      pass.values(plan.input, 0)[plan.input.values.offset(of: index)] =
        Float((Double(byte) / 255 - mean) / deviation)
    }
    plan.forward(pass)
    return (0..<plan.classes).map {
      pass.values(plan.output, 0)[plan.output.values.start + $0]
    }
  }
}
