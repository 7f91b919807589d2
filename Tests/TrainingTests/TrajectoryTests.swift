import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTraining
import Foundation
import Optimizers
import Testing

/// Twenty steps from PyTorch's weights give PyTorch's losses and running statistics. `Tests/Fixtures` holds the weights, the
/// losses, and the script and versions that made them.
@Suite struct TrajectoryTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let architecture: String
    let optimizer: String
    let learningRate: Double
    let momentum: Double
    let loss: String
    let l2: Double
    let batch: Int
    let steps: Int
    let labelSmoothing: Double?
    let classWeights: [Double]?
    let biasRateFactor: Double?
    /// The places of frozen layers.
    let frozen: [Int]?
    let averageDecay: Double?
    let lookaheadSteps: Int?
    let lookaheadRate: Double?
    let losses: [Double]
    /// At the end, by the tensor's name.
    let statistics: [String: [Double]]
    /// The first numbers of each averaged tensor.
    let averages: [String: [Double]]?

    var testDescription: String {
      "\(architecture), \(optimizer), \(loss), L2 \(l2), batches of \(batch)"
        + (labelSmoothing.map { ", smoothing \($0)" } ?? "")
        + (classWeights == nil ? "" : ", class weights")
        + (frozen.map { ", frozen \($0)" } ?? "")
        + (averageDecay.map { ", average of decay \($0)" } ?? "")
        + (lookaheadSteps.map { ", look-ahead of \($0) steps" } ?? "")
        + (biasRateFactor.map { ", biases at \($0) times the rate" } ?? "")
    }

    var averaging: WeightAveraging {
      if let averageDecay { return .exponential(decay: averageDecay) }
      guard let lookaheadSteps, let lookaheadRate else { return .none }
      return .lookahead(steps: lookaheadSteps, rate: lookaheadRate)
    }

    var rule: any Optimizer {
      get throws {
        switch optimizer {
        case "sgd":
          try StochasticGradientDescent(
            learningRate: learningRate, l2: l2)
        case "momentum":
          try Momentum(
            learningRate: learningRate, momentum: momentum, l2: l2)
        case "rmsprop":
          try RMSProp(
            learningRate: learningRate, l2: l2)
        case "adam":
          try Adam(
            learningRate: learningRate, l2: l2)
        default: throw UnknownOptimizer(name: optimizer)
        }
      }
    }
  }

  struct UnknownOptimizer: Error { let name: String }

  private static let tests = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let fixtures = tests.appending(path: "Fixtures")

  private static func cases() throws -> [Case] {
    try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: fixtures.appending(path: "trajectories.json")))
  }

  private static let mnist = Result {
    try Dataset.load(
      .training, from: tests.deletingLastPathComponent().appending(path: "data/mnist").path)
  }

  /// By the kernels' instruction set.
  private static let normalizations = Result {
    let images = try mnist.get()
    return try Dictionary(
      uniqueKeysWithValues: KernelDispatch.available.map {
        let kernels = try #require(KernelDispatch.kernels(for: $0))
        return ($0, Normalization(.standard, for: images, kernels: kernels))
      })
  }

  /// Against PyTorch in double precision, PyTorch's own Float losses are off by up to 4.4e-7;
  /// leaving L2 out moves them by 9.6e-6 at least.
  private static let tolerance = 3e-6

  @Test(arguments: try cases(), KernelDispatch.available)
  func followsPyTorch(_ fixture: Case, instructionSet: InstructionSet) throws {
    let images = try Self.mnist.get()
    let file = Self.fixtures.appending(path: fixture.architecture)
    let kernels = try #require(KernelDispatch.kernels(for: instructionSet))
    let plan = try NetworkPlan(
      Self.architecture(of: fixture, file), input: images.featureShape,
      loss: #require(LossFunction(rawValue: fixture.loss)) as LossFunction,
      kernels: kernels)
    let parameters = ParameterMemory(plan)
    let weights = file.appendingPathExtension("safetensors").path
    try WeightTensors(tensors: SafetensorsFile(contentsOf: weights).tensors)
      .load(into: parameters, of: plan, path: weights)
    let store = SampleStore(
      images, normalization: try #require(try Self.normalizations.get()[instructionSet]),
      map: plan.input.values, kernels: kernels)
    let trainer = Trainer(
      plan: plan, parameters: parameters, store: store,
      configuration: TrainingConfiguration(
        batchSize: fixture.batch, threads: 2, optimizer: try fixture.rule,
        biasRateFactor: fixture.biasRateFactor ?? 1, averaging: fixture.averaging,
        shuffle: .off, labelSmoothing: fixture.labelSmoothing ?? 0,
        classWeights: fixture.classWeights.map(ClassWeights.listed)))

    let losses = try trainer.runEpoch(1, stepLimit: fixture.steps).stepLosses
    #expect(losses.count == fixture.losses.count)
    for (step, (found, expected)) in zip(losses, fixture.losses).enumerated() {
      #expect(abs(Double(found) / expected - 1) < Self.tolerance, "step \(step + 1)")
    }
    let names = plan.tensors.map(\.name).filter { $0.contains("running") }
    #expect(names.sorted() == fixture.statistics.keys.sorted())
    expect(WeightTensors(plan, parameters), fixture.statistics, steps: fixture.steps)
    let averaged = WeightTensors(plan, trainer.judgedParameters)
    expect(averaged, fixture.averages ?? [:], steps: fixture.steps)
    #expect(fixture.averages.map { $0.count == plan.averagedTensors.count } ?? true)
  }

  private static func architecture(of fixture: Case, _ file: URL) throws -> Network {
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: file.appendingPathExtension("json")))
    var layers = try #require((json as? [String: [[String: Any]]])?["layers"])
    for place in fixture.frozen ?? [] { layers[place]["trainable"] = false }
    return try Network(
      json: JSONSerialization.data(withJSONObject: ["layers": layers]), source: "fixture")
  }

  /// - Parameter expected: the first numbers of some tensors.
  private func expect(_ weights: WeightTensors, _ expected: [String: [Double]], steps: Int) {
    for tensor in weights.tensors {
      if tensor.name.hasSuffix("num_batches_tracked") { #expect(tensor.values == [Float(steps)]) }
      guard let expected = expected[tensor.name] else { continue }
      let largest = expected.reduce(0) { max($0, abs($1)) }
      for (found, expected) in zip(tensor.values, expected) {
        #expect(abs(Double(found) - expected) < 10 * Self.tolerance * largest, "\(tensor.name)")
      }
    }
  }
}
