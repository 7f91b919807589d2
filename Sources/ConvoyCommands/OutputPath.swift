import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFileAccess
import Foundation

/// Paths that a run writes to, checked before it begins.
enum OutputPath {
  /// Checks that an option does not name a file that the run uses otherwise, by whatever path: one of
  /// `others`, a file of the data set, or a file that a standard stream is redirected into.
  ///
  /// - Parameter data: the directory of the data set. Of the files in it only those count that are
  ///   read, or would be once they are there.
  static func check(
    _ option: String, _ path: String?, isNoneOf others: [String], norIn data: String
  ) throws(UsageError) {
    guard let path else { return }
    let canonical = CanonicalPath(path)
    guard
      others.map(CanonicalPath.init).contains(canonical) || isData(canonical, in: data)
        || StandardStream.output.writes(to: path) || StandardStream.error.writes(to: path)
    else { return }
    throw .invalidValue(
      option: "--\(option)", expected: "a file that the run does not use otherwise", found: path,
      suggestion: nil)
  }

  private static func isData(_ path: CanonicalPath, in data: String) -> Bool {
    Dataset.directories(of: data).contains { directory in
      if Dataset.isFileName(path.name), CanonicalPath(directory) == path.directory { return true }
      // A directory that is not there is reported as the data set is read.
      let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
      return names.contains {
        Dataset.isFileName($0) && CanonicalPath("\(directory)/\($0)") == path
      }
    }
  }
}
