import CommandLineOptions
import Training

/// Puts the options of a run that is taken up again together: those of its checkpoint, and what the
/// command line may change.
enum ResumedOptions {
  /// - Parameter path: the checkpoint's, for errors.
  /// - Throws: `UsageError` that names the option which contradicts the checkpoint.
  static func options(
    _ given: ParsedOptions, of checkpoint: Checkpoint, path: String
  ) throws -> ParsedOptions {
    let settings = checkpoint.state.settings
    let known = Set(given.command.options.map(\.name))
    if let other = settings.keys.sorted().first(where: { !known.contains($0) || $0 == "resume" }) {
      throw ModelFileError.metadata(
        path: path, key: "checkpoint", expected: "options of convoy train", found: "'\(other)'")
    }
    let fixed = given.texts.filter {
      !CheckpointOptions.changeable.contains($0.key) && $0.key != "resume"
    }
    for (name, text) in fixed.sorted(by: { $0.key < $1.key }) {
      let saved = settings[name]
      guard saved.map({ means(text, $0) }) != true else { continue }
      throw UsageError.invalidValue(
        option: "--\(name)", expected: "\(saved.map { "'\($0)'" } ?? "none"), as in \(path)",
        found: text, suggestion: nil)
    }
    return given.completed(by: settings)
  }

  /// Whether two texts of an option are the same value, as 1e-3 and 0.001 are.
  private static func means(_ text: String, _ other: String) -> Bool {
    if text == other { return true }
    if let number = UInt64(text), let other = UInt64(other) { return number == other }
    if let number = Double(text), let other = Double(other) { return number == other }
    return false
  }
}
