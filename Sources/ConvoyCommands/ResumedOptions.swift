import ConvoyCommandLineOptions
import ConvoyFileAccess
import ConvoyTraining

/// Combines the options of a resumed run: those of its checkpoint, and those that the command line
/// may change.
enum ResumedOptions {
  /// - Parameter path: the checkpoint's, for errors.
  /// - Throws: `ModelFileError` if the checkpoint's options are invalid; `UsageError` that names an
  ///   option of the command line that contradicts them.
  static func options(
    _ given: ParsedOptions, of checkpoint: Checkpoint, path: String
  ) throws -> ParsedOptions {
    // A program's network and data came from no files.
    let settings = checkpoint.state.settings.options.filter {
      !(["data", "model"].contains($0.key) && $0.value.isEmpty)
    }
    guard settings["data"] != nil || given.isGiven("data") else {
      throw UsageError.invalidCombination(
        "--resume: expected --data <path> beside it, since a program trained the run of \(path) on data of "
          + "its own, found none")
    }
    try check(settings, of: given, path: path)
    let free = settings["data"] == nil ? ofData : []
    let fixed = given.texts.filter {
      !CheckpointOptions.changeable.contains($0.key) && !compared.contains($0.key)
        && !free.contains($0.key)
    }
    for (name, text) in fixed.sorted(by: { $0.key < $1.key }) {
      let saved = settings[name]
      guard saved.map({ means(text, $0, of: name) }) != true else { continue }
      if name == "epochs" {
        try checkEpochs(text, given, of: checkpoint.state, path: path)
        continue
      }
      // A flag has no text.
      if text.isEmpty {
        throw UsageError.invalidCombination(
          "--\(name): expected a run with it, found one without it in \(path)")
      }
      throw UsageError.invalidValue(
        option: "--\(name)", expected: "\(saved.map { "'\($0)'" } ?? "none"), as in \(path)",
        found: text, suggestion: nil)
    }
    return given.completed(by: settings)
  }

  /// Options that are not compared as texts: those that are no settings, and the network, whose layers
  /// are compared once the data is known.
  private static let compared: Set<String> = [
    "resume", "model", "options", "print-options", "quiet", "seeds",
  ]

  /// Options that say which images of some data are a program's; the checksum of the images decides.
  private static let ofData: Set<String> = ["skip-unreadable", "test-fraction"]

  /// Checks that the checkpoint is within a run of so many epochs, or at its end.
  private static func checkEpochs(
    _ text: String, _ given: ParsedOptions, of state: Checkpoint.State, path: String
  ) throws(UsageError) {
    let schedule = state.settings.schedule
    guard !schedule.dependsOnLength else {
      let reason =
        schedule.name == .constant ? "the warm-up" : "the \(schedule.name.rawValue) schedule"
      throw .invalidValue(
        option: "--epochs",
        expected: "'\(state.settings.epochs)', as in \(path), since \(reason) depends on it",
        found: text, suggestion: nil)
    }
    let begun = state.sums.steps > 0 ? state.epoch : state.epoch - 1
    if let epochs = try given.integer("epochs", atLeast: 1), epochs < begun {
      throw .invalidValue(
        option: "--epochs", expected: "at least \(begun), which the run of \(path) has begun",
        found: text, suggestion: nil)
    }
  }

  /// Checks the checkpoint's options by themselves, so that the command line is not blamed for
  /// them.
  private static func check(
    _ settings: [String: String], of given: ParsedOptions, path: String
  ) throws(ModelFileError) {
    func refusal(_ found: String) -> ModelFileError {
      .metadata(
        path: path, key: "checkpoint", expected: "options of convoy train",
        found: String(found.prefix(500)))
    }
    do throws(UsageError) {
      _ = try TrainOptions(given.replaced(by: settings.merging(["resume": path]) { $1 }))
    } catch {
      throw refusal("\(error)")
    }
  }

  /// Whether two texts mean the same value of an option, such as 1e-3 and 0.001, or 0:1,1:0 and
  /// 0:1.0,1:0.
  private static func means(_ text: String, _ other: String, of name: String) -> Bool {
    if TrainingSettings.paths.contains(name) { return CanonicalPath(text) == CanonicalPath(other) }
    if text == other { return true }
    if let number = UInt64(text), let other = UInt64(other) { return number == other }
    if let number = Double(text), let other = Double(other) { return number == other }
    guard let separator = [",", ":"].first(where: { text.contains($0) }) else { return false }
    let parts = [text, other].map {
      $0.split(separator: separator, omittingEmptySubsequences: false)
    }
    return parts[0].count == parts[1].count
      && zip(parts[0], parts[1]).allSatisfy { means(String($0), String($1), of: name) }
  }
}
