import ConvoyPictures
import Foundation

/// A folder of pictures: a folder per class with pictures below, or such folders for training,
/// validation and test.
///
///     flowers/daisy/1.jpg            flowers/train/daisy/1.jpg
///     flowers/rose/2.png             flowers/val/rose/2.png
///                                    flowers/test/daisy/3.jpg
///
/// Folders in a class's folder are walked. Files and folders whose names begin with a dot are
/// ignored, and so are files that neither are pictures nor are named like one.
struct PictureFolder {
  /// The parts that a folder may have.
  enum Part: String, CaseIterable {
    case training
    case validation
    case test

    var names: [String] {
      switch self {
      case .training: ["train", "training"]
      case .validation: ["val", "valid", "validation"]
      case .test: ["test", "testing"]
      }
    }
  }

  /// The pictures of one class.
  struct ClassFolder {
    let name: String
    let path: String
    /// In the order of their paths.
    let files: [String]
  }

  let directory: String
  /// By part; without such folders, all classes are for training.
  let classes: [Part: [ClassFolder]]
  /// The folder of each part.
  let paths: [Part: String]

  var hasParts: Bool { paths[.training] != directory }

  /// Nil if the directory has no folders with pictures.
  ///
  /// - Parameter entries: the names in the directory.
  init?(directory: String, entries: [String]) throws(DatasetError) {
    let folders = entries.filter { !$0.hasPrefix(".") && Self.isFolder("\(directory)/\($0)") }
    if folders.isEmpty { return nil }
    self.directory = directory
    let partNames = Part.allCases.flatMap(\.names)
    let isInParts =
      folders.contains { Part.training.names.contains($0) }
      || folders.allSatisfy { partNames.contains($0) }
    var paths: [Part: String] = [:]
    for part in Part.allCases {
      let found = isInParts ? folders.filter { part.names.contains($0) } : []
      guard found.count <= 1 else {
        throw .ambiguous(directory: directory, found: found)
      }
      paths[part] = found.first.map { "\(directory)/\($0)" }
    }
    if !isInParts { paths[.training] = directory }
    self.paths = paths
    var classes: [Part: [ClassFolder]] = [:]
    for (part, path) in paths { classes[part] = try Self.classes(in: path) }
    self.classes = classes
    let files = classes.values.joined().lazy.flatMap(\.files)
    // Pictures need not be named like pictures.
    guard
      files.contains(where: Self.isNamedAsPicture)
        || files.prefix(64).contains(where: { (try? PictureHeader(path: $0)) != nil })
    else { return nil }
  }

  /// The class folders in a folder, in the order of their names.
  private static func classes(in path: String) throws(DatasetError) -> [ClassFolder] {
    let folders = try names(in: path).filter { isFolder("\(path)/\($0)") }
    var classes: [ClassFolder] = []
    for name in folders {
      var files: [String] = []
      try walk("\(path)/\(name)", depth: 0, into: &files)
      classes.append(ClassFolder(name: name, path: "\(path)/\(name)", files: files))
    }
    return classes
  }

  private static let deepest = 32

  private static func walk(
    _ path: String, depth: Int, into files: inout [String]
  ) throws(DatasetError) {
    // A link to a folder above would never end.
    guard depth < deepest else { throw .tooDeep(directory: path, limit: deepest) }
    for name in try names(in: path) {
      let entry = "\(path)/\(name)"
      if isFolder(entry) {
        try walk(entry, depth: depth + 1, into: &files)
      } else {
        files.append(entry)
      }
    }
  }

  /// The names in a folder in the order of their bytes, without hidden ones.
  private static func names(in path: String) throws(DatasetError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
        .filter { !$0.hasPrefix(".") }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw .unreadable(file: path, reason: error.localizedDescription)
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}

extension PictureFolder {
  /// The endings of names that are pictures'. A file of such a name that is no picture is damaged;
  /// any other is not meant.
  static func isNamedAsPicture(_ path: String) -> Bool {
    let ending = path.split(separator: "/").last?.split(separator: ".").last ?? ""
    return [
      "png", "jpg", "jpeg", "ppm", "pgm", "pbm", "pnm", "bmp", "gif", "webp", "tif", "tiff", "heic",
      "avif",
    ].contains(ending.lowercased())
  }
}
