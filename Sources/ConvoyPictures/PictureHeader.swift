/// What a picture file says about its picture, read without decoding the pixels.
package struct PictureHeader: Sendable, Equatable {
  package let kind: PictureKind
  /// The size of the upright picture, as `Picture.decode` returns it.
  package let size: PictureSize
  /// Whether the decoded picture has three channels. A palette of greys is grey.
  package let isColoured: Bool
  /// How the stored pixels are turned to stand upright.
  package let orientation: Orientation
  /// Of the stored numbers; the decoded picture has 8.
  package let bitsPerChannel: Int

  /// - Parameter storedSize: the size before the picture is turned upright.
  init(
    kind: PictureKind, storedSize: PictureSize, isColoured: Bool,
    orientation: Orientation = .upright, bitsPerChannel: Int = 8
  ) {
    self.kind = kind
    self.bitsPerChannel = bitsPerChannel
    size = orientation.swapsSides ? storedSize.transposed : storedSize
    self.isColoured = isColoured
    self.orientation = orientation
  }

  /// Reads the header of a file, most often from its beginning alone.
  package init(path: String) throws(PictureError) {
    self = try PictureFile.reading(beginningOf: path) { file throws(PictureError) in
      try PictureHeader(file)
    }
  }

  /// - Parameter path: the name of the file in errors.
  package init(_ bytes: [UInt8], path: String) throws(PictureError) {
    try self.init(PictureFile(bytes, path: path))
  }

  private init(_ file: PictureFile) throws(PictureError) {
    switch file.kind {
    case .png: self = try PNGReader(file).header
    case .jpeg: self = try JPEGReader(file).header
    case .netpbm: self = try NetpbmReader(file).header
    case .bmp: self = try BMPReader(file).header
    case .pam, .gif, .webp, .tiff, .heic, .avif:
      throw .unsupportedKind(file: file.path, kind: file.kind)
    }
  }
}

/// Whether all colours, of red, green and blue each, are grey.
func areGray(_ colors: [UInt8]) -> Bool {
  for red in stride(from: 0, to: colors.count, by: 3)
  where colors[red] != colors[red + 1] || colors[red] != colors[red + 2] {
    return false
  }
  return true
}
