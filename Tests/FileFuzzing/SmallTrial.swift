import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoyProcessLimits
import ConvoyTraining

/// What a command does with a network: its table, its plan, and a step of training on two images if
/// that is little work.
struct SmallTrial {
  /// As if the machine had no more, in bytes.
  private static let memory = AvailableMemory([
    MemoryLimit(.machine, bytes: 80 << 20, used: 0)
  ])
  private static let mostOperations = 2_000_000.0
  private static let mostBytes = 4.0 * 1_048_576

  /// - Throws: `NetworkError`, `MemoryError`, or `Violation`.
  @discardableResult
  func run(
    _ architecture: Network, input: FeatureShape, loss: LossFunction? = .crossEntropy
  ) throws -> NetworkPlan {
    try architecture.validate(for: input, source: "net.json")
    let layers = try architecture.placedLayers(for: input)
    try Violation.require(layers.count >= architecture.layers.count, "a place for each layer")
    try Violation.require(
      layers.allSatisfy { $0.output.count > 0 && $0.parameters >= 0 && $0.operations >= 0 },
      "sizes that are none: \(layers)")
    let plan = try NetworkPlan(
      architecture, input: input, loss: loss, kernels: KernelDispatch.best)
    try Violation.require(
      plan.parameterCount == layers.reduce(0) { $0 + $1.parameters }, "parameters by two ways")
    var configuration = TrainingConfiguration()
    configuration.batchSize = 2
    let need = MemoryNeed(
      training: plan, configuration, images: 2, evaluated: [], keeping: [], cores: 1)
    try Self.memory.check(need, for: "net.json")
    let blocks = plan.blocks.reduce(0) { $0 + $1.range.count }
    try Violation.require(blocks <= plan.storedParameterCount, "blocks beyond the parameters")

    let operations = layers.reduce(0) { $0 + Double($1.operations) + Double($1.output.count) }
    if plan.loss != nil, operations <= Self.mostOperations, need.resident <= Self.mostBytes {
      step(plan, input: input, configuration: configuration)
    }
    return plan
  }

  private func step(
    _ plan: NetworkPlan, input: FeatureShape, configuration: TrainingConfiguration
  ) {
    let shape = ImageShape(channels: input.channels, height: input.height, width: input.width)
    let images = ImageSet(
      shape: shape, pixels: (0..<2 * shape.pixelCount).map { UInt8(truncatingIfNeeded: $0 * 7) },
      labels: [0, 0])
    let kernels = KernelDispatch.best
    let store = SampleStore(
      images, normalization: Normalization(.unit, for: images, kernels: kernels),
      map: plan.input.values, kernels: kernels)
    let parameters = ParameterMemory(plan)
    plan.initialize(parameters, Initialization(), seed: 1)
    // A network whose numbers overflow is refused, which is an answer too.
    _ = try? Trainer(
      plan: plan, parameters: parameters, store: store, configuration: configuration
    ).runEpoch(1)
  }
}
