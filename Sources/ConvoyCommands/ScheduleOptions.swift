import ConvoyCommandLineOptions
import ConvoyTraining
import Optimizers

/// The options of the learning-rate schedule, which is made once the length of the run is known.
enum ScheduleOptions {
  static let descriptions: [OptionDescription] = [
    .choice(
      "schedule", of: ScheduleSettings.Name.self,
      help: "Learning-rate schedule: step divides by 10 after each third of the run, exponential "
        + "falls to 1/100, cosine to 0; linear goes through --schedule-points; one-cycle rises from "
        + "1/25 and falls to almost 0.",
      default: .constant),
    .value(
      "schedule-points", "share:factor,…",
      help: "Points of the linear schedule, as 0:0.2,0.23:1,1:0.07: shares of the steps after the "
        + "warm-up, in order from 0 to 1, and factors of the learning rate. Twice the same share is a "
        + "jump: 0:1,0.5:1,0.5:0.1,1:0.1."),
    .value(
      "warmup-epochs", "count", help: "Epochs of linear warm-up.",
      default: "0"),
  ]

  static func settings(_ options: ParsedOptions) throws(UsageError) -> ScheduleSettings {
    let name = try options.choice("schedule", of: ScheduleSettings.Name.self) ?? .constant
    return ScheduleSettings(
      name: name, warmUpEpochs: try options.number("warmup-epochs", in: 0...1_000_000) ?? 0,
      points: try points(options, of: name))
  }

  private static func points(
    _ options: ParsedOptions, of name: ScheduleSettings.Name
  ) throws(UsageError) -> [SchedulePoint] {
    guard let parts = try options.list("schedule-points") else {
      guard name != .linear else {
        throw .invalidCombination(
          "--schedule linear: expected --schedule-points <share:factor,…> beside it, found none")
      }
      return []
    }
    guard name == .linear else {
      throw .invalidCombination(
        "--schedule-points: expected --schedule linear, found \(name.rawValue)")
    }
    var points: [SchedulePoint] = []
    for part in parts {
      guard let point = point(part) else {
        throw .invalidValue(
          option: "--schedule-points", expected: "points as 0:0.2, with factors from 0 to 1000",
          found: part, suggestion: nil)
      }
      points.append(point)
    }
    do throws(HyperparameterError) {
      _ = try LearningRateSchedule.linear(rate: 1, through: points, over: 1)
    } catch {
      throw .invalidCombination("--schedule-points: \(error)")
    }
    return points
  }

  /// A point as `0.5:1`.
  private static func point(_ text: String) -> SchedulePoint? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, !text.lowercased().contains("x"), let share = Double(parts[0]),
      let factor = Double(parts[1]), (0...1_000).contains(factor)
    else { return nil }
    return SchedulePoint(at: share, factor: factor)
  }
}
