import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import ConvoyReference
import Testing

/// Evaluation with folded normalisations gives what the normalisations give.
@Suite struct FoldedNetworkTests {
  /// Normalisations in every place: those that fold behind convolutions, poolings and dense layers, in
  /// branches too; and those that cannot.
  private static let layers: [any Layer] = [
    BatchNormalization(epsilon: 0.25),
    Convolution(filters: 5, kernelSize: 3, padding: 1, bias: false),
    BatchNormalization(epsilon: 0.25), ReLU(),
    Residual([
      Convolution(filters: 5, kernelSize: 1), BatchNormalization(epsilon: 0.25, hasScale: false),
      ReLU(), Convolution(filters: 5, kernelSize: 3, padding: 1, groups: 5),
      BatchNormalization(epsilon: 0.25, hasShift: false),
    ]),
    Concatenation([
      [Convolution(filters: 3, kernelSize: 1), BatchNormalization(epsilon: 0.25)],
      [BatchNormalization(epsilon: 0.25)],
    ]),
    Convolution(filters: 8, kernelSize: 3), MaxPooling(2),
    BatchNormalization(epsilon: 0.25, hasScale: false), ReLU(),
    Convolution(filters: 4, kernelSize: 1), MaxPooling(2),
    BatchNormalization(epsilon: 0.25),
    Convolution(filters: 4, kernelSize: 1, bias: false), AveragePooling(1),
    BatchNormalization(epsilon: 0.25),
    Convolution(filters: 4, kernelSize: 1), AveragePooling(2, padding: 1),
    BatchNormalization(epsilon: 0.25),
    GlobalMaxPooling(), Dense(6, bias: false), BatchNormalization(epsilon: 0.25), ReLU(),
    Dense(3),
  ]

  /// All numbers are such that single precision rounds none of them.
  @Test func givesTheSameNumbers() throws {
    let input = FeatureShape(channels: 2, height: 10, width: 11)
    let plan = try NetworkPlan(
      Network(Self.layers), input: input, loss: .meanSquaredError,
      kernels: KernelDispatch.best)
    let folded = try #require(FoldedNetwork(plan))
    let kept = folded.plan.tensors.filter { $0.kind == .mean }.map(\.name)
    #expect(
      kept == ["0", "5.branches.1.0", "12", "18"].map { $0 + ".running_mean" })

    let parameters = ParameterMemory(plan)
    for (number, tensor) in plan.tensors.enumerated() {
      tensor.write(Self.numbers(of: tensor, number), to: parameters)
    }
    plan.refresh(parameters)
    let foldedParameters = ParameterMemory(folded.plan)
    folded.fold(parameters, into: foldedParameters)
    for seed in 0..<3 {
      let image = (0..<input.count).map { Float(($0 * 7 + seed * 5) % 9 - 4) }
      let expected = Self.outputs(plan, parameters, image)
      #expect(Self.outputs(folded.plan, foldedParameters, image) == expected)
      #expect(Set(expected).count == 3)
    }
  }

  /// For one sample at a time, filters that do not fit in a cache are transformed to fewer numbers, or
  /// none. Both ways, and the bias, sum small whole numbers, which rounds nothing.
  @Test(arguments: [(3, 8, 9), (5, 4, 3)])
  func singleSamplesReadFewerNumbers(kernelSize: Int, height: Int, width: Int) throws {
    let layer = Convolution(filters: 100, kernelSize: kernelSize, padding: kernelSize / 2)
    let input = FeatureShape(channels: 96, height: height, width: width)
    let weights = (0..<100 * 96 * kernelSize * kernelSize).map { ($0 * 7 + $0 / 11) % 5 * 4 - 8 }
    let image = (0..<input.count).map { ($0 * 3 + $0 / 7) % 7 - 3 }
    let expected = ReferenceConvolution(
      inputChannels: 96, filters: 100, window: layer.referenceWindow,
      weights: weights.map(Double.init), biases: (0..<100).map(Double.init)
    )
    .forward(
      ReferenceTensor(
        shape: ReferenceShape(channels: 96, height: height, width: width),
        values: image.map(Double.init)))
    for instructionSet in KernelDispatch.available {
      let plan = try NetworkPlan(
        Network([layer, Flatten()]), input: input, loss: .meanSquaredError,
        kernels: try #require(KernelDispatch.kernels(for: instructionSet)))
      let single = FoldedNetwork(plan, for: .singleSamples)
      let many = FoldedNetwork(plan, for: .evaluation)
      #expect(single.plan.parameterMemoryBytes < many.plan.parameterMemoryBytes)
      let parameters = ParameterMemory(plan)
      plan.tensors[0].write(weights.map(Float.init), to: parameters)
      plan.tensors[1].write((0..<100).map(Float.init), to: parameters)
      let derived = ParameterMemory(single.plan)
      single.fold(parameters, into: derived)
      let outputs = Self.outputs(single.plan, derived, image.map(Float.init))
      #expect(outputs.map(Double.init) == expected.values)
    }
  }

  @Test func aNetworkWithoutNormalisationsIsNotFolded() throws {
    let plan = try NetworkPlan(
      Network([Flatten(), BatchNormalization(), Dense(3)]),
      input: FeatureShape(channels: 2, height: 3, width: 3), loss: .crossEntropy,
      kernels: KernelDispatch.best)
    #expect(FoldedNetwork(plan) == nil)
  }

  private static func numbers(of tensor: ParameterTensor, _ number: Int) -> [Float] {
    (0..<tensor.count).map { index in
      let draw = (index * 5 + number * 3) % 7
      return switch tensor.kind {
      // With epsilon, 1, 4 or a quarter: factors of 1, ½ and 2.
      case .variance: [0.75, 3.75, 0][draw % 3]
      case .count: 1
      case .mean: Float(draw - 3) / 2
      case .constant(1): [1, 2, -1, 0.5][draw % 4]
      case .constant, .weight: draw % 2 == 0 ? Float(draw - 3) / 2 : 0
      }
    }
  }

  private static func outputs(
    _ plan: NetworkPlan, _ parameters: ParameterMemory, _ image: [Float]
  ) -> [Float] {
    let batch = BatchMemory(plan, samples: 1, slots: 0)
    let worker = WorkerMemory(plan, samples: 1)
    defer { extendLifetime(batch) }
    let pass = SamplePass(
      parameters: parameters, batch: batch, worker: worker, samples: 0..<1, slot: nil,
      training: nil)
    for (index, value) in image.enumerated() {
      pass.values(plan.input, 0)[plan.input.values.offset(of: index)] = value
    }
    plan.forward(pass)
    return (0..<plan.classes).map {
      pass.values(plan.output, 0)[plan.output.values.start + $0]
    }
  }
}
