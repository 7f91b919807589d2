import ConvoyKeyedRandom

/// Reads an image at the places of a map, between pixels by bilinear interpolation.
///
/// Coefficients, displacements and places are rounded to 1/65,536 of a pixel, results to nearest.
struct Resampler: Sendable {
  let input: PixelShape
  let output: PixelShape
  let border: Border
  let elastic: ElasticField?

  private static let fraction = 16
  private static let unit = Double(1 << fraction)

  /// Four-byte words of scratch: places, those of the field, and the image in its frame, one pixel
  /// wide at the top and left and two at the bottom and right.
  var scratchCount: Int { placesCount + (elastic?.scratchCount ?? 0) + (framedCount + 3) / 4 }

  /// x and y of each pixel of a row, and of one more if the width is odd.
  private var placesCount: Int { 2 * (output.width + output.width % 2) }
  private var framedStride: Int { (input.width + 3) * input.channels }
  private var framedCount: Int { (input.height + 3) * framedStride }

  /// - Parameter displacing: what one pixel of displacement to the right and down is at the source.
  func resample(
    _ image: UnsafePointer<UInt8>, by map: PixelMap, displacing: SIMD2<Double>,
    random: KeyedRandom, to result: UnsafeMutablePointer<UInt8>,
    scratch: UnsafeMutableRawPointer
  ) {
    // Sound: scratch holds `scratchCount` words, and its three parts do not overlap.
    let places = unsafe scratch
    let field = unsafe places + 4 * placesCount
    let framed = unsafe field + 4 * (elastic?.scratchCount ?? 0)
    unsafe frame(image, in: framed)
    let fixed = FixedMap(map)
    var next = 0
    for row in 0..<output.height {
      if let elastic {
        unsafe elastic.displace(
          row: row, next: &next, units: displacing * Self.unit, random: random, scratch: field,
          into: places)
      }
      unsafe place(row, by: fixed, in: places)
      let target = unsafe result + row * output.width * output.channels
      if input.channels == 1 {
        unsafe read(framed, at: places, to: target, channels: 1)
      } else {
        unsafe read(framed, at: places, to: target, channels: 3)
      }
    }
  }

  /// A map from pixels of the output to the framed image, in 1/65,536. `Augmentation.check` limits
  /// sizes so that no place is beyond 2¹⁵.
  private struct FixedMap {
    let start, perColumn, perRow: SIMD2<Int32>

    init(_ map: PixelMap) {
      func fixed(_ x: Double, _ y: Double) -> SIMD2<Int32> {
        SIMD2(Int32((x * Resampler.unit).rounded()), Int32((y * Resampler.unit).rounded()))
      }
      start = fixed(map.x0 + 1, map.y0 + 1)
      perColumn = fixed(map.xx, map.yx)
      perRow = fixed(map.xy, map.yy)
    }
  }

  /// Fills in the places of a row's pixels in the framed image; with a field, `places` holds their
  /// displacements.
  private func place(_ row: Int, by map: FixedMap, in places: UnsafeMutableRawPointer) {
    let one = Int32(1 << Self.fraction)
    let size = SIMD2(Int32(input.width), Int32(input.height))
    let start = map.start &+ map.perRow &* Int32(row)
    var line = SIMD4(lowHalf: start, highHalf: start &+ map.perColumn)
    let step = SIMD4(lowHalf: map.perColumn, highHalf: map.perColumn) &* 2
    // The last place is where the frame alone counts, or the last pixel of a reflected image.
    let reflecting = border == .reflection
    let last = SIMD4(lowHalf: size, highHalf: size) &* one &+ (reflecting ? 0 : one)
    let first = SIMD4(repeating: reflecting ? one : 0)
    let displaced = elastic != nil
    // Sound: places are pairs for an even number of pixels.
    for two in 0..<(placesCount / 4) {
      let offset = two &* 16
      var place = line
      line &+= step
      if displaced {
        unsafe place &+= places.loadUnaligned(fromByteOffset: offset, as: SIMD4<Int32>.self)
      }
      if reflecting {
        place = last &- magnitude(last &- first &- magnitude(place &- first))
      }
      place.replace(with: first, where: place .< first)
      place.replace(with: last, where: place .> last)
      unsafe places.storeBytes(of: place, toByteOffset: offset, as: SIMD4<Int32>.self)
    }
  }

  @inline(__always)
  private func magnitude(_ values: SIMD4<Int32>) -> SIMD4<Int32> {
    values.replacing(with: 0 &- values, where: values .< 0)
  }

  /// Compiled for each number of channels.
  @inline(__always)
  private func read(
    _ framed: UnsafeMutableRawPointer, at places: UnsafeMutableRawPointer,
    to target: UnsafeMutablePointer<UInt8>, channels: Int
  ) {
    let mask = 1 << Self.fraction - 1
    let stride = framedStride
    for column in 0..<output.width {
      let place = unsafe places.loadUnaligned(fromByteOffset: 8 * column, as: UInt64.self)
      let (x, y) = (Int(place & 0xFFFF_FFFF), Int(place >> 32))
      let (partX, partY) = (x & mask, y & mask)
      let offset = (y >> Self.fraction) &* stride &+ (x >> Self.fraction) &* channels
      for channel in 0..<channels {
        // Sound: places are clamped to the frame, and their neighbours to the right and below exist,
        // because the frame has two pixels there.
        let at = unsafe framed + (offset &+ channel)
        let (a, b) = unsafe (byte(at, 0), byte(at, channels))
        let (c, d) = unsafe (byte(at, stride), byte(at, stride &+ channels))
        let upper = a &<< 16 &+ (b &- a) &* partX
        let lower = c &<< 16 &+ (d &- c) &* partX
        let value = upper &<< 16 &+ (lower &- upper) &* partY &+ (1 << 31)
        unsafe target[column &* channels &+ channel] = UInt8(truncatingIfNeeded: value >> 32)
      }
    }
  }

  @inline(__always)
  private func byte(_ bytes: UnsafeMutableRawPointer, _ offset: Int) -> Int {
    Int(unsafe bytes.load(fromByteOffset: offset, as: UInt8.self))
  }

  /// Copies the image into its frame. What a reflected image reads of the frame has no weight, but
  /// must be initialised.
  private func frame(_ image: UnsafePointer<UInt8>, in framed: UnsafeMutableRawPointer) {
    let (channels, rowCount, isZero) = (
      input.channels, input.width * input.channels, border == .zero
    )
    for row in 0..<(input.height + 3) {
      // Sound: a row of the frame has `framedStride` bytes, and the source row is clamped to the image.
      let target = unsafe framed + row * framedStride
      guard !isZero || (row > 0 && row <= input.height) else {
        unsafe target.initializeMemory(as: UInt8.self, repeating: 0, count: framedStride)
        continue
      }
      let source = unsafe image + min(max(row - 1, 0), input.height - 1) * rowCount
      unsafe (target + channels).copyMemory(from: source, byteCount: rowCount)
      for channel in 0..<channels {
        let first = unsafe isZero ? 0 : source[channel]
        let last = unsafe isZero ? 0 : source[rowCount - channels + channel]
        unsafe target.storeBytes(of: first, toByteOffset: channel, as: UInt8.self)
        let end = channels + rowCount + channel
        unsafe target.storeBytes(of: last, toByteOffset: end, as: UInt8.self)
        unsafe target.storeBytes(of: last, toByteOffset: end + channels, as: UInt8.self)
      }
    }
  }
}
