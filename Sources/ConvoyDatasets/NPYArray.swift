/// Arrays of images and labels in NumPy's format.
enum NPYArray {
  /// Images of unsigned bytes: (images, rows, columns), (images, rows, columns, channels) or
  /// (images, channels, rows, columns), with 1 or 3 channels. Of four axes, exactly one of the
  /// second and the last must have a length of 1 or 3: it is the channels'.
  static func images(
    _ source: some ByteSource
  ) throws(DatasetError) -> (shape: ImageShape, count: Int, pixels: PixelBytes) {
    let header = try NPYHeader(from: source)
    func refusal(_ expected: String, _ found: String) -> DatasetError {
      .damaged(file: source.path, at: .header, expected: expected, found: found)
    }
    guard ["|u1", "<u1", ">u1", "=u1", "u1"].contains(header.type) else {
      throw refusal(
        "images of type uint8 (|u1)\(advice(for: header.type))",
        "\(name(of: header.type))")
    }
    let lengths = header.shape
    guard lengths.count == 3 || lengths.count == 4 else {
      throw refusal(
        "images × rows × columns, with or without channels", text(of: lengths))
    }
    guard lengths[0] > 0 else { throw .emptySet(file: source.path) }
    guard !lengths.contains(0) else {
      throw .zeroSize(file: source.path, dimensions: lengths)
    }
    guard lengths.count == 4 else {
      let count = try size(of: header, elementSize: 1, source)
      let shape = ImageShape(channels: 1, height: lengths[1], width: lengths[2])
      let pixels = try source.rest(count, at: header.size)
      guard header.isFortranOrder else { return (shape, lengths[0], pixels) }
      return (
        shape, lengths[0],
        try reordered(pixels, lengths + [1], strides: strides(of: header) + [0], source)
      )
    }
    let isLast = lengths[3] == 1 || lengths[3] == 3
    let isSecond = lengths[1] == 1 || lengths[1] == 3
    guard !isLast || !isSecond else {
      throw refusal(
        "1 or 3 channels on the second or the last axis, and another length on the other, since both could "
          + "be channels; numpy.transpose can put channels on the other axis, and images of one channel can "
          + "be reshaped to three axes",
        text(of: lengths))
    }
    guard isLast || isSecond else {
      throw refusal(
        "1 or 3 channels, as either the second or the last axis; other shapes can be transposed "
          + "to (images, rows, columns, channels) with numpy.transpose or reshaped to three axes",
        text(of: lengths))
    }
    let order = isLast ? [0, 1, 2, 3] : [0, 2, 3, 1]
    let shape = ImageShape(
      channels: lengths[order[3]], height: lengths[order[1]], width: lengths[order[2]])
    let count = try size(of: header, elementSize: 1, source)
    let strides = strides(of: header)
    let pixels = try source.rest(count, at: header.size)
    // The order in memory is the same with one channel, wherever it is.
    if !header.isFortranOrder, isLast || shape.channels == 1 { return (shape, lengths[0], pixels) }
    return (
      shape, lengths[0],
      try reordered(
        pixels, order.map { lengths[$0] }, strides: order.map { strides[$0] }, source)
    )
  }

  /// Labels of an integer type, from 0 to 65,535: (images) or (images, 1).
  static func labels(_ source: some ByteSource) throws(DatasetError) -> [UInt16] {
    let header = try NPYHeader(from: source)
    let letters = Array(header.type)
    let sizes: [Character: Int] = ["1": 1, "2": 2, "4": 4, "8": 8]
    guard letters.count == 3, "|<>".contains(letters[0]), "iu".contains(letters[1]),
      let elementSize = sizes[letters[2]], elementSize == 1 || letters[0] != "|"
    else {
      throw .damaged(
        file: source.path, at: .header,
        expected: "labels of an integer type\(advice(for: header.type, "int64"))",
        found: name(of: header.type))
    }
    let lengths = header.shape
    guard lengths.count == 1 || lengths.count == 2 && lengths[1] == 1 else {
      throw .damaged(
        file: source.path, at: .header,
        expected: "one label for each image: (images) or (images, 1)",
        found: text(of: lengths))
    }
    guard lengths[0] > 0 else { throw .emptySet(file: source.path) }
    let count = try size(of: header, elementSize: elementSize, source)
    try source.verifyMemory(byteCount: count * elementSize + 2 * count)
    let bytes = try source.restInMemory(count * elementSize, at: header.size)
    let isBig = letters[0] == ">"
    let isSigned = letters[1] == "i"
    var labels: [UInt16] = []
    labels.reserveCapacity(count)
    for first in stride(from: 0, to: bytes.count, by: elementSize) {
      var bits: UInt64 = 0
      for byte in 0..<elementSize {
        bits = bits << 8 | UInt64(bytes[first + (isBig ? byte : elementSize - 1 - byte)])
      }
      guard let label = UInt16(exactly: bits), !isSigned || bits >> (8 * elementSize - 1) == 0
      else {
        let unused = 64 - 8 * elementSize
        let number =
          isSigned ? "\(Int64(bitPattern: bits << unused) >> unused)" : "\(bits)"
        throw .damaged(
          file: source.path, at: .byte(header.size + first), expected: "a label from 0 to 65535",
          found: number)
      }
      labels.append(label)
    }
    return labels
  }

  /// The number of elements, which the source has exactly.
  private static func size(
    of header: NPYHeader, elementSize: Int, _ source: some ByteSource
  ) throws(DatasetError) -> Int {
    // Far less than would overflow in a sum of sizes.
    let limit = 1 << 48
    guard let count = header.count, count <= limit else {
      throw .tooLarge(file: source.path, limit: limit, dimensions: header.shape)
    }
    try source.verify(byteCount: header.size + count * elementSize)
    return count
  }

  /// The distances, in elements, between neighbours along each axis.
  private static func strides(of header: NPYHeader) -> [Int] {
    let axes = header.shape.indices
    var strides = header.shape
    var step = 1
    for axis in header.isFortranOrder ? Array(axes) : axes.reversed() {
      strides[axis] = step
      step *= header.shape[axis]
    }
    return strides
  }

  /// The pixels in row-major order of four axes.
  private static func reordered(
    _ pixels: PixelBytes, _ lengths: [Int], strides: [Int], _ source: some ByteSource
  ) throws(DatasetError) -> PixelBytes {
    try source.verifyMemory(byteCount: pixels.count)
    var result: [UInt8] = []
    result.reserveForImages(byteCount: pixels.count)
    unsafe pixels.withStorage { pixels in
      for image in 0..<lengths[0] {
        for row in 0..<lengths[1] {
          for column in 0..<lengths[2] {
            let first = image * strides[0] + row * strides[1] + column * strides[2]
            for channel in 0..<lengths[3] {
              unsafe result.append(pixels[first + channel * strides[3]])
            }
          }
        }
      }
    }
    return PixelBytes(result)
  }

  private static func text(of lengths: [Int]) -> String {
    let shown = lengths.prefix(8).map(String.init).joined(separator: ", ")
    return lengths.count > 8 ? "(\(shown), …)" : "(\(shown))"
  }

  /// NumPy's name of a type, with its code.
  private static func name(of type: String) -> String {
    let kinds: [Character: String] = [
      "b": "bool", "f": "float", "i": "int", "u": "uint", "c": "complex", "U": "str", "S": "bytes",
      "O": "object",
    ]
    let code = String(type.prefix(40))
    let letters = Array(type)
    guard letters.count >= 2, let kind = kinds[letters[1]] else { return "type \(code)" }
    guard "fiuc".contains(letters[1]), let size = Int(String(letters[2...])), size <= 32 else {
      return "\(kind) (\(code))"
    }
    return "\(kind)\(8 * size) (\(code))"
  }

  private static func advice(for type: String, _ target: String = "uint8") -> String {
    guard type.dropFirst().first == "f" else { return "" }
    return target == "uint8"
      ? "; values from 0 to 1 become such by (x * 255).round().astype(\"uint8\")"
      : "; they become such by x.astype(\"\(target)\")"
  }
}
