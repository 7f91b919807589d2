import CommandLineOptions
import Optimizers

/// The options that make an optimizer, and bound what it is given. One that the optimizer at hand has no use for is an error:
/// whoever gives it expects an effect.
struct OptimizerOptions {
  static let descriptions: [OptionDescription] = [
    .choice(
      "optimizer", of: OptimizerName.self, help: "How parameters follow their gradients.",
      default: .adam),
    .value("learning-rate", "rate", help: "Size of a step.", default: usualRates),
    .value(
      "momentum", "factor", help: "Of momentum, nesterov and rmsprop.",
      default: "0.9; none for rmsprop"),
    .value("beta1", "factor", help: "Of adam and adamw.", default: "0.9"),
    .value("beta2", "factor", help: "Of adam and adamw.", default: "0.999"),
    .value("epsilon", "number", help: "Of rmsprop, adam and adamw.", default: "1e-8"),
    .value(
      "l2", "factor", help: "L2 regularisation: factor × weight is added to a weight's gradient.",
      default: "0"),
    .value(
      "weight-decay", "factor",
      help: "Decoupled decay of adamw: weights shrink by rate × factor before a step.",
      default: "0.01"),
    .value(
      "clip-norm", "limit", help: "The largest norm of a step's gradients; larger ones shrink."),
  ]

  /// Each optimizer's own rate.
  private static var usualRates: String {
    OptimizerName.allCases.map { "\($0.rawValue) \(usual($0).learningRate)" }
      .joined(separator: ", ")
  }

  private static func usual(_ name: OptimizerName) -> any Optimizer {
    switch name {
    case .sgd: StochasticGradientDescent()
    case .momentum, .nesterov: Momentum()
    case .rmsprop: RMSProp()
    case .adam: Adam()
    case .adamw: AdamW()
    }
  }

  private let options: ParsedOptions
  private let name: OptimizerName

  init(_ options: ParsedOptions) throws(UsageError) {
    self.options = options
    name = try options.choice("optimizer", of: OptimizerName.self) ?? .adam
  }

  func settings() throws(UsageError) -> OptimizerSettings {
    let rate =
      try options.number("learning-rate", above: 0, atMost: 1_000)
      ?? Self.usual(name).learningRate
    let momentum = try factor("momentum", for: [.momentum, .nesterov, .rmsprop])
    let beta1 = try factor("beta1", for: [.adam, .adamw]) ?? 0.9
    let beta2 = try factor("beta2", for: [.adam, .adamw]) ?? 0.999
    try check("epsilon", for: [.rmsprop, .adam, .adamw])
    let epsilon = try options.number("epsilon", above: 0, atMost: 1) ?? 1e-8
    try check("weight-decay", for: [.adamw])
    let decay = try options.number("weight-decay", in: 0...1_000) ?? 0.01
    try check("l2", for: OptimizerName.allCases.filter { $0 != .adamw })
    let l2 = try options.number("l2", in: 0...1_000) ?? 0
    return OptimizerSettings(
      name: name, learningRate: rate, momentum: momentum, beta1: beta1, beta2: beta2,
      epsilon: epsilon, l2: l2, weightDecay: decay)
  }

  func optimizer() throws(UsageError) -> any Optimizer {
    let settings = try settings()
    do throws(HyperparameterError) {
      return try settings.optimizer()
    } catch {
      throw .invalidCombination("--optimizer \(name.rawValue): \(error)")
    }
  }

  func clipping() throws(UsageError) -> GradientClipping {
    guard let limit = try options.number("clip-norm", above: 0, atMost: 1e30) else { return .none }
    do throws(HyperparameterError) {
      return try .norm(limit)
    } catch {
      throw .invalidCombination("--clip-norm: \(error)")
    }
  }

  private func factor(
    _ option: String, for names: [OptimizerName]
  ) throws(UsageError) -> Double? {
    try check(option, for: names)
    return try options.number(option, in: 0..<1)
  }

  private func check(_ option: String, for names: [OptimizerName]) throws(UsageError) {
    guard options.isGiven(option), !names.contains(name) else { return }
    let takers = names.map(\.rawValue).joined(separator: ", ")
    throw .invalidCombination(
      "--\(option): expected an optimizer that has it (\(takers)), found \(name.rawValue)")
  }
}
