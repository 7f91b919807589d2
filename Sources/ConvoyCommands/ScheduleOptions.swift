import ConvoyCommandLineOptions
import ConvoyTraining

/// The options of the learning-rate schedule, which is made once the length of the run is known.
enum ScheduleOptions {
  static let descriptions: [OptionDescription] = [
    .choice(
      "schedule", of: ScheduleSettings.Name.self,
      help: "Learning-rate schedule: step divides by 10 after each third of the run, exponential "
        + "falls to 1/100, cosine to 0; one-cycle rises from 1/25 and falls to almost 0.",
      default: .constant),
    .value(
      "warmup-epochs", "count", help: "Epochs of linear warm-up.",
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
