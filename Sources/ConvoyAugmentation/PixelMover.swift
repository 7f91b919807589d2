/// Copies a window of an image, for crops and flips by whole pixels.
struct PixelMover {
  let input: PixelShape
  let reflecting: Bool

  /// Pixel (row, column) of the result is (row + top, column + left) of the image, which is flipped
  /// first; outside are zeros or the reflection.
  func move(
    _ image: UnsafePointer<UInt8>, top: Int, left: Int, flipped: Bool,
    to result: UnsafeMutablePointer<UInt8>, _ output: PixelShape
  ) {
    let (width, channels) = (input.width, input.channels)
    // The columns of the result that are inside the image.
    let first = min(max(-left, 0), output.width)
    let last = min(max(width - left, first), output.width)
    for row in 0..<output.height {
      // Sound: rows and columns of the image are below its height and width, those of the result
      // below the output's, and the caller's memory holds both images.
      let target = unsafe result + row * output.width * channels
      guard let sourceRow = source(row + top, input.height) else {
        unsafe target.update(repeating: 0, count: output.width * channels)
        continue
      }
      let source = unsafe image + sourceRow * width * channels
      if flipped {
        let from = width - 1 - (first + left)
        if channels == 1 {
          for column in 0..<(last - first) {
            unsafe target[first + column] = source[from - column]
          }
        } else {
          for column in 0..<(last - first) {
            let (to, from) = (3 * (first + column), 3 * (from - column))
            unsafe target[to] = source[from]
            unsafe target[to + 1] = source[from + 1]
            unsafe target[to + 2] = source[from + 2]
          }
        }
      } else if last > first {
        unsafe (target + first * channels).update(
          from: source + (first + left) * channels, count: (last - first) * channels)
      }
      for columns in [0..<first, last..<output.width] {
        for column in columns {
          let from = self.source(column + left, width)
          for channel in 0..<channels {
            unsafe target[column * channels + channel] =
              from.map { unsafe source[(flipped ? width - 1 - $0 : $0) * channels + channel] } ?? 0
          }
        }
      }
    }
  }

  /// The index in 0..<count that is shown at a place; none for zeros.
  @inline(__always)
  private func source(_ index: Int, _ count: Int) -> Int? {
    if index >= 0, index < count { return index }
    guard reflecting else { return nil }
    let folded = count - 1 - abs(count - 1 - abs(index))
    return max(folded, 0)
  }
}
