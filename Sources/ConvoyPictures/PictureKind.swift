/// A format of picture files, recognised by the first bytes of a file: names are often wrong.
package enum PictureKind: String, Sendable, CaseIterable {
  case png = "PNG"
  case jpeg = "JPEG"
  /// Portable bitmap, graymap and pixmap, P1 to P6.
  case netpbm = "PPM"
  case bmp = "BMP"

  // Recognised, and refused by name.
  case pam = "PAM"
  case gif = "GIF"
  case webp = "WebP"
  case tiff = "TIFF"
  case heic = "HEIC"
  case avif = "AVIF"

  /// Nil if the bytes begin like no known picture.
  package init?(firstBytes bytes: some Collection<UInt8>) {
    let first = Array(bytes.prefix(12))
    func has(_ text: String, at offset: Int = 0) -> Bool {
      first.dropFirst(offset).starts(with: text.utf8)
    }
    if first.starts(with: Self.pngSignature.prefix(4)) {
      self = .png
    } else if first.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if has("P"), first.count > 2, Self.endsNetpbmName(first[2]),
      (UInt8(ascii: "1")...UInt8(ascii: "7")).contains(first[1])
    {
      self = has("P7") ? .pam : .netpbm
    } else if has("BM") {
      self = .bmp
    } else if has("GIF8") {
      self = .gif
    } else if has("RIFF"), has("WEBP", at: 8) {
      self = .webp
    } else if has("II*\0") || has("MM\0*") || has("II+\0") || has("MM\0+") {
      self = .tiff
    } else if has("ftyp", at: 4) {
      if has("avi", at: 8) {
        self = .avif
      } else if ["hei", "hev", "mif1", "msf1"].contains(where: { has($0, at: 8) }) {
        self = .heic
      } else {
        return nil
      }
    } else {
      return nil
    }
  }

  static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Whether `Picture.decode` reads the format.
  package var isRead: Bool {
    switch self {
    case .png, .jpeg, .netpbm, .bmp: true
    case .pam, .gif, .webp, .tiff, .heic, .avif: false
    }
  }

  private static func endsNetpbmName(_ byte: UInt8) -> Bool {
    NetpbmReader.isSpace(byte) || byte == UInt8(ascii: "#")
  }
}

extension PictureKind: CustomStringConvertible {
  package var description: String { rawValue }
}
