/// The meaning of a PNG file's samples: palette and transparency.
struct PNGColors {
  private let type: PNGLayout.ColorType
  private let bitDepth: Int
  /// Red, green and blue of each colour, composed over white.
  private var palette: [UInt8] = []
  /// The samples of the transparent colour, if there is one.
  private var transparentColor: [Int] = []
  private var hasTransparency = false
  /// The channels of the decoded picture.
  private(set) var channels: Int

  init(_ layout: PNGLayout) {
    type = layout.colorType
    bitDepth = layout.bitDepth
    channels = type == .gray || type == .grayWithAlpha ? 1 : 3
  }

  /// The colours of the palette.
  var colorCount: Int { palette.count / 3 }

  /// Reads a chunk PLTE or tRNS.
  mutating func read(_ file: PictureFile, _ chunk: PNGChunk) throws(PictureError) {
    let data = chunk.data
    func damaged(_ expected: String) -> PictureError {
      file.damaged(
        at: data.lowerBound - 8, expected: expected, found: "\(chunk.type) of \(data.count) bytes")
    }
    if chunk.type == .palette {
      let most = type == .palette ? 1 << bitDepth : 256
      guard
        type != .gray, type != .grayWithAlpha, palette.isEmpty, !hasTransparency,
        data.count.isMultiple(of: 3), (1...3 * most).contains(data.count)
      else { throw damaged("one palette of at most \(most) colours, or none in a grey picture") }
      palette = Array(file.bytes[data])
      if type == .palette && areGray(palette) { channels = 1 }
      return
    }
    guard !hasTransparency else { throw damaged("one chunk tRNS") }
    hasTransparency = true
    switch type {
    case .gray, .color:
      guard data.count == 2 * type.samples else {
        throw damaged("one colour of \(2 * type.samples) bytes in tRNS")
      }
      for sample in 0..<type.samples {
        transparentColor.append(try file.bigEndian16(at: data.lowerBound + 2 * sample))
      }
    case .palette:
      guard !data.isEmpty, data.count <= colorCount else {
        throw damaged("one byte of tRNS for each of at most \(colorCount) colours")
      }
      for (color, offset) in data.enumerated() {
        for index in 3 * color..<3 * color + 3 {
          palette[index] = Self.overWhite(palette[index], alpha: file.bytes[offset])
        }
      }
    case .grayWithAlpha, .colorWithAlpha: throw damaged("no tRNS beside alpha")
    }
  }

  /// A value composed over white, rounded to nearest.
  static func overWhite(_ value: UInt8, alpha: UInt8) -> UInt8 {
    let (value, alpha) = (UInt32(value), UInt32(alpha))
    return UInt8(truncatingIfNeeded: (value * alpha + 255 * (255 - alpha) + 127) / 255)
  }

  /// Expands a row of `count` pixels at `start`, in which no filter is left, to 8 bits per channel.
  ///
  /// - Parameters:
  ///   - first: the index of the first pixel in the picture.
  ///   - step: the distance between pixels in the picture.
  /// - Returns: the first colour that is not in the palette, if there is one.
  func expand(
    _ row: [UInt8], from start: Int, count: Int, to pixels: inout [UInt8], at first: Int,
    step: Int
  ) -> Int? {
    var target = first * channels
    let distance = step * channels
    switch type {
    case .gray, .color:
      let samples = type.samples
      if bitDepth == 8 && transparentColor.isEmpty {
        for pixel in 0..<count {
          for sample in 0..<samples {
            pixels[target + sample] = row[start + pixel * samples + sample]
          }
          target += distance
        }
        return nil
      }
      for pixel in 0..<count {
        var isTransparent = !transparentColor.isEmpty
        for sample in 0..<samples {
          let value = value(row, start, pixel * samples + sample)
          if isTransparent && value != transparentColor[sample] { isTransparent = false }
          pixels[target + sample] = eightBits(value)
        }
        if isTransparent {
          for sample in 0..<samples { pixels[target + sample] = 255 }
        }
        target += distance
      }
    case .grayWithAlpha, .colorWithAlpha:
      let size = bitDepth / 8
      var source = start
      for _ in 0..<count {
        let alpha = row[source + channels * size]
        for channel in 0..<channels {
          pixels[target + channel] = Self.overWhite(row[source + channel * size], alpha: alpha)
        }
        source += type.samples * size
        target += distance
      }
    case .palette:
      for pixel in 0..<count {
        let color = value(row, start, pixel)
        guard color < colorCount else { return color }
        for channel in 0..<channels { pixels[target + channel] = palette[3 * color + channel] }
        target += distance
      }
    }
    return nil
  }

  /// A sample as it is stored.
  private func value(_ row: [UInt8], _ start: Int, _ sample: Int) -> Int {
    switch bitDepth {
    case 16: return Int(row[start + 2 * sample]) << 8 | Int(row[start + 2 * sample + 1])
    case 8: return Int(row[start + sample])
    default:
      let bit = sample * bitDepth
      let shift = 8 - bitDepth - bit % 8
      return Int(row[start + bit / 8]) >> shift & ((1 << bitDepth) - 1)
    }
  }

  private func eightBits(_ value: Int) -> UInt8 {
    let scaled = bitDepth == 16 ? value >> 8 : value * 255 / ((1 << bitDepth) - 1)
    return UInt8(truncatingIfNeeded: scaled)
  }
}
