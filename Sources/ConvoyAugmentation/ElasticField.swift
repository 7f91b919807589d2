import ConvoyKeyedRandom

/// A smooth random displacement of every pixel (Simard, Steinkraus and Platt, 2003).
///
/// There, a field of random numbers is convolved with a Gaussian of deviation σ. Here, the numbers
/// are at the nodes of a coarse grid and the Gaussian is the cubic B-spline of the grid's spacing h,
/// whose deviation is h / √3; so h = √3 σ.
///
/// Rows are pairs: the displacement to the right, then down, of each pixel.
struct ElasticField: Sendable {
  /// The largest root mean square of displacements, in pixels of the source: with it, the largest
  /// displacement is 8 · 3.46 / (151/315) = 57.7 pixels, and a sum of units stays below 2²².
  static let largestAmplitude = 8.0

  private let amplitude: Double
  /// Of the grid.
  private let columns: Int
  private let columnPlaces: [Place]
  private let rowPlaces: [Place]

  /// The first of the four nodes that a pixel depends on, and their weights, each twice.
  private struct Place {
    let first: Int
    let weights: SIMD8<Float>

    init(_ index: Int, spacing: Double) {
      let place = Double(index) / spacing
      let whole = place.rounded(.down)
      let t = place - whole
      let (t2, t3) = (t * t, t * t * t)
      let (a, b) = (Float((1 - 3 * t + 3 * t2 - t3) / 6), Float((4 - 6 * t2 + 3 * t3) / 6))
      let (c, d) = (Float((1 + 3 * t + 3 * t2 - 3 * t3) / 6), Float(t3 / 6))
      first = Int(whole)
      weights = SIMD8(a, a, b, b, c, c, d, d)
    }
  }

  /// - Parameters:
  ///   - amplitude: the root mean square of the displacement in each direction, in pixels.
  ///   - width: that of the result, or one more to make it even.
  init(amplitude: Double, sigma: Double, height: Int, width: Int) {
    precondition(width % 2 == 0, "Displacements are computed for two pixels at a time.")
    let spacing = 3.0.squareRoot() * sigma
    self.amplitude = amplitude
    columnPlaces = (0..<width).map { Place($0, spacing: spacing) }
    rowPlaces = (0..<height).map { Place($0, spacing: spacing) }
    columns = (columnPlaces.last?.first ?? 0) + 4
  }

  /// Floats of scratch: four rows of the grid expanded to the image's columns, and the nodes of one.
  var scratchCount: Int { 8 * columnPlaces.count + 2 * columns }

  /// Fills in the displacements of a row, in units. Rows are asked for in ascending order from 0, with
  /// the same scratch.
  ///
  /// - Parameters:
  ///   - next: the next row of the grid to expand; 0 before the first row.
  ///   - units: in a displacement by one pixel, to the right and down.
  func displace(
    row: Int, next: inout Int, units: SIMD2<Double>, random: KeyedRandom,
    scratch: UnsafeMutableRawPointer, into displacements: UnsafeMutableRawPointer
  ) {
    let place = rowPlaces[row]
    while next < place.first + 4 {
      unsafe expand(next, units: units, random: random, scratch: scratch)
      next += 1
    }
    let stride = 8 * columnPlaces.count
    // Sound: the first four rows of `stride` bytes in the scratch are the expanded ones; the width is
    // even, so that vectors of two pairs end with the row.
    let a = unsafe scratch + place.first % 4 * stride
    let b = unsafe scratch + (place.first + 1) % 4 * stride
    let c = unsafe scratch + (place.first + 2) % 4 * stride
    let d = unsafe scratch + (place.first + 3) % 4 * stride
    let weights = place.weights
    let (weightA, weightB, weightC, weightD) = (weights[0], weights[2], weights[4], weights[6])
    for two in 0..<(columnPlaces.count / 2) {
      let offset = two &* 16
      let upper = unsafe vector(a, offset) * weightA + vector(b, offset) * weightB
      let lower = unsafe vector(c, offset) * weightC + vector(d, offset) * weightD
      // Rounded to nearest: 1.5 · 2²³ leaves no fraction of a sum below 2²².
      let shifted = upper + lower + 0x1.8p23
      let bits = unsafe unsafeBitCast(shifted, to: SIMD4<Int32>.self)
      let whole = bits &- Int32(bitPattern: (0x1.8p23 as Float).bitPattern)
      unsafe displacements.storeBytes(of: whole, toByteOffset: offset, as: SIMD4<Int32>.self)
    }
  }

  @inline(__always)
  private func vector(_ row: UnsafeMutableRawPointer, _ offset: Int) -> SIMD4<Float> {
    unsafe row.loadUnaligned(fromByteOffset: offset, as: SIMD4<Float>.self)
  }

  /// Expands a row of the grid to the image's columns.
  private func expand(
    _ gridRow: Int, units: SIMD2<Double>, random: KeyedRandom, scratch: UnsafeMutableRawPointer
  ) {
    // The squares of a B-spline's weights sum to 151/315 on average over a cell, in each direction.
    let deviation = amplitude / (151.0 / 315.0) / NormalBytes.pairDeviation
    let scale = SIMD2<Float>(Float(units.x * deviation), Float(units.y * deviation))
    // Sound: the nodes are the last 2 · `columns` floats of the scratch, and the four pairs from each
    // place's first are among them.
    let stride = 8 * columnPlaces.count
    let nodes = unsafe scratch + 4 * stride
    for column in 0..<columns {
      let pair = NormalBytes.pair(random[gridRow * columns + column])
      let node = SIMD2(Float(pair.x), Float(pair.y)) * scale
      unsafe nodes.storeBytes(of: node, toByteOffset: 8 * column, as: SIMD2<Float>.self)
    }
    let expanded = unsafe scratch + gridRow % 4 * stride
    for (column, place) in columnPlaces.enumerated() {
      let pairs = unsafe nodes.loadUnaligned(
        fromByteOffset: 8 * place.first, as: SIMD8<Float>.self)
      let products = pairs * place.weights
      let halves = products.lowHalf + products.highHalf
      unsafe expanded.storeBytes(
        of: halves.lowHalf + halves.highHalf, toByteOffset: 8 * column, as: SIMD2<Float>.self)
    }
  }
}

/// Nearly normal integers: sums of random bytes, less their mean.
enum NormalBytes {
  /// The deviation of sums of eight bytes, each of which has the variance (256² − 1) / 12.
  static let deviation = (8.0 * 65_535 / 12).squareRoot()
  static let pairDeviation = (4.0 * 65_535 / 12).squareRoot()

  /// All eight bytes: at most 4.9 deviations, with a kurtosis of 2.85, a normal number's being 3.
  @inline(__always)
  static func number(_ bits: UInt64) -> Int {
    Int(truncatingIfNeeded: (sums(bits) &* 0x0001_0001_0001_0001) >> 48) &- 1020
  }

  /// Four bytes each: at most 3.5 deviations, with a kurtosis of 2.7.
  @inline(__always)
  static func pair(_ bits: UInt64) -> SIMD2<Int32> {
    let sums = sums(bits)
    let pair = sums &+ sums >> 16
    return SIMD2(
      Int32(truncatingIfNeeded: pair & 0xFFFF), Int32(truncatingIfNeeded: pair >> 32 & 0xFFFF))
      &- 510
  }

  /// Four sums of two bytes, of 16 bits each.
  @inline(__always)
  private static func sums(_ bits: UInt64) -> UInt64 {
    let mask: UInt64 = 0x00FF_00FF_00FF_00FF
    return (bits & mask) &+ ((bits >> 8) & mask)
  }
}
