/// Changes brightness, then contrast, then saturation, each rounded to bytes. Grey images have no
/// saturation to change.
///
/// Grey is 0.299 red + 0.587 green + 0.114 blue, in 1/65,536.
struct ColorChange {
  private static let (red, green, blue) = (19_595, 38_470, 7_471)

  /// In 1/65,536.
  private let (brightness, contrast, saturation): (Int, Int, Int)

  init(_ variation: Variation) {
    func fixed(_ factor: Double) -> Int { Int((factor * 0x1p16).rounded()) }
    brightness = fixed(variation.brightness)
    contrast = fixed(variation.contrast)
    saturation = fixed(variation.saturation)
  }

  func apply(to pixels: UnsafeMutablePointer<UInt8>, _ shape: PixelShape) {
    if brightness != 1 << 16 { unsafe blend(pixels, shape, brightness, with: 0) }
    if contrast != 1 << 16 {
      unsafe blend(pixels, shape, contrast, with: meanGrey(pixels, shape))
    }
    if saturation != 1 << 16, shape.channels == 3 { unsafe saturate(pixels, shape) }
  }

  /// `factor` of the value and the rest of `other`, which is in 1/65,536: rounded and clamped.
  @inline(__always)
  private func blended(_ value: Int, _ factor: Int, _ other: Int) -> UInt8 {
    let sum = (value &* factor) &<< 16 &+ (1 << 16 &- factor) &* other &+ (1 << 31)
    return clampedByte(sum >> 32)
  }

  private func blend(
    _ pixels: UnsafeMutablePointer<UInt8>, _ shape: PixelShape, _ factor: Int, with other: Int
  ) {
    // 256 bytes are allocated on the stack.
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { table in
      for value in 0..<256 {
        unsafe table.initializeElement(at: value, to: blended(value, factor, other))
      }
      // Sound: a byte is an index of the table, and the caller's memory has the shape's bytes.
      let results = unsafe table.baseAddress.unsafelyUnwrapped
      for index in 0..<shape.count { unsafe pixels[index] = results[Int(pixels[index])] }
    }
  }

  private func meanGrey(_ pixels: UnsafeMutablePointer<UInt8>, _ shape: PixelShape) -> Int {
    let count = shape.height * shape.width
    var sum = 0
    // Sound: the caller's memory has the shape's bytes.
    if shape.channels == 1 {
      for index in 0..<count { unsafe sum &+= Int(pixels[index]) }
      return (sum << 16) / count
    }
    var (reds, greens, blues) = (0, 0, 0)
    for index in 0..<count {
      unsafe reds &+= Int(pixels[3 * index])
      unsafe greens &+= Int(pixels[3 * index + 1])
      unsafe blues &+= Int(pixels[3 * index + 2])
    }
    return (Self.red * reds + Self.green * greens + Self.blue * blues) / count
  }

  private func saturate(_ pixels: UnsafeMutablePointer<UInt8>, _ shape: PixelShape) {
    for index in 0..<(shape.height * shape.width) {
      // Sound: the caller's memory has three bytes per pixel.
      let pixel = unsafe pixels + 3 * index
      let (red, green, blue) = unsafe (Int(pixel[0]), Int(pixel[1]), Int(pixel[2]))
      let grey = Self.red &* red &+ Self.green &* green &+ Self.blue &* blue
      unsafe pixel[0] = blended(red, saturation, grey)
      unsafe pixel[1] = blended(green, saturation, grey)
      unsafe pixel[2] = blended(blue, saturation, grey)
    }
  }
}
