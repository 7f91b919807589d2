/// Resamples the rows of a picture, then the columns of each new row, in integers without rounding;
/// only the last sum is divided.
///
/// Rows come first, because a sum of rows is a loop over adjacent bytes.
///
/// - Parameter Sum: holds 255 times the total weight of the rows.
struct Resampling<Sum: FixedWidthInteger & UnsignedInteger> {
  private let source: Picture
  private let rows: ResampledAxis
  private let columnCount: Int
  /// The taps of all new columns, one after another.
  private let columnTaps: [ResampledAxis.Tap]
  /// Where the taps of each new column begin, and where the last one's end.
  private let columnStarts: [Int]
  /// What the sums are divided by.
  private let divisor: UInt64
  /// 2⁶⁴ − 1 over the divisor, rounded down.
  private let reciprocal: UInt64

  init(_ source: Picture, columns: ResampledAxis, rows: ResampledAxis) {
    self.source = source
    self.rows = rows
    columnCount = columns.count
    var taps: [ResampledAxis.Tap] = []
    var starts = [0]
    for column in 0..<columns.count {
      taps += columns.taps(of: column)
      starts.append(taps.count)
    }
    columnTaps = taps
    columnStarts = starts
    // Below 2⁶⁴ / 255: the sides of pictures are below 2²⁰, so the total weights are below 2³⁶ (for
    // the axis that is cut) and 2¹⁷.
    divisor = UInt64(columns.totalWeight * rows.totalWeight)
    reciprocal = UInt64.max / divisor
  }

  func picture() -> Picture {
    let channels = source.channels
    var bytes = [UInt8](repeating: 0, count: columnCount * rows.count * channels)
    var sums = [Sum](repeating: 0, count: source.width * channels)
    for row in 0..<rows.count {
      sumRows(rows.taps(of: row), into: &sums)
      sumColumns(of: sums, into: &bytes, at: row * columnCount * channels)
    }
    return Picture(width: columnCount, height: rows.count, channels: channels, bytes: bytes)
  }

  /// Writes a new row, which begins at `start`.
  private func sumColumns(of sums: [Sum], into bytes: inout [UInt8], at start: Int) {
    let channels = source.channels
    precondition(
      start + columnCount * channels <= bytes.count && columnStarts.count == columnCount + 1
        && sums.count == source.width * channels, "The row and its sums are as long as planned.")
    // Within the buffers: taps have indices below the width, and starts are at most their count.
    unsafe bytes.withUnsafeMutableBufferPointer { bytes in
      unsafe sums.withUnsafeBufferPointer { sums in
        unsafe columnTaps.withUnsafeBufferPointer { taps in
          var target = start
          for column in 0..<columnCount {
            let range = columnStarts[column]..<columnStarts[column + 1]
            for channel in 0..<channels {
              var sum: UInt64 = 0
              for tap in range {
                let tap = unsafe taps[tap]
                let value = unsafe UInt64(sums[tap.index &* channels &+ channel])
                sum &+= UInt64(truncatingIfNeeded: tap.weight) &* value
              }
              unsafe bytes[target] = divided(sum)
              target += 1
            }
          }
        }
      }
    }
  }

  /// The sum over the divisor, rounded to nearest, halves up. A multiplication by the reciprocal,
  /// which is at most 1 too small, takes a fraction of the time of a division.
  private func divided(_ sum: UInt64) -> UInt8 {
    let rounded = sum &+ divisor / 2
    let quotient = rounded.multipliedFullWidth(by: reciprocal).high
    let isSmall = (quotient &+ 1) &* divisor <= rounded
    return UInt8(truncatingIfNeeded: quotient &+ (isSmall ? 1 : 0))
  }

  /// Unsafe, because the checks of array indices would keep the loop from being vectorized.
  private func sumRows(_ taps: [ResampledAxis.Tap], into sums: inout [Sum]) {
    let size = sums.count
    for (number, tap) in taps.enumerated() {
      let weight = Sum(tap.weight)
      // The slice checks that the row is within the picture; both buffers have `size` elements.
      unsafe source.bytes[tap.index * size..<(tap.index + 1) * size].withUnsafeBufferPointer {
        row in
        unsafe sums.withUnsafeMutableBufferPointer { sums in
          if number == 0 {
            for index in 0..<size { unsafe sums[index] = weight &* Sum(unsafe row[index]) }
          } else {
            for index in 0..<size { unsafe sums[index] &+= weight &* Sum(unsafe row[index]) }
          }
        }
      }
    }
  }
}
