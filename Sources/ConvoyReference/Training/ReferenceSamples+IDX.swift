/// What is wrong with the bytes of a pair of IDX files.
public enum ReferenceIDXError: Error, Equatable, CustomStringConvertible {
  /// The first four bytes are others: 0x00000803 for images, 0x00000801 for labels.
  case wrongMagic(expected: UInt32, found: UInt32)

  /// The file is shorter or longer than its header says.
  case wrongLength(expected: Int, found: Int)

  /// An image has no pixels.
  case noPixels(rows: Int, columns: Int)

  /// There are more images than labels, or fewer.
  case countsDiffer(images: Int, labels: Int)

  public var description: String {
    switch self {
    case .wrongMagic(let expected, let found):
      "expected an IDX file that begins with \(Self.hexadecimal(expected)), found"
        + " \(Self.hexadecimal(found))"
        + (found >> 16 == 0x1f8b ? ", a gzipped file: decompress it first" : "")
    case .wrongLength(let expected, let found): "expected \(expected) bytes, found \(found)"
    case .noPixels(let rows, let columns): "expected images with pixels, found \(rows)×\(columns)"
    case .countsDiffer(let images, let labels):
      "expected a label for each of \(images) images, found \(labels)"
    }
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}

extension ReferenceSamples {
  /// MNIST's images and labels, and others in its format (LeCun, Cortes and Burges, "The MNIST Database
  /// of Handwritten Digits"), decompressed. Black is 0 and white 1.
  ///
  /// Numbers are of four bytes, the most significant first:
  ///
  ///     images   0x00000803, count, rows, columns, then a byte per pixel, row by row
  ///     labels   0x00000801, count, then a byte per label
  ///
  /// - Throws: ``ReferenceIDXError`` if the bytes are not such files, or not of as many samples.
  public init(images: [UInt8], labels: [UInt8]) throws(ReferenceIDXError) {
    let sizes = try Self.sizes(of: images, magic: 0x803)
    let (count, rows, columns) = (sizes[0], sizes[1], sizes[2])
    guard rows > 0 && columns > 0 else { throw .noPixels(rows: rows, columns: columns) }
    let labelCount = try Self.sizes(of: labels, magic: 0x801)[0]
    guard labelCount == count else { throw .countsDiffer(images: count, labels: labelCount) }
    let shape = ReferenceShape(channels: 1, height: rows, width: columns)
    let brightness = (0...255).map { Scalar($0) / 255 }
    self.init(
      inputs: (0..<count).map { image in
        let pixels = images.dropFirst(16 + image * shape.count).prefix(shape.count)
        return ReferenceTensor(shape: shape, values: pixels.map { brightness[Int($0)] })
      },
      labels: labels.dropFirst(8).map { Int($0) })
  }

  /// The sizes in a header, as many as the magic number's last byte says.
  private static func sizes(
    of bytes: [UInt8], magic: UInt32
  ) throws(ReferenceIDXError) -> [Int] {
    func number(at offset: Int) -> UInt32 {
      bytes.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
    guard number(at: 0) == magic else {
      throw .wrongMagic(expected: magic, found: number(at: 0))
    }
    let dimensions = Int(magic & 0xff)
    let header = 4 + 4 * dimensions
    guard bytes.count >= header else {
      throw .wrongLength(expected: header, found: bytes.count)
    }
    let sizes = (1...dimensions).map { Int(number(at: 4 * $0)) }
    var length = 1
    for size in sizes {
      // Sizes of a damaged header may be too large to multiply.
      let (product, overflows) = length.multipliedReportingOverflow(by: size)
      length = overflows ? .max - header : min(product, .max - header)
    }
    guard bytes.count - header == length else {
      throw .wrongLength(expected: length + header, found: bytes.count)
    }
    return sizes
  }
}
