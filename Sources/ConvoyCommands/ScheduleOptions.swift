import ConvoyCommandLineOptions
import ConvoyTraining

/// The options of the learning-rate schedule, which is made once the length of the run is known.
enum ScheduleOptions {
  static let descriptions: [OptionDescription] = [
    .choice(
      "schedule", of: ScheduleSettings.Name.self,
      help: "How the learning rate goes on: step divides it by 10 after each third of the run, "
        + "exponential brings it to a hundredth, cosine to zero, and one-cycle up from a 25th and "
        + "down to next to nothing.",
      default: .constant),
    .value(
      "warmup-epochs", "count", help: "Epochs through which the rate grows to its full size.",
      default: "0"),
  ]

  static func settings(_ options: ParsedOptions) throws(UsageError) -> ScheduleSettings {
    ScheduleSettings(
      name: try options.choice("schedule", of: ScheduleSettings.Name.self) ?? .constant,
      warmUpEpochs: try options.number("warmup-epochs", in: 0...1_000_000) ?? 0)
  }

  /// The options that recreate a schedule.
  static func texts(of settings: ScheduleSettings) -> [String: String] {
    ["schedule": settings.name.rawValue, "warmup-epochs": "\(settings.warmUpEpochs)"]
  }
}
