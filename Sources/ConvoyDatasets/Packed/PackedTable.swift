import ConvoyCompression
import ConvoyPictures

/// What a packed file says about its images, in a table after their pixels.
struct PackedTable: Equatable {
  /// The parts of a data set, as the table numbers them.
  enum Part: UInt8 { case training, validation, test }

  let shape: ImageShape
  let fit: PictureFit
  /// By label.
  let classNames: [String]
  /// Of each image, in the order of the pixels.
  let labels: [UInt16]
  let parts: [Part]
  let source: PackedSource

  private static let fits: [PictureFit] = [.stretch, .crop, .pad]

  /// All numbers are little-endian: channels, height, width (4 bytes each); fit and flags (1); the
  /// number of classes (4), and of each the length of its name (4) and the name in UTF-8; the number
  /// of images (8), all labels (2 each), all parts (1 each); the listing's length (8), the listing.
  var encoded: [UInt8] {
    var bytes: [UInt8] = []
    for side in [shape.channels, shape.height, shape.width] { bytes.append(number: side, size: 4) }
    bytes.append(UInt8(Self.fits.firstIndex(of: fit) ?? 0))
    bytes.append(source.flags.rawValue)
    bytes.append(number: classNames.count, size: 4)
    for name in classNames {
      bytes.append(number: name.utf8.count, size: 4)
      bytes += name.utf8
    }
    bytes.append(number: labels.count, size: 8)
    bytes.reserveCapacity(bytes.count + 3 * labels.count + 8 + source.listing.count)
    for label in labels { bytes.append(number: Int(label), size: 2) }
    bytes += parts.map(\.rawValue)
    bytes.append(number: source.listing.count, size: 8)
    return bytes + source.listing
  }

  init(
    shape: ImageShape, fit: PictureFit, classNames: [String], labels: [UInt16], parts: [Part],
    source: PackedSource
  ) {
    precondition(labels.count == parts.count, "Each image has a label and a part.")
    self.shape = shape
    self.fit = fit
    self.classNames = classNames
    self.labels = labels
    self.parts = parts
    self.source = source
  }

  /// - Parameters:
  ///   - bytes: the table.
  ///   - pixelBytes: the pixels in the file, which the images must fill.
  ///   - offset: the table's, for errors.
  init(
    _ bytes: [UInt8], pixelBytes: Int, file: String, at offset: Int
  ) throws(DatasetError) {
    var reader = ByteReader(bytes)
    func refusal(_ expected: String, _ found: String) -> DatasetError {
      .damaged(file: file, at: .byte(offset + reader.offset), expected: expected, found: found)
    }
    func number(
      _ size: Int, upTo most: Int, _ meaning: String
    ) throws(DatasetError) -> Int {
      let found = reader.number(size)
      guard let found, found <= UInt64(most) else {
        throw refusal("\(meaning), \(most) at most", found.map { "\($0)" } ?? "the table's end")
      }
      return Int(found)
    }
    func take(_ count: Int, _ meaning: String) throws(DatasetError) -> ArraySlice<UInt8> {
      guard let taken = reader.take(count) else {
        throw refusal("\(meaning) of \(count) bytes", "\(bytes.count - reader.offset)")
      }
      return taken
    }
    let channels = try number(4, upTo: 3, "channels")
    let height = try number(4, upTo: ImageSize.largestSide, "rows")
    let width = try number(4, upTo: ImageSize.largestSide, "columns")
    guard channels == 1 || channels == 3, height > 0, width > 0 else {
      throw refusal("images with 1 or 3 channels", "\(channels)×\(height)×\(width)")
    }
    shape = ImageShape(channels: channels, height: height, width: width)
    fit = Self.fits[try number(1, upTo: Self.fits.count - 1, "a fit")]
    let flags = PackedSource.Flags(
      rawValue: UInt8(try number(1, upTo: Int(PackedSource.Flags.all.rawValue), "flags")))

    var names: [String] = []
    let classes = try number(4, upTo: Int(UInt16.max) + 1, "classes")
    for _ in 0..<classes {
      let length = try number(4, upTo: bytes.count, "the length of a name")
      guard let name = String(validating: try take(length, "a name"), as: UTF8.self) else {
        throw refusal("a class name in UTF-8", "other bytes")
      }
      names.append(name)
    }
    guard Set(names).count == names.count else { throw refusal("different class names", "equal") }
    classNames = names

    let images = try number(8, upTo: pixelBytes / shape.pixelCount, "images")
    guard images > 0 else { throw .emptySet(file: file) }
    guard images * shape.pixelCount == pixelBytes else {
      throw refusal("\(pixelBytes) bytes of pixels", "\(images) images of \(shape.pixelCount)")
    }
    let labelBytes = Array(try take(2 * images, "labels"))
    labels = stride(from: 0, to: labelBytes.count, by: 2).map {
      UInt16(labelBytes[$0]) | UInt16(labelBytes[$0 + 1]) << 8
    }
    if let label = labels.first(where: { $0 >= classes }) {
      throw refusal("labels below \(classes)", "\(label)")
    }
    let numbers = try take(images, "parts")
    parts = numbers.compactMap(Part.init)
    guard parts.count == images else { throw refusal("parts from 0 to 2", "others") }
    let length = try number(8, upTo: bytes.count, "the length of the listing")
    source = PackedSource(flags: flags, listing: Array(try take(length, "a listing")))
    guard reader.offset == bytes.count else {
      throw refusal("the table's end", "\(bytes.count - reader.offset) more bytes")
    }
  }
}

/// The frame of a packed file: a head, the pixels, the table, and an end that says where it is.
enum PackedFrame {
  /// The last two bytes are the version of the format.
  static let magic = [0x93] + Array("CONVOY PACKED".utf8) + [2, 0]
  /// The magic bytes and zeros, so that pixels begin on a page.
  static let headSize = 4_096
  /// The table's offset and length, 8 bytes each, then the checksum of the pixels and that of the
  /// rest, 4 each.
  static let endSize = 24

  static var head: [UInt8] {
    magic + [UInt8](repeating: 0, count: headSize - magic.count)
  }

  static func end(of table: [UInt8], at offset: Int, pixels: UInt32) -> [UInt8] {
    var end: [UInt8] = []
    end.append(number: offset, size: 8)
    end.append(number: table.count, size: 8)
    end.append(number: Int(pixels), size: 4)
    end.append(number: Int(checksum(head: head, table, end: end)), size: 4)
    return end
  }

  /// The CRC-32 of head, table and what stands in the end before it.
  static func checksum(head: [UInt8], _ table: [UInt8], end: some Collection<UInt8>) -> UInt32 {
    var checksum = Checksum()
    for part in [head, table, Array(end)] { checksum.add(part.span) }
    return checksum.value
  }
}

extension [UInt8] {
  /// Appends a number in `size` bytes, the low one first.
  mutating func append(number: Int, size: Int) {
    for byte in 0..<size { append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
  }
}
