import ConvoyKernelInterface
import ConvoyReference

/// How the kernels store a map: row, column, channel; with added channels that are zero, padding of
/// zeros, a margin that belongs to somebody else, and possibly pixels between its own.
package struct StoredMap: Sendable {
  package let shape: ReferenceShape
  /// Channels as stored.
  package let channels: Int
  /// Rows and columns of zeros on each side.
  package let padding: Int
  /// Rows and columns around the padding that are not the map's.
  package let margin: Int
  /// From a pixel to the next in rows and columns; what lies between is not the map's either.
  package let spacing: Int

  package init(
    _ shape: ReferenceShape, channels: Int? = nil, padding: Int = 0, margin: Int = 0,
    spacing: Int = 1
  ) {
    self.shape = shape
    self.channels = channels ?? PanelLayout.padded(shape.channels)
    self.padding = padding
    precondition(padding == 0 || spacing == 1, "padding is not combined with spacing")
    self.margin = margin
    self.spacing = spacing
  }

  private func extent(_ size: Int) -> Int { (size - 1) * spacing + 1 + 2 * (padding + margin) }
  private var pixelsARow: Int { extent(shape.width) }

  /// Floats of the map, margin and padding included.
  package var count: Int { extent(shape.height) * pixelsARow * channels }
  package var columnStep: Int { spacing * channels }
  package var rowStep: Int { spacing * pixelsARow * channels }
  /// Where the padding's first float lies.
  package var paddedStart: Int { margin * (pixelsARow + 1) * channels }
  /// Where the first value lies.
  package var start: Int { (margin + padding) * (pixelsARow + 1) * channels }

  package func offset(channel: Int, row: Int, column: Int) -> Int {
    start + row * rowStep + column * columnStep + channel
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
          places.append(offset(channel: channel, row: row, column: column))
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
    // The frame is filled first, the values after.
    if padding > 0 {
      for row in 0..<shape.height + 2 * padding {
        let first = paddedStart + row * rowStep
        for offset in 0..<(shape.width + 2 * padding) * channels { floats[first + offset] = 0 }
      }
    }
    for place in addedPlaces { floats[place] = 0 }
    for (place, value) in zip(places, values) { floats[place] = Float(value) }
    return floats
  }

  /// The values, by channel, row, column.
  package func loaded(_ floats: [Float]) -> [Double] { places.map { Double(floats[$0]) } }
}
