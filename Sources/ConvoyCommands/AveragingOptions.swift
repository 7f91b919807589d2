import ConvoyCommandLineOptions
import ConvoyTraining

/// The options that average the weights over the steps. An option that the chosen average does not
/// use is an error, because the user expects it to have an effect.
enum AveragingOptions {
  enum Method: String, CaseIterable { case none, ema, lookahead }

  static let descriptions: [OptionDescription] = [
    .choice(
      "average-weights", of: Method.self,
      help: "Judge and save the network by an average of its weights and running estimates: ema "
        + "decays exponentially; with lookahead, the weights go on from the average whenever it moves.",
      default: Method.none),
    .value(
      "average-decay", "factor", help: "What a step leaves of the average (ema).", default: "0.999"),
    .value(
      "lookahead-steps", "count", help: "Steps between two moves of the average (lookahead).",
      default: "5"),
    .value(
      "lookahead-rate", "factor",
      help: "How far the average moves towards the weights (lookahead).", default: "0.5"),
  ]

  static func averaging(_ options: ParsedOptions) throws(UsageError) -> WeightAveraging {
    let method = try options.choice("average-weights", of: Method.self) ?? .none
    try check("average-decay", options, is: method, for: .ema)
    try check("lookahead-steps", options, is: method, for: .lookahead)
    try check("lookahead-rate", options, is: method, for: .lookahead)
    switch method {
    case .none: return .none
    case .ema: return .exponential(decay: try options.number("average-decay", in: 0..<1) ?? 0.999)
    case .lookahead:
      return .lookahead(
        steps: try options.integer("lookahead-steps", in: 1...1_000_000) ?? 5,
        rate: try options.number("lookahead-rate", above: 0, atMost: 1) ?? 0.5)
    }
  }

  private static func check(
    _ option: String, _ options: ParsedOptions, is method: Method, for user: Method
  ) throws(UsageError) {
    guard options.isGiven(option), method != user else { return }
    throw .invalidCombination(
      "--\(option): expected --average-weights \(user.rawValue), found \(method.rawValue)")
  }
}
