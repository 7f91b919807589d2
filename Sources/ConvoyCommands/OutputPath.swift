import ConvoyCommandLineOptions
import ConvoyDatasets
import ConvoyFileAccess
import ConvoyPictures
import Foundation

/// Paths that a run writes to, checked before it begins.
enum OutputPath {
  /// Checks that a path does not lead to a file that the run uses otherwise, under any name: one of
  /// `others`, a file of the data set, or a file that a standard stream is redirected to.
  ///
  /// Nor may it be a picture, which somebody may have no other copy of.
  ///
  /// - Parameters:
  ///   - data: the directory or file of the data set, if the run reads one. Only files that are read count,
  ///     present or not.
  ///   - writesPicture: whether a picture takes the place of an earlier one.
  /// - Throws: `UsageError` if it does.
  static func check(
    _ option: String, _ path: String?, isNoneOf others: [String], norIn data: String?,
    writesPicture: Bool = false
  ) throws(UsageError) {
    guard let path else { return }
    if !writesPicture, let start = try? FileContents.start(of: path, count: 16),
      let kind = PictureKind(firstBytes: start)
    {
      throw .invalidValue(
        option: "--\(option)", expected: "a file that may be replaced, not a picture",
        found: "\(path) (\(kind.rawValue))", suggestion: nil)
    }
    let canonical = CanonicalPath(path)
    guard
      others.map(CanonicalPath.init).contains(canonical)
        || data.map({ isData(canonical, in: $0) }) ?? false
        || StandardStream.output.writes(to: path) || StandardStream.error.writes(to: path)
    else { return }
    throw .invalidValue(
      option: "--\(option)", expected: "a file that the run does not use otherwise", found: path,
      suggestion: nil)
  }

  private static func isData(_ path: CanonicalPath, in data: String) -> Bool {
    if Dataset.isPicture(path.name), path.isInside(CanonicalPath(data)) { return true }
    var isDirectory: ObjCBool = false
    if CanonicalPath(data) == path,
      unsafe FileManager.default.fileExists(atPath: data, isDirectory: &isDirectory)
    {
      return !isDirectory.boolValue
    }
    return Dataset.directories(of: data).contains { directory in
      if Dataset.isFileName(path.name), CanonicalPath(directory) == path.directory { return true }
      // A missing directory is reported when the data set is read.
      let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
      return names.contains {
        Dataset.isFileName($0) && CanonicalPath("\(directory)/\($0)") == path
      }
    }
  }
}
