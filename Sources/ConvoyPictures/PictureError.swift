import ConvoyFileAccess
import ConvoyProcessLimits

/// Why a picture could not be read. Files are given by their paths.
package enum PictureError: Error, Equatable, Sendable {
  /// An error of the operating system.
  case unreadable(FileError)
  /// The picture would not fit in memory.
  case memory(MemoryError)
  /// `found` are the first bytes.
  case unknownKind(file: String, found: [UInt8])
  case unsupportedKind(file: String, kind: PictureKind)
  /// A rare variant of a format; `feature` completes "a PNG picture with".
  case unsupportedFeature(file: String, kind: PictureKind, feature: String)
  case truncated(file: String, kind: PictureKind, expected: Int, found: Int)
  case damaged(file: String, kind: PictureKind, offset: Int, expected: String, found: String)
  case tooLarge(file: String, size: PictureSize)
  /// The header announces more pixels than the file's bytes can hold.
  case impossibleSize(file: String, size: PictureSize, expected: Int, found: Int)
  /// libturbojpeg is not installed.
  case missingLibrary(file: String)
  /// Damaged, as libturbojpeg says; warnings count.
  case damagedJPEG(file: String, message: String)
}

extension PictureError {
  /// Whether the file itself is at fault, on every machine and at any time.
  package var isOfContents: Bool {
    switch self {
    case .unreadable, .memory, .missingLibrary: false
    default: true
    }
  }

  /// Of the file.
  package var path: String {
    switch self {
    case .unreadable(let error): error.path
    case .memory(let error): error.subject
    case .unknownKind(let file, _), .unsupportedKind(let file, _),
      .unsupportedFeature(let file, _, _), .truncated(let file, _, _, _),
      .damaged(let file, _, _, _, _), .tooLarge(let file, _), .impossibleSize(let file, _, _, _),
      .missingLibrary(let file), .damagedJPEG(let file, _):
      file
    }
  }
}

extension PictureError: CustomStringConvertible {
  /// One line: where, what was expected, what was found.
  package var description: String {
    switch self {
    case .unreadable(let error): error.description
    case .memory(let error): error.description
    case .unknownKind(let file, let found):
      "\(file): expected a PNG, JPEG, PPM or BMP picture, found "
        + (found.isEmpty ? "an empty file" : "a file that begins with \(Self.hexadecimal(found))")
    case .unsupportedKind(let file, let kind):
      "\(file): expected a PNG, JPEG, PPM or BMP picture, found a \(kind) picture, which Convoy "
        + "does not read: convert it to PNG or JPEG"
    case .unsupportedFeature(let file, let kind, let feature):
      "\(file): expected a common \(kind) picture, found one with \(feature), which Convoy does "
        + "not read"
    case .truncated(let file, let kind, let expected, let found):
      "\(file): truncated \(kind) picture: expected at least \(expected) bytes, found the end "
        + "after \(found)"
    case .damaged(let file, let kind, let offset, let expected, let found):
      "\(file): damaged \(kind) picture at byte \(offset): expected \(expected), found \(found)"
    case .tooLarge(let file, let size):
      "\(file): expected a picture of at most \(PictureSize.mostPixels) pixels, and sides of at "
        + "most \(PictureSize.longestSide), found \(size)"
    case .impossibleSize(let file, let size, let expected, let found):
      "\(file): truncated or damaged: expected at least \(expected) bytes for the \(size) pixels "
        + "of its header, found \(found)"
    case .missingLibrary(let file):
      "\(file): expected libturbojpeg, to read a JPEG picture, found none: install it with "
        + Self.installation
    case .damagedJPEG(let file, let message):
      "\(file): expected a sound JPEG picture, found an error: \(message)"
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
      .joined(separator: " ")
  }

  #if canImport(Darwin)
    private static let installation = "brew install jpeg-turbo"
  #else
    private static let installation = "apt-get install libturbojpeg0"
  #endif
}
