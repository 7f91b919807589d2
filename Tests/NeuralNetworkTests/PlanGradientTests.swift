import KernelDispatch
import KernelInterface
import KeyedRandom
import NeuralNetwork
import Reference
import Testing

/// The plan's losses and gradients are those of the plain reference, for architectures that nobody
/// would build, in every instruction set of this machine.
@Suite struct PlanGradientTests {
  @Test(arguments: (0..<60).map(RandomArchitecture.init(number:)))
  func agreesWithTheReference(_ network: RandomArchitecture) throws {
    try check(network.architecture, input: network.input, loss: network.loss)
  }

  /// The compiler of plans leaves flatten out before a dense layer; here it cannot.
  @Test func flattensWhereAVectorIsSeenAsAWhole() throws {
    let convolution = Layer.convolution(filters: 3, kernelSize: 3, stride: 2, padding: 1)
    let input = FeatureShape(channels: 2, height: 3, width: 5)
    for layers: [Layer] in [
      [convolution, .flatten], [convolution, .flatten, .softmax, .dense(units: 4)],
      [convolution, .relu, .flatten, .tanh, .softmax, .tanh], [.flatten, .sigmoid],
    ] {
      try check(Architecture(layers), input: input, loss: .crossEntropy)
    }
  }

  /// 3 × 3 convolutions of many channels one after another, with pooling beside some: what deep networks
  /// are made of, on maps that tiles of four do not fit. Smooth activations: a kink could fall between a
  /// sum and its rounding.
  @Test(arguments: 0..<3, [8, 10, 11, 14])
  func agreesOnStacksOfConvolutions(padding: Int, size: Int) throws {
    func convolution(_ filters: Int) -> Layer {
      .convolution(filters: filters, kernelSize: 3, stride: 1, padding: padding)
    }
    let layers: [Layer] = [
      convolution(12), .tanh, convolution(20), .sigmoid, convolution(9), .tanh,
      .maxPooling(kernelSize: 2, stride: 2), convolution(24), .tanh, .flatten, .dense(units: 5),
    ]
    let input = FeatureShape(channels: 3, height: size + 4, width: size + 5)
    try check(Architecture(layers), input: input, loss: .crossEntropy)
  }

  @Test func gradientsReachEveryInputOfAGappedConvolution() throws {
    // A stride beyond the kernel leaves inputs that no output reads: their gradient is zero.
    let layers: [Layer] = [
      .convolution(filters: 4, kernelSize: 3, stride: 1, padding: 1), .tanh,
      .convolution(filters: 5, kernelSize: 2, stride: 3, padding: 2), .flatten, .dense(units: 3),
    ]
    try check(
      Architecture(layers), input: FeatureShape(channels: 1, height: 11, width: 8),
      loss: .crossEntropy)
  }

  /// Such a stride's square overflowed where the gains of lists are weighed.
  @Test(arguments: [40, 1 << 31])
  func aStridePastTheMapsEndStepsNowhere(stride: Int) throws {
    let convolution = Layer.convolution(filters: 4, kernelSize: 3, stride: 1, padding: 1)
    for layer: Layer in [
      .maxPooling(kernelSize: 2, stride: stride), .averagePooling(kernelSize: 2, stride: stride),
      .convolution(filters: 3, kernelSize: 2, stride: stride, padding: 1),
    ] {
      for before in [[convolution, convolution, .tanh], [.tanh]] as [[Layer]] {
        try check(
          Architecture(before + [layer, .flatten, .dense(units: 3)]),
          input: FeatureShape(channels: 2, height: 6, width: 5), loss: .crossEntropy)
      }
    }
  }

  /// The loss's own softmax is not applied twice, whatever stands behind it that does nothing.
  @Test func aFinalSoftmaxIsTheLosssOwn() throws {
    let input = FeatureShape(channels: 1, height: 2, width: 3)
    func loss(_ layers: [Layer]) throws -> [Double] {
      let plan = try NetworkPlan(
        Architecture(layers), input: input, loss: .crossEntropy, kernels: KernelDispatch.best)
      let run = PlanRun(plan: plan, parameters: ParameterMemory(plan))
      plan.initialize(run.parameters, Initialization(), seed: 1)
      return run.run(images: [[1, 2, 3, -1, 0, 2]], labels: [2], shardSize: 1).losses
    }
    let layers: [Layer] = [.flatten, .dense(units: 4)]
    #expect(try loss(layers) == loss(layers + [.softmax]))
    #expect(try loss(layers) == loss(layers + [.identity, .softmax, .identity, .identity]))
    #expect(try loss(layers) != loss(layers + [.softmax, .tanh]))
  }

  private func check(_ architecture: Architecture, input: FeatureShape, loss: LossFunction) throws {
    let sampleCount = 3
    let random = KeyedRandom(seed: 3, purpose: .initialization)
    let images = (0..<sampleCount).map { sample in
      (0..<input.count).map { Double(Float(random.normal(sample * 10_000 + $0))) }
    }
    let classes = try architecture.outputShape(for: input).count
    let labels = (0..<sampleCount).map { ($0 * 7 + 1) % classes }

    var expected: Expectation?
    for instructionSet in KernelDispatch.available {
      let kernels = try #require(KernelDispatch.kernels(for: instructionSet))
      let plan = try NetworkPlan(architecture, input: input, loss: loss, kernels: kernels)
      let run = PlanRun(plan: plan, parameters: ParameterMemory(plan))
      let parameters = Self.parameters(of: plan)
      for (tensor, values) in zip(plan.tensors, parameters) {
        tensor.write(values, to: run.parameters)
      }
      plan.refresh(run.parameters)
      let truth =
        try expected
        ?? Expectation(
          architecture, input: input, loss: loss, parameters: parameters, images: images,
          labels: labels)
      expected = truth
      let result = run.run(images: images, labels: labels, shardSize: 2)
      truth.compare(result, tensors: plan.tensors, "\(instructionSet)")
    }
  }

  /// Weights of the size that training begins with, and biases too.
  private static func parameters(of plan: NetworkPlan) -> [[Float]] {
    plan.tensors.enumerated().map { index, tensor in
      let random = KeyedRandom(seed: 8, purpose: .initialization, index)
      let scale =
        if case .weight(let fanIn, _) = tensor.kind { (1 / Double(fanIn)).squareRoot() } else {
          0.3
        }
      return (0..<tensor.count).map { Float(random.normal($0) * scale) }
    }
  }
}
