import ConvoyPictures
import Foundation

/// A folder of pictures: a folder per class with pictures below, or such folders for training,
/// validation and test.
///
///     flowers/daisy/1.jpg            flowers/train/daisy/1.jpg
///     flowers/rose/2.png             flowers/val/rose/2.png
///                                    flowers/test/daisy/3.jpg
///
/// The names of parts may have capitals. Folders in a class's folder are walked. Files and folders
/// whose names begin with a dot are ignored, and so are files that are no pictures, unless they are
/// named like one.
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

    func isNamed(_ folder: String) -> Bool { names.contains(folder.lowercased()) }
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

  /// Nil if the directory has no folders with pictures.
  ///
  /// - Parameter entries: the names in the directory.
  init?(directory: String, entries: [String]) throws(DatasetError) {
    let folders = entries.filter { !Self.isHidden($0) && Self.isFolder("\(directory)/\($0)") }
    if folders.isEmpty { return nil }
    self.directory = directory
    var isInParts = folders.allSatisfy { folder in Part.allCases.contains { $0.isNamed(folder) } }
    // A folder `train` with pictures and no folders is a class of trains.
    for folder in folders where Part.training.isNamed(folder) {
      let path = "\(directory)/\(folder)"
      if try Self.names(in: path).contains(where: { Self.isFolder("\(path)/\($0)") }) {
        isInParts = true
      }
    }
    var paths: [Part: String] = [:]
    for part in Part.allCases {
      let found = isInParts ? folders.filter(part.isNamed) : []
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

  /// The files of all parts.
  var files: [String] { Part.allCases.flatMap { classes[$0] ?? [] }.flatMap(\.files) }

  /// The class folders in a folder, in the order of their names.
  private static func classes(in path: String) throws(DatasetError) -> [ClassFolder] {
    let folders = try names(in: path).filter { isFolder("\(path)/\($0)") }
    var classes: [ClassFolder] = []
    for name in folders {
      let folder = "\(path)/\(name)"
      classes.append(ClassFolder(name: name, path: folder, files: try files(in: folder)))
    }
    // Two spellings of one name in Unicode are equal texts.
    var seen: Set<String> = []
    if let twin = classes.first(where: { !seen.insert($0.name).inserted }) {
      throw .equalNames(directory: path, name: twin.name)
    }
    return classes
  }

  /// All files in a folder and the folders below, in the order of their paths.
  static func files(in folder: String) throws(DatasetError) -> [String] {
    var files: [String] = []
    try walk(folder, depth: 0, into: &files)
    return files
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
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path)
        .filter { !isHidden($0) }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw .unreadable(file: path, reason: error.localizedDescription)
    }
    // Bytes that are not UTF-8 come as replacement characters, which lead nowhere.
    var status = stat()
    for name in names where name.unicodeScalars.contains("\u{FFFD}") {
      guard unsafe lstat("\(path)/\(name)", &status) == 0 else {
        throw .unreadable(file: "\(path)/\(name)", reason: "its name is not UTF-8")
      }
    }
    return names
  }

  /// What systems put beside people's files: hidden ones, and folders in macOS's archives and on
  /// Synology's disks.
  static func isHidden(_ name: String) -> Bool {
    name.hasPrefix(".") || name == "__MACOSX" || name == "@eaDir"
  }

  static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}

extension PictureFolder {
  static func hasEnding(_ path: String) -> Bool {
    path.split(separator: "/").last?.dropFirst().contains(".") ?? false
  }

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
