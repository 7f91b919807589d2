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
  }

  func picture() -> Picture {
    let channels = source.channels
    var bytes = [UInt8](repeating: 0, count: columnCount * rows.count * channels)
    var sums = [Sum](repeating: 0, count: source.width * channels)
    for row in 0..<rows.count {
      sumRows(rows.taps(of: row), into: &sums)
      let start = row * columnCount * channels
      for column in 0..<columnCount {
        for channel in 0..<channels {
          var sum: UInt64 = 0
          for tap in columnStarts[column]..<columnStarts[column + 1] {
            let tap = columnTaps[tap]
            sum += UInt64(tap.weight) * UInt64(sums[tap.index * channels + channel])
          }
          bytes[start + column * channels + channel] = UInt8((sum + divisor / 2) / divisor)
        }
      }
    }
    return Picture(width: columnCount, height: rows.count, channels: channels, bytes: bytes)
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
