extension Picture {
  /// Decodes a PNG, JPEG, PPM, PGM, PBM or BMP file, whatever its name says.
  ///
  /// - Transparent pixels are composed over white: `(v·a + 255·(255 − a) + 127) / 255`, rounded
  ///   down. The alpha of a BMP file is ignored, as most programs do.
  /// - Of 16 bits per channel, PNG's upper eight are kept.
  /// - The picture is turned upright as its EXIF orientation says; a damaged EXIF block is ignored.
  /// - Colour profiles and gamma are ignored.
  /// - JPEG pixels are libjpeg-turbo's, with its accurate transform and smooth upsampling.
  ///
  /// Safe to call on many threads at once.
  ///
  /// - Parameter smallestSize: a JPEG picture is decoded at a half, a quarter or an eighth of its
  ///   size if that divides both sides and is at least as wide and as high. It takes a fraction of
  ///   the time.
  package static func decode(
    path: String, atLeast smallestSize: PictureSize? = nil
  ) throws(PictureError) -> Picture {
    try decode(PictureFile(contentsOf: path), atLeast: smallestSize)
  }

  /// Decodes the bytes of a picture file.
  ///
  /// - Parameter path: the name of the file in errors.
  package static func decode(
    _ bytes: [UInt8], path: String, atLeast smallestSize: PictureSize? = nil
  ) throws(PictureError) -> Picture {
    try decode(PictureFile(bytes, path: path), atLeast: smallestSize)
  }

  private static func decode(
    _ file: PictureFile, atLeast smallestSize: PictureSize?
  ) throws(PictureError) -> Picture {
    switch file.kind {
    case .png:
      let reader = try PNGReader(file)
      return try reader.picture().turned(reader.header.orientation)
    case .jpeg:
      let reader = try JPEGReader(file)
      return try reader.picture(atLeast: smallestSize).turned(reader.header.orientation)
    case .netpbm: return try NetpbmReader(file).picture()
    case .bmp: return try BMPReader(file).picture()
    case .pam, .gif, .webp, .tiff, .heic, .avif:
      throw .unsupportedKind(file: file.path, kind: file.kind)
    }
  }
}
