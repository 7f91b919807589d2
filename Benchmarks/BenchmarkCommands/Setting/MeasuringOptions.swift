import ConvoyCommandLineOptions

/// The options that all measurements share.
struct MeasuringOptions {
  static func descriptions(seconds: Double, warmUp: Double) -> [OptionDescription] {
    [
      .value("rounds", "count", help: "Times that everything is measured, in turn.", default: "5"),
      .value("seconds", "seconds", help: "Length of one measurement.", default: "\(seconds)"),
      .value(
        "warm-up", "seconds", help: "Run, and not counted, before the first.",
        default: "\(warmUp)"),
      .flag("json", help: "Print JSON, and the table to standard error."),
    ]
  }

  let rounds: Int
  let seconds: Double
  let warmUp: Double
  let printsJSON: Bool

  /// - Parameters:
  ///   - seconds, warmUp: the defaults.
  init(_ options: ParsedOptions, seconds: Double, warmUp: Double) throws(UsageError) {
    rounds = try options.integer("rounds", in: 1...1_000) ?? 5
    self.seconds = try options.number("seconds", above: 0, atMost: 3_600) ?? seconds
    self.warmUp = try options.number("warm-up", above: 0, atMost: 3_600) ?? warmUp
    printsJSON = options.flag("json")
  }
}
