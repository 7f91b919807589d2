import ConvoyKernelInterface

/// The memory layout of a sample between two stages: row, column, channel, with a border of zeros
/// that is never written. Counts and steps are in floats.
package struct FeatureMap: Sendable, Equatable {
  package let shape: FeatureShape
  /// Channels as stored: a multiple of 8, the added ones always zero; or just the shape's own.
  package let channels: Int
  package let border: Border

  /// Rows and columns of zeros around a map.
  package struct Border: Sendable, Equatable {
    package var top = 0
    package var bottom = 0
    package var left = 0
    package var right = 0

    package init(top: Int = 0, bottom: Int = 0, left: Int = 0, right: Int = 0) {
      self.top = top
      self.bottom = bottom
      self.left = left
      self.right = right
    }

    /// Widens each side to at least the other's.
    mutating func formUnion(_ other: Border) {
      self = Border(
        top: max(top, other.top), bottom: max(bottom, other.bottom), left: max(left, other.left),
        right: max(right, other.right))
    }
  }

  package init(_ shape: FeatureShape, channels: Int? = nil, border: Border = Border()) {
    self.shape = shape
    self.channels = channels ?? PanelLayout.padded(shape.channels)
    self.border = border
  }

  package var rowStep: Int { (border.left + shape.width + border.right) * channels }
  /// Floats per sample, border included.
  package var count: Int { (border.top + shape.height + border.bottom) * rowStep }
  /// Offset of the first value, past the border.
  package var start: Int { border.top * rowStep + border.left * channels }
  /// Floats per row, without the border.
  package var rowCount: Int { shape.width * channels }

  /// Floats per sample, without the border.
  package var interiorCount: Int { shape.height * rowCount }

  /// Offset of value number `index`, counted in channel, row, column order.
  package func offset(of index: Int) -> Int {
    let pixels = shape.height * shape.width
    let (channel, pixel) = (index / pixels, index % pixels)
    let (row, column) = (pixel / shape.width, pixel % shape.width)
    return start + row * rowStep + column * channels + channel
  }

  /// Row geometry of this map's values and another map's gradients.
  func rows(with gradients: FeatureMap) -> RowGeometry {
    RowGeometry(
      rows: shape.height, count: rowCount, step: rowStep, otherStep: gradients.rowStep)
  }

  /// Sets the border to zero.
  func clearBorder(_ sample: MutableFloatPointer) {
    guard count > interiorCount else { return }
    var end = unsafe sample
    func clear(upTo next: MutableFloatPointer) {
      unsafe end.update(repeating: 0, count: next - end)
    }
    for row in 0..<shape.height {
      let first = unsafe sample + start + row * rowStep
      unsafe clear(upTo: first)
      unsafe end = unsafe first + rowCount
    }
    unsafe clear(upTo: sample + count)
  }

  /// Sets the padding channels to zero, after an activation that does not map zero to zero.
  func clearAddedChannels(_ sample: MutableFloatPointer) {
    guard channels > shape.channels else { return }
    for row in 0..<shape.height {
      for column in 0..<shape.width {
        unsafe (sample + start + row * rowStep + column * channels + shape.channels)
          .update(repeating: 0, count: channels - shape.channels)
      }
    }
  }
}
