import ConvoyKernelInterface
import ConvoyReference
import ConvoyTestSupport
import Testing

@Suite("Layouts")
struct LayoutTests {
  static let maps = [
    StoredMap(ReferenceShape(channels: 1, height: 3, width: 5)),
    StoredMap(ReferenceShape(channels: 3, height: 4, width: 2), channels: 3, rowStep: 9),
    StoredMap(ReferenceShape(channels: 7, height: 2, width: 3), rowStep: 40),
    StoredMap(ReferenceShape(channels: 17, height: 3, width: 2), columnStep: 72, rowStep: 432),
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

  /// Two channels of a pixel lie side by side, the rest of eight is zero; what lies between pixels and
  /// rows is not the map's.
  @Test("a map written out")
  func mapByHand() {
    let map = StoredMap(
      ReferenceShape(channels: 2, height: 2, width: 2), columnStep: 16, rowStep: 40)
    let floats = map.stored([1, 2, 3, 4, 5, 6, 7, 8], filler: 9)
    let outside = Array(repeating: Float(9), count: 8)
    func pixel(_ first: Float, _ second: Float) -> [Float] { [first, second, 0, 0, 0, 0, 0, 0] }
    let rows = [
      pixel(1, 5), outside, pixel(2, 6), outside, outside, pixel(3, 7), outside, pixel(4, 8),
    ]
    #expect(floats == rows.flatMap(\.self))
  }

  static let filters = [
    FilterLayout(inputChannels: 1, storedChannels: 1, kernelHeight: 5, kernelWidth: 4, filters: 8),
    FilterLayout(inputChannels: 7, storedChannels: 8, kernelHeight: 2, kernelWidth: 3, filters: 19),
    FilterLayout(inputChannels: 3, storedChannels: 3, kernelHeight: 3, kernelWidth: 3, filters: 40),
    FilterLayout(
      inputChannels: 17, storedChannels: 24, kernelHeight: 1, kernelWidth: 1, filters: 10),
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
    func row(_ filters: Range<Int>, adding column: Int) -> [Float] {
      filters.map { Float(10 * $0 + column) }
    }
    let values = (0..<24).flatMap { [10 * $0, 10 * $0 + 1] }
    let panels = [
      row(0..<16, adding: 0), row(0..<16, adding: 1), row(16..<24, adding: 0),
      row(16..<24, adding: 1),
    ]
    #expect(layout.stored(values.map(Double.init)) == panels.flatMap(\.self))
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
