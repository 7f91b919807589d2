import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyKeyedRandom
import ConvoyNeuralNetwork
import Testing

/// Where a buffer lies, and who sums a group, changes no bit: buffers that share places or do not, weight
/// gradients made on the way backward, or apart with passes of one sample or of more than a group. Several
/// passes run in the same memory, so that each finds what the one before has left.
@Suite struct PlanLayoutTests {
  @Test(arguments: RandomArchitecture.all)
  func layoutChangesNoBit(_ network: RandomArchitecture) throws {
    try compareLayouts(
      network.architecture, input: network.input, loss: network.loss, seed: network.number)
  }

  /// Several panels of filters in each kind of gradient: Winograd's, lists, and direct; beside each other in
  /// a residual connection.
  @Test(arguments: LossFunction.allCases)
  func layoutChangesNoBitOfManyFilters(loss: LossFunction) throws {
    func convolution(_ filters: Int, _ kernelSize: Int = 3, stride: Int = 1) -> Convolution {
      Convolution(
        filters: filters, kernelSize: kernelSize, stride: stride, padding: kernelSize / 2)
    }
    let layers: [any Layer] = [
      convolution(40, 5), ReLU(), MaxPooling(2),
      Residual(
        [convolution(40), ReLU(), convolution(56, stride: 2)],
        shortcut: [convolution(56), MaxPooling(1, stride: 2)]),
      ReLU(), convolution(24, 1), Flatten(), Dense(20), Tanh(), Dense(4),
    ]
    try compareLayouts(
      Network(layers), input: FeatureShape(channels: 3, height: 14, width: 14), loss: loss,
      seed: 0)
  }

  /// Blocks that grow leave free what narrower ones need later.
  @Test func layoutChangesNoBitOfNormalizedBlocks() throws {
    func normalized(_ filters: Int, _ kernelSize: Int = 3, stride: Int = 1) -> [any Layer] {
      [
        Convolution(
          filters: filters, kernelSize: kernelSize, stride: stride, padding: kernelSize / 2,
          bias: false), BatchNormalization(),
      ]
    }
    var layers = normalized(16) + [ReLU()]
    for (filters, stride) in [(16, 1), (32, 2), (64, 2)] {
      layers += [
        Residual(
          normalized(filters, stride: stride) + [ReLU()] + normalized(filters),
          shortcut: stride == 1 ? [] : normalized(filters, 1, stride: stride)), ReLU(),
      ]
    }
    try compareLayouts(
      Network(layers + [GlobalAveragePooling(), Dense(4)]),
      input: FeatureShape(channels: 3, height: 16, width: 16), loss: .crossEntropy, seed: 1)
  }

  /// Few groups of channels and many, inside a residual connection and of vectors.
  @Test(arguments: [1, 3, 5])
  func layoutChangesNoBitOfNormalizedGroups(groups: Int) throws {
    func convolution(_ filters: Int) -> Convolution {
      Convolution(filters: filters, kernelSize: 3, stride: 1, padding: 1, bias: false)
    }
    let normalization = GroupNormalization(groups: groups, epsilon: 0.01)
    let layers: [any Layer] = [
      convolution(30), normalization, Tanh(), convolution(15), MaxPooling(2), normalization, SiLU(),
      Residual([convolution(15), normalization, Sigmoid(), convolution(15)]), AveragePooling(2),
      Flatten(), Dense(30), normalization, Sigmoid(), Dense(4),
    ]
    try compareLayouts(
      Network(layers), input: FeatureShape(channels: 6, height: 9, width: 11), loss: .crossEntropy,
      seed: groups)
  }

  private func compareLayouts(
    _ architecture: Network, input: FeatureShape, loss: LossFunction, seed: Int
  ) throws {
    let classes = try architecture.outputShape(for: input).count
    let random = KeyedRandom(seed: 4, purpose: .initialization, seed)
    let images = (0..<5).map { sample in
      let numbers = random.keyed(by: sample)
      return (0..<input.count).map { Double(Float(numbers.normal($0))) }
    }
    for precision in Precision.allCases {
      try compareLayouts(
        architecture, input: input, loss: loss, precision, images: images,
        labels: images.indices.map { $0 % classes })
    }
  }

  private func compareLayouts(
    _ architecture: Network, input: FeatureShape, loss: LossFunction, _ precision: Precision,
    images: [[Double]], labels: [Int]
  ) throws {
    let layouts: [(guardBand: Int, chunkSize: Int?)] = [(0, nil), (0, 1), (64, 3)]
    let results = try layouts.map { guardBand, chunkSize in
      let plan = try NetworkPlan(
        architecture, input: input, loss: loss, kernels: KernelDispatch.best,
        precision: precision, guardBand: guardBand)
      let run = PlanRun(plan: chunkSize == nil ? plan : plan.summingGroupsApart())
      for (tensor, values) in zip(plan.parameterTensors, plan.startingValues) {
        tensor.write(values, to: run.parameters)
      }
      plan.refresh(run.parameters)
      return run.run(images: images, labels: labels, groupSize: 2, chunkSize: chunkSize)
    }
    for result in results { #expect(result.repeatedLosses == result.losses) }
    for result in results.dropFirst() {
      #expect(result.brokenGuard == nil)
      #expect(result.losses == results[0].losses)
      #expect(result.gradients == results[0].gradients)
      #expect(result.storedGradients == results[0].storedGradients)
    }
  }
}
