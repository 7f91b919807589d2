import ConvoyKernelInterface
import ConvoyReference

/// How the kernels store a map: row, column, channel, with added channels that are zero. What lies
/// between its pixels and between its rows is not the map's.
package struct StoredMap: Sendable {
  package let shape: ReferenceShape
  /// Channels as stored.
  package let channels: Int
  package let columnStep: Int
  package let rowStep: Int

  /// Steps that are nil leave nothing between pixels or rows.
  package init(
    _ shape: ReferenceShape, channels: Int? = nil, columnStep: Int? = nil, rowStep: Int? = nil
  ) {
    self.shape = shape
    self.channels = channels ?? PanelLayout.padded(shape.channels)
    self.columnStep = columnStep ?? self.channels
    self.rowStep = rowStep ?? shape.width * self.columnStep
  }

  /// Floats from the first pixel's to the last's.
  package var count: Int {
    (shape.height - 1) * rowStep + (shape.width - 1) * columnStep + channels
  }

  /// Where the values lie, by channel, row, column.
  package var places: [Int] { places(channels: 0..<shape.channels) }
  /// Where the zeros of the added channels lie.
  package var addedPlaces: [Int] { places(channels: shape.channels..<channels) }

  private func places(channels: Range<Int>) -> [Int] {
    var places: [Int] = []
    for channel in channels {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          places.append(row * rowStep + column * columnStep + channel)
        }
      }
    }
    return places
  }

  /// The map's memory, with `filler` where it is not the map's.
  package func stored(
    _ values: [Double], filler: Float = GuardedMemory.notANumber
  ) -> [Float] {
    var floats = Array(repeating: filler, count: count)
    for place in addedPlaces { floats[place] = 0 }
    for (place, value) in zip(places, values) { floats[place] = Float(value) }
    return floats
  }

  /// The values, by channel, row, column.
  package func loaded(_ floats: [Float]) -> [Double] { places.map { Double(floats[$0]) } }
}
