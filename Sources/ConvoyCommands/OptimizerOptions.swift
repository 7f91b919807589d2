import ConvoyCommandLineOptions
import ConvoyTraining
import Optimizers

/// The options of the optimizer and of gradient clipping. An option that the chosen optimizer does
/// not use is an error, because the user expects it to have an effect.
struct OptimizerOptions {
  static let descriptions: [OptionDescription] = [
    .choice(
      "optimizer", of: OptimizerSettings.Name.self, help: "The update rule.",
      default: .adam),
    .value(
      "learning-rate", "rate", help: "Learning rate.", default: usualRates, aliases: ["--lr"]),
    .value(
      "momentum", "factor", help: "Momentum factor (momentum, nesterov, rmsprop, muon).",
      default: "0.9; none for rmsprop; 0.95 for muon"),
    .value(
      "beta1", "factor",
      help:
        "Decay of the first moment (adam, adamw, lamb, muon's vectors); its share in a step (lion).",
      default: "0.9"),
    .value(
      "beta2", "factor",
      help:
        "Decay of the second moment (adam, adamw, lamb, muon's vectors), or of the only one (lion).",
      default: "0.999; 0.99 for lion"),
    .value(
      "epsilon", "number",
      help: "Added to the denominator (rmsprop, adam, adamw, lamb, muon's vectors).",
      default: "1e-8; 1e-6 for lamb"),
    .value(
      "vector-rate", "rate",
      help:
        "Learning rate of vectors and of the last layer, which AdamW updates (muon); a schedule "
        + "changes both rates in proportion.", default: "0.001"),
    .value(
      "l2", "factor", help: "L2 regularisation: factor × weight is added to a weight's gradient.",
      default: "0"),
    .value(
      "weight-decay", "factor",
      help:
        "Decoupled decay (adamw, lion, muon): weights shrink by rate × factor before a step; of "
        + "lamb, a part of its direction.",
      default: "0.01", aliases: ["--wd"]),
    .value(
      "bias-rate-factor", "factor",
      help: "Multiply the learning rate of biases by this, and of shifts of a normalization.",
      default: "1"),
    .value(
      "clip-norm", "limit", help: "Scale gradients down to at most this norm."),
  ]

  /// The default learning rate of each optimizer.
  private static var usualRates: String {
    OptimizerSettings.Name.allCases
      .map { "\($0.rawValue) \(OptimizerSettings(name: $0).learningRate)" }
      .joined(separator: ", ")
  }

  private let options: ParsedOptions
  private let name: OptimizerSettings.Name

  init(_ options: ParsedOptions) throws(UsageError) {
    self.options = options
    name = try options.choice("optimizer", of: OptimizerSettings.Name.self) ?? .adam
  }

  func settings() throws(UsageError) -> OptimizerSettings {
    var settings = OptimizerSettings(name: name)
    settings.learningRate =
      try options.number("learning-rate", above: 0, atMost: 1_000) ?? settings.learningRate
    settings.momentum = try factor("momentum", for: [.momentum, .nesterov, .rmsprop, .muon])
    settings.beta1 =
      try factor("beta1", for: [.adam, .adamw, .lion, .lamb, .muon]) ?? settings.beta1
    settings.beta2 =
      try factor("beta2", for: [.adam, .adamw, .lion, .lamb, .muon]) ?? settings.beta2
    try check("epsilon", for: [.rmsprop, .adam, .adamw, .lamb, .muon])
    settings.epsilon = try options.number("epsilon", above: 0, atMost: 1) ?? settings.epsilon
    try check("vector-rate", for: [.muon])
    settings.vectorRate =
      try options.number("vector-rate", above: 0, atMost: 1_000) ?? settings.vectorRate
    try check("weight-decay", for: OptimizerSettings.Name.allCases.filter(\.decouplesDecay))
    settings.weightDecay = try options.number("weight-decay", in: 0...1_000) ?? settings.weightDecay
    try check("l2", for: OptimizerSettings.Name.allCases.filter { !$0.decouplesDecay })
    settings.l2 = try options.number("l2", in: 0...1_000) ?? settings.l2
    do throws(HyperparameterError) {
      _ = try settings.optimizer()
    } catch {
      throw .invalidCombination("--optimizer \(name.rawValue): \(error)")
    }
    return settings
  }

  func biasRateFactor() throws(UsageError) -> Double? {
    try options.number("bias-rate-factor", in: 0...1_000)
  }

  func clipNorm() throws(UsageError) -> Double? {
    guard let limit = try options.number("clip-norm", above: 0, atMost: 1e30) else { return nil }
    do throws(HyperparameterError) {
      _ = try GradientClipping.norm(limit)
    } catch {
      throw .invalidCombination("--clip-norm: \(error)")
    }
    return limit
  }

  private func factor(
    _ option: String, for names: [OptimizerSettings.Name]
  ) throws(UsageError) -> Double? {
    try check(option, for: names)
    return try options.number(option, in: 0..<1)
  }

  private func check(_ option: String, for names: [OptimizerSettings.Name]) throws(UsageError) {
    guard options.isGiven(option), !names.contains(name) else { return }
    let takers = names.map(\.rawValue).joined(separator: ", ")
    let advice =
      option == "weight-decay" ? "; --l2 is the decay of \(name.rawValue), as in PyTorch" : ""
    throw .invalidCombination(
      "--\(option): expected an optimizer that has it (\(takers)), found \(name.rawValue)\(advice)")
  }
}
