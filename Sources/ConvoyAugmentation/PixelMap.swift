import ConvoyKeyedRandom

/// The place (x, y) in the source of each pixel of a result: an affine map. Pixel centres are at
/// whole numbers.
package struct PixelMap: Sendable, Equatable {
  // x = xx · column + xy · row + x0, and y likewise.
  package var (xx, xy, x0) = (1.0, 0.0, 0.0)
  package var (yx, yy, y0) = (0.0, 1.0, 0.0)

  package init() {}

  /// Undoes what the terms do to an image of that size, about its centre: scale by `scale`, shear so
  /// that columns tilt, rotate clockwise, then translate by (`right`, `down`).
  package init(
    height: Int, width: Int, scale: Double = 1, shear: Double = 0, rotation: Double = 0,
    right: Double = 0, down: Double = 0
  ) {
    let (sine, cosine) = Self.sineAndCosine(ofDegrees: rotation)
    let (shearSine, shearCosine) = Self.sineAndCosine(ofDegrees: shear)
    let tangent = shearSine / shearCosine
    xx = (cosine - tangent * sine) / scale
    xy = (sine + tangent * cosine) / scale
    yx = -sine / scale
    yy = cosine / scale
    let (centerX, centerY) = (Double(width - 1) / 2, Double(height - 1) / 2)
    let (fromX, fromY) = (centerX + right, centerY + down)
    x0 = centerX - xx * fromX - xy * fromY
    y0 = centerY - yx * fromX - yy * fromY
  }

  /// Then from the pixels of a window, of the size `height × width`, to those of `box`, resized to
  /// that window.
  package mutating func place(in box: PixelBox, height: Int, width: Int) {
    let (scaleX, scaleY) = (Double(box.width) / Double(width), Double(box.height) / Double(height))
    (xx, xy, x0) = (xx * scaleX, xy * scaleX, (x0 + 0.5) * scaleX - 0.5 + Double(box.left))
    (yx, yy, y0) = (yx * scaleY, yy * scaleY, (y0 + 0.5) * scaleY - 0.5 + Double(box.top))
  }

  /// Then from an image with left and right exchanged to the image.
  package mutating func flip(width: Int) {
    (xx, xy, x0) = (-xx, -xy, Double(width - 1) - x0)
  }

  private static func sineAndCosine(ofDegrees degrees: Double) -> (sine: Double, cosine: Double) {
    let turns = degrees.magnitude / 360
    let sine = PortableMath.sine(ofTurns: turns)
    return (degrees < 0 ? -sine : sine, PortableMath.cosine(ofTurns: turns))
  }
}

/// What is beyond the edges of an image.
package enum Border: Sendable {
  case zero
  /// The nearest pixel of the image.
  case edge
  /// The image mirrored about the centre of its outermost pixels, once to each side; beyond that,
  /// the nearest pixel of those.
  case reflection
}
