import CommandLineOptions
import FileAccess
import Foundation

/// Paths that a run writes to, checked before it begins.
enum OutputPath {
  /// What a run reads when it reads a data set.
  static func files(ofData directory: String) -> [String] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return entries.map { "\(directory)/\($0)" }
  }

  /// Checks that an option does not name a file that the run uses otherwise, by whatever path.
  static func check(
    _ option: String, _ path: String?, isNoneOf others: [String]
  ) throws(UsageError) {
    guard let path, others.map(CanonicalPath.of).contains(CanonicalPath.of(path)) else { return }
    throw .invalidValue(
      option: "--\(option)", expected: "a file that the run does not use otherwise", found: path,
      suggestion: nil)
  }
}
