import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport
import Testing

@Suite("Layouts")
struct LayoutTests {
  static let maps = [
    StoredMap(ReferenceShape(channels: 1, height: 3, width: 5)),
    StoredMap(ReferenceShape(channels: 3, height: 4, width: 2), channels: 3, padding: 2),
    StoredMap(ReferenceShape(channels: 7, height: 2, width: 3), padding: 1, margin: 2),
    StoredMap(ReferenceShape(channels: 17, height: 3, width: 2), margin: 1, spacing: 3),
  ]

  @Test("a map that is stored and loaded is the same", arguments: maps.indices)
  func mapRoundTrip(index: Int) {
    var generator = SeededGenerator(seed: UInt64(index))
    let map = Self.maps[index]
    let values = generator.values(count: map.shape.count)
    #expect(map.loaded(map.stored(values)) == values)
    #expect(
      Set(map.places + map.addedPlaces).count == map.shape.count / map.shape.channels * map.channels
    )
  }

  /// Two channels of a pixel lie side by side, the rest of eight is zero; around the one pixel lie
  /// zeros, around these what is not the map's.
  @Test("a map written out")
  func mapByHand() {
    let map = StoredMap(
      ReferenceShape(channels: 2, height: 1, width: 1), padding: 1, margin: 1)
    let floats = map.stored([5, 6], filler: 9)
    #expect(floats.count == 5 * 5 * 8)
    let pixels = (0..<25).map { Array(floats[8 * $0..<8 * $0 + 8]) }
    let (outside, zeros) = (
      Array(repeating: Float(9), count: 8), Array(repeating: Float(0), count: 8)
    )
    for (index, pixel) in pixels.enumerated() {
      let (row, column) = (index / 5, index % 5)
      let inside = (1...3).contains(row) && (1...3).contains(column)
      #expect(pixel == (index == 12 ? [5, 6, 0, 0, 0, 0, 0, 0] : inside ? zeros : outside))
    }
    #expect(map.paddedStart == 6 * 8)
    #expect(map.start == 12 * 8)
    #expect(map.rowStep == 5 * 8)
  }

  static let filters = [
    FilterLayout(inputChannels: 1, storedChannels: 1, kernelHeight: 5, kernelWidth: 4, filters: 8),
    FilterLayout(inputChannels: 7, storedChannels: 8, kernelHeight: 2, kernelWidth: 3, filters: 19),
    FilterLayout(inputChannels: 3, storedChannels: 3, kernelHeight: 3, kernelWidth: 3, filters: 40),
    FilterLayout.dense(inputs: 17, storedInputs: 24, outputs: 10),
  ]

  @Test("filters that are stored and loaded are the same", arguments: filters.indices)
  func filterRoundTrip(index: Int) {
    var generator = SeededGenerator(seed: UInt64(index))
    let layout = Self.filters[index]
    let values = generator.values(count: layout.places.count)
    let floats = layout.stored(values)
    #expect(layout.loaded(floats) == values)
    #expect(layout.addedPlaces.allSatisfy { floats[$0] == 0 })
    #expect((layout.places + layout.addedPlaces).sorted() == Array(0..<layout.panels.count))
  }

  /// 24 columns: a panel of 16 with its two rows, then one of 8.
  @Test("panels written out")
  func panelsByHand() {
    let layout = FilterLayout(
      inputChannels: 1, storedChannels: 1, kernelHeight: 1, kernelWidth: 2, filters: 24)
    // Filter f holds 10 f at the left and 10 f + 1 at the right.
    let floats = layout.stored((0..<24).flatMap { [Double(10 * $0), Double(10 * $0 + 1)] })
    let wide = (0..<16).map { Float(10 * $0) }
    let narrow = (16..<24).map { Float(10 * $0) }
    #expect(floats == wide + wide.map { $0 + 1 } + narrow + narrow.map { $0 + 1 })
  }

  @Test("panels give every element a place of its own", arguments: [8, 16, 24, 40])
  func panelPlaces(columns: Int) {
    let layout = PanelLayout(rows: 5, columns: columns)
    let places = (0..<5).flatMap { row in
      (0..<columns).map { layout.offset(row: row, column: $0) }
    }
    #expect(places.sorted() == Array(0..<layout.count))
  }
}
