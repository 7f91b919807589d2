import ConvoyFileAccess
import ConvoyPictures
import Foundation

/// A picture, grey or in colour, with 8 bits per channel. To classify it, a model makes it fit its input
/// as pictures were made to fit in training.
public struct Image: Sendable, Equatable {
  let picture: Picture

  init(_ picture: Picture) { self.picture = picture }

  /// Reads a PNG, JPEG, PPM, PGM, PBM or BMP file, whatever its name says. It is turned upright as
  /// its EXIF orientation says; transparent pixels become white.
  ///
  /// - Throws: ``ConvoyError``, which names the file and what is wrong with it. JPEG needs
  ///   libjpeg-turbo on the machine.
  public init(contentsOf path: String) throws {
    picture = try ConvoyError.visibly { try Picture.decode(path: path) }
  }

  /// Decodes the bytes of such a file: an array of them, or `Data`.
  ///
  /// - Throws: ``ConvoyError``, which says what is wrong with them.
  public init(decoding bytes: some Sequence<UInt8>) throws {
    picture = try ConvoyError.visibly { try Picture.decode(Array(bytes), path: "picture") }
  }

  /// A picture from its pixels.
  ///
  /// - Parameters:
  ///   - width: columns of pixels.
  ///   - height: rows of pixels.
  ///   - channels: 1 for grey, 3 for red, green and blue.
  ///   - pixels: height × width × channels, row by row, with the channels of a pixel adjacent.
  /// - Throws: ``DataError`` if the sizes do not agree.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) throws(DataError) {
    guard width > 0, height > 0, channels == 1 || channels == 3 else {
      throw .unsuitable(
        expected: "at least one pixel, in 1 or 3 channels",
        found: "\(channels)×\(height)×\(width)")
    }
    let longest = 1 << 20
    guard width <= longest, height <= longest else {
      throw .unsuitable(expected: "sides of at most \(longest) pixels", found: "\(width)×\(height)")
    }
    let count = width * height * channels
    guard pixels.count == count else {
      throw .count(of: "pixels", expected: count, found: pixels.count)
    }
    picture = Picture(width: width, height: height, channels: channels, bytes: pixels)
  }

  /// Columns of pixels.
  public var width: Int { picture.width }
  /// Rows of pixels.
  public var height: Int { picture.height }
  /// 1 for grey, 3 for red, green and blue.
  public var channels: Int { picture.channels }
  /// Height × width × channels, row by row, with the channels of a pixel adjacent; 0 is black.
  public var pixels: [UInt8] { picture.bytes }

  /// Writes a PNG file. A file of that name is replaced as a whole or not at all.
  ///
  /// - Throws: ``ConvoyError`` if the file cannot be written.
  public func writePNG(to path: String) throws {
    try ConvoyError.visibly { try AtomicFile.write(Data(PNGFile.encode(picture)), to: path) }
  }
}
