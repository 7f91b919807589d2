import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTestSupport
import ConvoyTraining
import Optimizers
import Testing

/// Optimizers that look at whole tensors do in a network what they do in flat arrays.
@Suite struct TensorUpdateTests {
  /// Several panels and blocks, added channels, more rows than columns and fewer.
  private static let architecture = Network([
    Convolution(filters: 20, kernelSize: 3, padding: 1), BatchNormalization(), Tanh(),
    Convolution(filters: 5, kernelSize: 3, stride: 2, padding: 1), Sigmoid(), Flatten(),
    Dense(37, bias: false), Tanh(), Dense(4),
  ])
  private static let matrices = ["0.weight", "3.weight", "6.weight"]

  /// Every epoch is a step along the gradient of the same images.
  private func run(_ saved: SavedRun, _ optimizer: any Optimizer) throws -> TrainingSetup {
    try saved.run(optimizer, architecture: Self.architecture) {
      $0.batchSize = 107
      $0.shuffle = .off
    }
  }

  /// At the weights of a run: the velocity of momentum after its first step.
  private func gradient(_ saved: SavedRun, at weights: WeightTensors) throws -> [Float] {
    let run = try run(saved, Momentum())
    run.load(weights)
    let progress = run.trainer.begin(1)
    try run.trainer.train(progress)
    try saved.save(run, progress)
    let tensors = try SafetensorsFile(contentsOf: saved.path).tensors
    return try run.plan.learnedTensors.flatMap { learned in
      try #require(tensors.first { $0.name == "optimizer.momentum_buffer.\(learned.name)" }).values
    }
  }

  private func learned(_ run: TrainingSetup) -> [Float] {
    run.plan.learnedTensors.flatMap { $0.read(from: run.parameters) }
  }

  /// - Returns: after each step, the parameters of the network, and those of flat arrays.
  private func steps(
    _ optimizer: any Optimizer
  ) throws -> [(network: [Float], arrays: [Float], before: [Float])] {
    let saved = try SavedRun()
    let run = try run(saved, optimizer)
    var end = 0
    let groups = run.plan.learnedTensors.map { tensor -> ParameterGroup in
      let range = end..<end + tensor.count
      end = range.upperBound
      if Self.matrices.contains(tensor.name) {
        return .weights(range, rows: tensor.shape[0], columns: tensor.count / tensor.shape[0])
      }
      return tensor.shape.count > 1 ? .weights(range) : .biases(range)
    }
    var state = OptimizerState(for: optimizer, parameterCount: end)
    return try (1...3).map { epoch in
      let before = learned(run)
      var arrays = before
      optimizer.update(
        &arrays, along: try gradient(saved, at: run.weights), state: &state, groups: groups)
      _ = try run.trainer.runEpoch(epoch)
      return (learned(run), arrays, before)
    }
  }

  /// Every operation is the same, in the same order.
  @Test func muonTakesFiltersAndUnitsAsRows() throws {
    let muon = try Muon(
      learningRate: 0.05, weightDecay: 0.1, vectorRule: AdamW(learningRate: 0.01, weightDecay: 0.2))
    for (number, step) in try steps(muon).enumerated() {
      #expect(step.network == step.arrays, "step \(number + 1)")
      #expect(step.network != step.before)
    }
  }

  /// Its sums run in other orders: the ratio of norms may differ by a rounding, and with it each step.
  @Test func lambTakesTensorsAsAWhole() throws {
    let lamb = try Lamb(learningRate: 0.05, weightDecay: 0.1)
    for (number, step) in try steps(lamb).enumerated() {
      for index in step.network.indices {
        let way = abs(Double(step.arrays[index]) - Double(step.before[index]))
        let difference = abs(Double(step.network[index]) - Double(step.arrays[index]))
        let rounding = 0x1p-24 * (abs(Double(step.arrays[index])) + 4 * way)
        #expect(difference <= rounding, "step \(number + 1), parameter \(index)")
      }
      #expect(step.network != step.before)
    }
  }

  static let optimizers: [any Optimizer] = [Lamb(), Muon()]

  /// Several matrices that take as long, so that threads work on them at the same time.
  @Test(arguments: optimizers.indices, [50, 64])
  func anyNumberOfThreadsAndCoresGivesTheSameBits(optimizer: Int, batchSize: Int) throws {
    let dense: [any Layer] = [Dense(96), Tanh()]
    let layers: [any Layer] =
      [Convolution(filters: 20, kernelSize: 3), BatchNormalization(), ReLU(), Flatten()]
      + dense + dense + dense + dense + [Dense(4)]
    func weights(threads: Int, cores: Int) throws -> WeightTensors {
      let run = try TestRun(
        layers, on: syntheticImages(count: 177),
        configuration: TrainingConfiguration(
          batchSize: batchSize, threads: threads, optimizer: Self.optimizers[optimizer],
          clipping: .norm(0.5)), cores: cores)
      for epoch in 1...2 { _ = try run.trainer.runEpoch(epoch) }
      return run.weights
    }
    let one = try weights(threads: 1, cores: 1)
    for (threads, cores) in [(2, 2), (8, 64)] {
      #expect(try weights(threads: threads, cores: cores) == one)
    }
  }

  /// The scale of a step reaches the moments.
  @Test(arguments: optimizers.indices) func gradientsAreClipped(optimizer: Int) throws {
    func run(_ clipping: GradientClipping) throws -> String {
      try MixedRun(threads: 1, optimizer: Self.optimizers[optimizer], clipping: clipping)
        .fingerprint
    }
    #expect(try run(.norm(1e-3)) != run(.none))
  }
}
