import ConvoyPictures

/// How pictures from files of any size become images of one shape.
package struct PictureOptions: Sendable, Equatable, Codable {
  /// Height and width; nil if all pictures have the same.
  package var size: ImageSize?
  /// Nil for grey if all pictures are grey, else for red, green and blue.
  package var color: PictureColor?
  package var fit = PictureFit.stretch
  /// Whether pictures that cannot be read are left out.
  package var skipsUnreadable = false

  package init() {}
}

package enum PictureColor: String, Sendable, CaseIterable, Codable {
  case rgb
  case gray

  var channels: Int { self == .rgb ? 3 : 1 }
}

/// The height and width of an image.
package struct ImageSize: Sendable, Hashable, Codable, CustomStringConvertible {
  package let height: Int
  package let width: Int

  /// The largest height and width that pictures are resized to.
  package static let largestSide = 4096

  /// Nil unless both are from 1 to `largestSide`.
  package init?(height: Int, width: Int) {
    guard (1...Self.largestSide).contains(height), (1...Self.largestSide).contains(width) else {
      return nil
    }
    self.height = height
    self.width = width
  }

  /// Reads `32`, for a square, or `24x32`: rows, then columns.
  package init?(_ text: String) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard text.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "x" }), let height = sides[0],
      sides.count <= 2, let width = sides[sides.count - 1]
    else { return nil }
    self.init(height: height, width: width)
  }

  package var description: String { height == width ? "\(height)" : "\(height)x\(width)" }
}

/// The images that pictures become.
package struct PictureFormat: Sendable, Equatable {
  package let shape: ImageShape
  package let fit: PictureFit
  /// Whether dark and light are exchanged.
  package let inverts: Bool

  package init(shape: ImageShape, fit: PictureFit, inverts: Bool = false) {
    self.shape = shape
    self.fit = fit
    self.inverts = inverts
  }

  /// As a trained network needs them.
  ///
  /// - Throws: `DatasetError.takesNoPictures` if its images are no pictures.
  init(for input: TrainedInput, inverts: Bool = false) throws(DatasetError) {
    let shape = input.shape
    guard shape.channels == 1 || shape.channels == 3,
      max(shape.height, shape.width) <= Self.longestSide
    else { throw .takesNoPictures(shape) }
    self.init(shape: shape, fit: input.fit ?? .stretch, inverts: inverts)
  }

  static let longestSide = Picture.longestResizedSide

  /// The most bytes that a set's pixels may have.
  static let byteLimit = 1 << 40
}

/// Follows the reading of pictures.
package protocol PictureObserver: Sendable {
  /// Wraps the reading of `total` files; `done` is how many are read, and may be called at any time.
  func duringReading(
    _ what: String, total: Int, done: @escaping @Sendable () -> Int, _ body: () -> Void)

  /// Pictures that were left out, in the order of their paths.
  func skipped(_ errors: [PictureError])

  /// A picture of more than 8 bits per channel, of which 8 are kept: the first that was found.
  func keepsEightBits(of path: String, bits: Int)

  /// A cache that is used as it is or, for a reason, made anew.
  func uses(cache: String, anewAs reason: String?)

  /// Asked while pictures are read or a file is written whether to stop; the file is then left as it was.
  /// Once true, it stays true: what was not read is then not looked at.
  var isStopped: Bool { get }
}

extension PictureObserver {
  package func keepsEightBits(of path: String, bits: Int) {}
  package func uses(cache: String, anewAs reason: String?) {}
  package var isStopped: Bool { false }
}

/// Observes nothing.
package struct NoPictureObserver: PictureObserver {
  package init() {}

  package func duringReading(
    _ what: String, total: Int, done: @escaping @Sendable () -> Int, _ body: () -> Void
  ) { body() }

  package func skipped(_ errors: [PictureError]) {}
}
