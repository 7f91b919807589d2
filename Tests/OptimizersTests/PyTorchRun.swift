import Optimizers
import Testing

/// A run of PyTorch's, as `trajectories.json` has it.
struct PyTorchRun: Decodable, Sendable, CustomTestStringConvertible {
  let optimizer: Settings
  let seed: UInt32
  /// After the steps that the file lists as checkpoints.
  let parameters: [[Float]]
  let state: [String: [Float]]

  var testDescription: String { "\(optimizer), seed \(seed)" }

  struct Settings: Decodable, Sendable {
    let rule: String
    let learningRate: Double
    var momentum: Double?
    var nesterov: Bool?
    var decay: Double?
    var centred: Bool?
    var beta1: Double?
    var beta2: Double?
    var epsilon: Double?
    var l2: Double?
    var weightDecay: Double?
    var clipValue: Double?
    var clipNorm: Double?
    var oneCyclePeak: Double?
    var grouped: Bool?
    var rows: Int?
  }

  struct File: Decodable {
    let checkpoints: [Int]
    let runs: [PyTorchRun]
  }

  static let file = Result { try Fixture.read("trajectories") as File }
}

extension PyTorchRun.Settings: CustomStringConvertible {
  /// The settings that are given.
  var description: String {
    Mirror(reflecting: self).children.compactMap { child in
      let value = "\(child.value)"
      guard let name = child.label, value != "nil" else { return nil }
      return "\(name) \(value.replacing("Optional(", with: "").replacing(")", with: ""))"
    }.joined(separator: ", ")
  }

  struct Unknown: Error { let setting: String }

  private func required(_ value: Double?, _ name: String) throws -> Double {
    guard let value else { throw Unknown(setting: name) }
    return value
  }

  func make() throws -> any Optimizer {
    switch rule {
    case "sgd": try StochasticGradientDescent(learningRate: learningRate, l2: l2 ?? 0)
    case "momentum":
      try Momentum(
        learningRate: learningRate, momentum: required(momentum, "momentum"),
        nesterov: nesterov ?? false, l2: l2 ?? 0)
    case "rmsprop":
      try RMSProp(
        learningRate: learningRate, decay: required(decay, "decay"),
        epsilon: required(epsilon, "epsilon"), centred: centred ?? false,
        momentum: momentum ?? 0, l2: l2 ?? 0)
    case "adam":
      try Adam(
        learningRate: learningRate, beta1: required(beta1, "beta1"),
        beta2: required(beta2, "beta2"), epsilon: required(epsilon, "epsilon"), l2: l2 ?? 0)
    case "adamw":
      try AdamW(
        learningRate: learningRate, beta1: required(beta1, "beta1"),
        beta2: required(beta2, "beta2"), epsilon: required(epsilon, "epsilon"),
        weightDecay: required(weightDecay, "weightDecay"))
    case "lion":
      try Lion(
        learningRate: learningRate, beta1: required(beta1, "beta1"),
        beta2: required(beta2, "beta2"), weightDecay: required(weightDecay, "weightDecay"))
    case "lamb":
      try Lamb(
        learningRate: learningRate, beta1: required(beta1, "beta1"),
        beta2: required(beta2, "beta2"), epsilon: required(epsilon, "epsilon"),
        weightDecay: required(weightDecay, "weightDecay"))
    case "muon":
      try Muon(
        learningRate: learningRate, momentum: required(momentum, "momentum"),
        weightDecay: required(weightDecay, "weightDecay"),
        vectorRule: AdamW(
          learningRate: 2 * learningRate, beta1: 0.8, beta2: 0.99, epsilon: 0.01, weightDecay: 0.25)
      )
    default: throw Unknown(setting: rule)
    }
  }

  func clipping() throws -> GradientClipping {
    if let clipValue { return try .value(clipValue) }
    if let clipNorm { return try .norm(clipNorm) }
    return .none
  }

  func schedule(steps: Int) throws -> LearningRateSchedule {
    guard let oneCyclePeak else { return try .constant(learningRate) }
    return try .oneCycle(peak: oneCyclePeak, over: steps)
  }

  func groups() throws -> [ParameterGroup]? {
    guard grouped == true else { return nil }
    return [
      rows.map { .weights(0..<8, rows: $0, columns: 8 / $0) } ?? .weights(0..<8),
      try ParameterGroup(8..<SmallProblem.count, rateFactor: 0.5, isDecayed: false),
    ]
  }
}
