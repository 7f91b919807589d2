import ConvoyPictures

/// Resizing in Double, one new pixel at a time.
struct ResizingReference {
  /// Before rounding.
  let values: [Double]

  init(_ picture: Picture, to size: PictureSize, fit: PictureFit) {
    let across = Double(size.width) / Double(picture.width)
    let down = Double(size.height) / Double(picture.height)
    // Halves of exact quotients are exact in Double; sides are at least 1.
    func scaled(_ old: Int, _ factor: Double) -> Int {
      max(1, Int((Double(old) * factor + 0.5 + 1e-12).rounded(.down)))
    }
    let both = fit == .crop ? max(across, down) : min(across, down)
    let width = fit == .stretch || across == both ? size.width : scaled(picture.width, both)
    let height = fit == .stretch || down == both ? size.height : scaled(picture.height, both)

    /// The weights of old pixels in a new one, which add up to 1.
    func weights(_ pixel: Int, _ old: Int, _ new: Int) -> [(Int, Double)] {
      let ratio = Double(old) / Double(new)
      if new < old {
        let start = Double(pixel) * ratio
        return (0..<old).map { index in
          (
            index,
            max(0, min(start + ratio, Double(index + 1)) - max(start, Double(index))) / ratio
          )
        }
      }
      let centre = min(max((Double(pixel) + 0.5) * ratio - 0.5, 0), Double(old - 1))
      return (0..<old).map { ($0, max(0, 1 - abs(Double($0) - centre))) }
    }

    var values: [Double] = []
    for row in 0..<size.height {
      for column in 0..<size.width {
        // The smaller half of what is cut off or added comes before the picture.
        let x =
          column + (width >= size.width ? (width - size.width) / 2 : -((size.width - width) / 2))
        let y =
          row + (height >= size.height ? (height - size.height) / 2 : -((size.height - height) / 2))
        for channel in 0..<picture.channels {
          guard (0..<width).contains(x), (0..<height).contains(y) else {
            values.append(0)
            continue
          }
          var sum = 0.0
          for (oldRow, down) in weights(y, picture.height, height) where down > 0 {
            for (oldColumn, across) in weights(x, picture.width, width) where across > 0 {
              let byte = picture.bytes[
                (oldRow * picture.width + oldColumn) * picture.channels + channel]
              sum += down * across * Double(byte)
            }
          }
          values.append(sum)
        }
      }
    }
    self.values = values
  }
}
