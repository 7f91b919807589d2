import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyKeyedRandom
import ConvoyNeuralNetwork
import ConvoyReference
import Synchronization
import Testing

/// The plan's losses and gradients are those of the plain reference, for architectures that nobody
/// would build, in every instruction set of this machine; and no kernel leaves its place in memory.
@Suite struct PlanGradientTests {
  @Test(arguments: RandomArchitecture.all)
  func agreesWithTheReference(_ network: RandomArchitecture) throws {
    let isChecked = try compare(
      network.architecture, input: network.input, loss: network.loss)
    guard !isChecked else { return }
    let unchecked = Self.unchecked.withLock { unchecked in
      unchecked += 1
      return unchecked
    }
    #expect(unchecked <= RandomArchitecture.all.count / 8, "too few networks are compared")
  }

  private static let unchecked = Mutex(0)

  /// A residual connection of each kind: identity, projection, pooled paths of different borders, and one
  /// inside another; behind it what reads the sum in two ways.
  @Test func addsResidualConnections() throws {
    func convolution(_ filters: Int, _ kernelSize: Int, stride: Int = 1) -> Convolution {
      Convolution(
        filters: filters, kernelSize: kernelSize, stride: stride, padding: kernelSize / 2)
    }
    let layers: [any Layer] = [
      convolution(16, 3), Tanh(),
      Residual([convolution(16, 3), Tanh(), convolution(16, 5)]), Tanh(),
      Residual(
        [convolution(24, 3, stride: 2), Sigmoid(), Residual([convolution(24, 3)])],
        shortcut: [convolution(24, 1, stride: 2)]),
      Residual([MaxPooling(2)], shortcut: [AveragePooling(2)]),
      Residual([Dropout(rate: 0.5)]), Flatten(),
      Residual([Dense(24 * 2 * 3), Tanh()]), Dense(4),
    ]
    for loss in LossFunction.allCases {
      try check(
        Network(layers), input: FeatureShape(channels: 3, height: 9, width: 11), loss: loss)
    }
  }

  /// Branches of all kinds side by side: the input itself twice, a branch of a few channels, sums and
  /// concatenations inside; behind it what reads the result in two ways, and vectors joined.
  @Test func concatenatesBranches() throws {
    func convolution(_ filters: Int, _ kernelSize: Int = 3) -> Convolution {
      Convolution(filters: filters, kernelSize: kernelSize, padding: kernelSize / 2)
    }
    let layers: [any Layer] = [
      Concatenation([[convolution(3), Tanh()], []]), convolution(16), Tanh(),
      Concatenation([
        [], [convolution(5), BatchNormalization(), Tanh()], [],
        [Residual([convolution(16)])],
        [
          Concatenation([[convolution(8, 1)], [AveragePooling(1)]]), Dropout(rate: 0.5),
        ],
      ]), Sigmoid(), Residual([convolution(16 * 4 + 5 + 8)]), MaxPooling(2),
      Concatenation([[GlobalAveragePooling()], [convolution(2, 1), Flatten()], [Flatten()]]),
      Tanh(), Concatenation([[Dense(3)], []]), Dense(4),
    ]
    for loss in LossFunction.allCases {
      try check(
        Network(layers), input: FeatureShape(channels: 3, height: 7, width: 9), loss: loss)
    }
  }

  /// Normalised as networks are: behind convolutions with and without pooling, inside a residual connection,
  /// behind a dense layer, before two layers that read it again; over the whole batch, and in ghosts that do not fit it.
  @Test(arguments: [nil, 2])
  func normalizesBatches(samples: Int?) throws {
    func convolution(_ filters: Int, stride: Int = 1) -> Convolution {
      Convolution(filters: filters, kernelSize: 3, stride: stride, padding: 1, bias: false)
    }
    let normalization = BatchNormalization(samples: samples)
    let layers: [any Layer] = [
      convolution(24), normalization, ReLU(),
      Concatenation([[convolution(8)], [Convolution(filters: 8, kernelSize: 1)]]),
      normalization, Tanh(), convolution(16), MaxPooling(2), normalization, SiLU(),
      Residual([
        convolution(16), normalization, Tanh(), convolution(16),
        BatchNormalization(hasScale: false),
      ]),
      AveragePooling(2), Flatten(), Dense(12),
      BatchNormalization(epsilon: 0.1, hasShift: false, samples: samples), Sigmoid(),
      Dense(4),
    ]
    try check(
      Network(layers), input: FeatureShape(channels: 3, height: 9, width: 11),
      loss: .crossEntropy)
  }

  /// Max pooling that nothing rectifies: Winograd's algorithm makes the gradients behind it, from maps
  /// that the windows cover wholly or in part.
  @Test func poolsWithoutRectifying() throws {
    func convolution(_ filters: Int) -> Convolution {
      Convolution(filters: filters, kernelSize: 3, padding: 1)
    }
    let layers: [any Layer] = [
      convolution(48), Tanh(), convolution(64), MaxPooling(2), BatchNormalization(), SiLU(),
      convolution(48), MaxPooling(1, stride: 2), Tanh(), Flatten(), Dense(4),
    ]
    try check(
      Network(layers), input: FeatureShape(channels: 3, height: 16, width: 16),
      loss: .crossEntropy)
  }

  /// Groups of one channel to all of them, of few channels and of more than a cache line; on the network's
  /// input, behind convolutions with and without pooling, inside a residual connection, and of vectors.
  @Test(arguments: [(1, 3), (3, 2), (5, 1)])
  func normalizesGroups(groups: Int, inputGroups: Int) throws {
    func convolution(_ filters: Int, stride: Int = 1) -> Convolution {
      Convolution(filters: filters, kernelSize: 3, stride: stride, padding: 1, bias: false)
    }
    func normalization(_ groups: Int) -> GroupNormalization {
      GroupNormalization(groups: groups, epsilon: 0.01)
    }
    let layers: [any Layer] = [
      normalization(inputGroups), convolution(30), normalization(groups), Tanh(), convolution(15),
      MaxPooling(2), normalization(15), SiLU(),
      Residual([
        convolution(15), normalization(groups), Sigmoid(), convolution(15),
        GroupNormalization(groups: groups, hasScale: false),
      ]),
      AveragePooling(2),
      GroupNormalization(groups: 3, hasScale: false, hasShift: false),
      Flatten(), GroupNormalization(groups: 3, epsilon: 0.1, hasShift: false), Dense(30),
      normalization(groups), Sigmoid(), Dense(4),
    ]
    try check(
      Network(layers), input: FeatureShape(channels: 6, height: 9, width: 11),
      loss: .crossEntropy)
  }

  /// The compiler of plans leaves flatten out before a dense layer; here it cannot.
  @Test func flattensWhereAVectorIsSeenAsAWhole() throws {
    let convolution = Convolution(filters: 3, kernelSize: 3, stride: 2, padding: 1)
    let input = FeatureShape(channels: 2, height: 3, width: 5)
    for layers: [any Layer] in [
      [convolution, Flatten()], [convolution, Flatten(), Softmax(), Dense(4)],
      [convolution, ReLU(), Flatten(), Tanh(), Softmax(), Tanh()], [Flatten(), Sigmoid()],
    ] {
      try check(Network(layers), input: input, loss: .crossEntropy)
    }
  }

  /// Winners of a pooling beside a convolution are kept as places of its input, in floats: exact up to
  /// 2²⁴. This window's last places are odd numbers beyond.
  @Test func winnersOfVeryLargeWindowsAreExact() throws {
    let (channels, size) = (31, 737)
    let plan = try NetworkPlan(
      Network([
        Convolution(filters: 2, kernelSize: 1, stride: 1, padding: 0),
        MaxPooling(size, stride: size), Flatten(),
      ]), input: FeatureShape(channels: channels, height: size, width: size), loss: .crossEntropy,
      kernels: KernelDispatch.best)
    let run = PlanRun(plan: plan)
    plan.tensors[0].write(
      Array(repeating: 1, count: channels) + Array(repeating: 0, count: channels),
      to: run.parameters)
    plan.refresh(run.parameters)
    let (batch, worker) = (
      BatchMemory(plan, samples: 1, slots: 1), WorkerMemory(plan, samples: 1)
    )
    let gradients = ParameterMemory(plan)
    [0].withUnsafeBufferPointer { numbers in
      let pass = SamplePass(
        parameters: run.parameters, batch: batch, worker: worker, samples: 0..<1,
        slot: GradientSlot(0),
        training: numbers.baseAddress.map {
          SamplePass.TrainingKey(seed: 0, epoch: 1, sampleNumbers: $0)
        })
      let map = plan.input.values
      for channel in 0..<channels {
        let index = (channel * size + size - 1) * size + size - 2
        pass.values(plan.input, 0)[map.offset(of: index)] = Float(channel + 1) / 1024
      }
      for case .passes(let times) in plan.phases {
        plan.run(times, pass) {
          _ = plan.evaluateLoss(pass, sample: 0, label: 1, scale: 1)
        }
      }
    }
    for block in plan.blocks {
      plan.gradient(
        of: block, batch: batch, samples: 1, slots: 1,
        into: gradients.values.pointer + block.range.lowerBound)
    }
    extendLifetime(batch)
    // The gradient of the first filter is the winning pixel, times that of its output.
    let filter = plan.tensors[0].read(from: gradients)[..<channels]
    let unit = filter[0]
    #expect(unit > 0)
    #expect(filter.enumerated().allSatisfy { abs($1 / unit - Float($0 + 1)) < 1e-4 })
  }

  /// The loss's own softmax is not applied twice, whatever stands behind it that does nothing.
  @Test func aFinalSoftmaxIsTheLosssOwn() throws {
    let input = FeatureShape(channels: 1, height: 2, width: 3)
    func loss(_ layers: [any Layer]) throws -> [Double] {
      let plan = try NetworkPlan(
        Network(layers), input: input, loss: .crossEntropy, kernels: KernelDispatch.best)
      let run = PlanRun(plan: plan)
      plan.initialize(run.parameters, Initialization(), seed: 1)
      return run.run(images: [[1, 2, 3, -1, 0, 2]], labels: [2], groupSize: 1).losses
    }
    let layers: [any Layer] = [Flatten(), Dense(4)]
    #expect(try loss(layers) == loss(layers + [Softmax()]))
    #expect(try loss(layers) == loss(layers + [Identity(), Softmax(), Identity(), Identity()]))
    #expect(try loss(layers) != loss(layers + [Softmax(), Tanh()]))
  }

  func check(
    _ architecture: Network, input: FeatureShape, loss: LossFunction, samples: Int = 3,
    groupSize: Int = 2
  ) throws {
    #expect(
      try compare(
        architecture, input: input, loss: loss, samples: samples, groupSize: groupSize))
  }

  /// - Returns: false if rounding may decide something on every image that was drawn, or leads too far:
  ///   then there is nothing to compare with.
  private func compare(
    _ architecture: Network, input: FeatureShape, loss: LossFunction, samples: Int = 3,
    groupSize: Int = 2
  ) throws -> Bool {
    let classes = try architecture.outputShape(for: input).count
    let labels = (0..<samples).map { ($0 * 7 + 1) % classes }
    var truth: (images: [[Double]], expectation: Expectation)?
    for instructionSet in KernelDispatch.available {
      let kernels = try #require(KernelDispatch.kernels(for: instructionSet))
      let plan = try NetworkPlan(
        architecture, input: input, loss: loss, kernels: kernels, guardBand: 64)
      let run = PlanRun(plan: plan)
      let parameters = plan.startingValues
      for (tensor, values) in zip(plan.parameterTensors, parameters) {
        tensor.write(values, to: run.parameters)
      }
      plan.refresh(run.parameters)
      if truth == nil {
        guard
          let images = try Self.images(
            for: architecture, input: input, loss: loss, parameters: parameters, labels: labels)
        else { return false }
        truth = (
          images,
          try Expectation(
            architecture, input: input, loss: loss, parameters: parameters, images: images,
            labels: labels)
        )
      }
      guard let truth else { continue }
      let result = run.run(images: truth.images, labels: labels, groupSize: groupSize)
      let isCompared = truth.expectation.compare(
        result, layers: architecture.layers.count, tensors: plan.learnedTensors,
        "\(instructionSet)")
      guard isCompared else { return false }
    }
    return true
  }

  /// An image for each label, on which no decision of the network is so close that rounding turns it; nil
  /// where none are found.
  private static func images(
    for architecture: Network, input: FeatureShape, loss: LossFunction,
    parameters: [[Float]], labels: [Int]
  ) throws -> [[Double]]? {
    let random = KeyedRandom(seed: 3, purpose: .initialization)
    let shape = ReferenceShape(
      channels: input.channels, height: input.height, width: input.width)
    let network = try architecture.reference(
      input: input, loss: loss, parameters: parameters, samples: labels.count, as: Double.self)
    let drawn = (0..<40).lazy.map { draw in
      labels.indices.map { sample in
        let numbers = random.keyed(by: draw * labels.count + sample)
        return (0..<input.count).map { Double(Float(numbers.normal($0))) }
      }
    }
    return drawn.first { images in
      network.decidesClearly(
        images.map { ReferenceTensor(shape: shape, values: $0) }, labels: labels)
    }
  }
}
