/// How the bytes of a row are predicted from the pixel to the left, the one above, and the one to
/// the left of that. The differences are stored, modulo 256.
enum PNGFilter: UInt8 {
  case none
  case left
  case up
  case average
  case paeth

  /// Replaces differences by values.
  ///
  /// - Parameters:
  ///   - row: where the row is in `bytes`; the one above it is `rowSize` bytes before.
  ///   - pixelSize: the bytes from a sample to the same one of the next pixel, at least 1.
  func undo(in bytes: inout [UInt8], _ row: Range<Int>, rowSize: Int, pixelSize: Int) {
    let first = row.lowerBound..<min(row.lowerBound + pixelSize, row.upperBound)
    let rest = first.upperBound..<row.upperBound
    // The values to the left of the first pixel are 0.
    switch self {
    case .none: break
    case .left:
      for index in rest { bytes[index] &+= bytes[index - pixelSize] }
    case .up:
      for index in row { bytes[index] &+= bytes[index - rowSize] }
    case .average:
      for index in first { bytes[index] &+= bytes[index - rowSize] / 2 }
      for index in rest {
        let sum = Int(bytes[index - pixelSize]) + Int(bytes[index - rowSize])
        bytes[index] &+= UInt8(truncatingIfNeeded: sum / 2)
      }
    case .paeth:
      for index in first { bytes[index] &+= bytes[index - rowSize] }
      for index in rest {
        let above = index - rowSize
        bytes[index] &+= Self.paeth(
          left: bytes[index - pixelSize], above: bytes[above],
          aboveLeft: bytes[above - pixelSize])
      }
    }
  }

  /// The neighbour that is nearest to left + above − aboveLeft; of equal ones, the first.
  static func paeth(left: UInt8, above: UInt8, aboveLeft: UInt8) -> UInt8 {
    let (a, b, c) = (Int(left), Int(above), Int(aboveLeft))
    let fromLeft = abs(b - c)
    let fromAbove = abs(a - c)
    let fromAboveLeft = abs(a + b - 2 * c)
    if fromLeft <= fromAbove && fromLeft <= fromAboveLeft { return left }
    return fromAbove <= fromAboveLeft ? above : aboveLeft
  }
}
