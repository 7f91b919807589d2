import ConvoyKernelInterface

#if AVX512
  typealias WideVector = SIMD16<Float>
#else
  // Vectors of 16 would take two registers each and spill.
  typealias WideVector = SIMD8<Float>
#endif

/// Where a row of a component is stored (`ComponentStorage`), and how.
protocol ComponentStore {
  init(row: Int)
  /// The row's first number, in floats from the component's.
  func place(columns: Int) -> Int
  /// Another number of the row, in floats from its first.
  func offset(ofColumn column: Int) -> Int
  func store<Vector: LaneVector>(_ values: Vector, _ place: MutableFloatPointer)
}

struct Float32Store: ComponentStore {
  private let row: Int
  @inline(__always)
  init(row: Int) { self.row = row }
  @inline(__always)
  func place(columns: Int) -> Int { row &* columns }
  @inline(__always)
  func offset(ofColumn column: Int) -> Int { column }
  @inline(__always)
  func store<Vector: LaneVector>(_ values: Vector, _ place: MutableFloatPointer) {
    values.storeFloat32(place)
  }
}

struct BFloat16Store: ComponentStore {
  private let row: Int
  @inline(__always)
  init(row: Int) { self.row = row }
  @inline(__always)
  func place(columns: Int) -> Int { row &* (columns / 2) }
  @inline(__always)
  func offset(ofColumn column: Int) -> Int { column / 2 }
  @inline(__always)
  func store<Vector: LaneVector>(_ values: Vector, _ place: MutableFloatPointer) {
    values.storeBFloat16(place)
  }
}

struct BFloat16PairStore: ComponentStore {
  private let row: Int
  @inline(__always)
  init(row: Int) { self.row = row }
  @inline(__always)
  func place(columns: Int) -> Int { row / 2 &* columns }
  @inline(__always)
  func offset(ofColumn column: Int) -> Int { column }
  @inline(__always)
  func store<Vector: LaneVector>(_ values: Vector, _ place: MutableFloatPointer) {
    values.storeBFloat16Pairs(place, asSecond: row & 1 == 1)
  }
}

/// The transforms of one vector of channels of one tile.
protocol TileTransforms {
  /// Rows and columns.
  static var outputs: Int { get }

  static func input<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ input: FloatPointer,
    _ components: MutableFloatPointer, _ target: some ComponentStore)

  /// - Parameter size: the part of the tile that is on the map.
  static func output<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
    _ components: FloatPointer, _ bias: FloatPointer?, _ output: MutableFloatPointer)
}

protocol GradientTileTransforms: TileTransforms {
  static func outputGradient<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
    _ gradient: FloatPointer, _ components: MutableFloatPointer, _ target: some ComponentStore)
}

extension TileTransforms {
  @inline(__always)
  static func inputTiles<Store: ComponentStore>(
    _ geometry: WinogradGeometry, _ input: FloatPointer, _ components: MutableFloatPointer,
    _: Store.Type
  ) {
    forEachTile(geometry) { row, column, tile in
      let corner = input + corner(geometry, row, column)
      let store = Store(row: tile)
      let target = components + store.place(columns: geometry.channels)
      forEachVector(of: geometry.channels) { channel in
        Self.input(
          WideVector.self, geometry, corner + channel, target + store.offset(ofColumn: channel),
          store)
      } narrow: { channel in
        Self.input(
          SIMD8<Float>.self, geometry, corner + channel, target + store.offset(ofColumn: channel),
          store)
      }
    }
  }

  @inline(__always)
  static func outputTiles(
    _ geometry: WinogradGeometry, _ components: FloatPointer, _ bias: FloatPointer?,
    _ output: MutableFloatPointer
  ) {
    forEachTile(geometry) { row, column, tile in
      let corner = output + corner(geometry, row, column)
      let source = components + tile &* geometry.channels
      let size = size(geometry, row, column)
      forEachVector(of: geometry.channels) { channel in
        Self.output(
          WideVector.self, geometry, size, source + channel, bias.map { $0 + channel },
          corner + channel)
      } narrow: { channel in
        Self.output(
          SIMD8<Float>.self, geometry, size, source + channel, bias.map { $0 + channel },
          corner + channel)
      }
    }
  }

  @inline(__always)
  static func forEachTile(
    _ geometry: WinogradGeometry, _ body: (_ row: Int, _ column: Int, _ tile: Int) -> Void
  ) {
    let (rows, columns) = (geometry.tileRows, geometry.tileColumns)
    for row in 0..<rows {
      for column in 0..<columns {
        body(row, column, geometry.firstTile &+ row &* columns &+ column)
      }
    }
  }

  /// Calls one of two bodies with the first channel of each vector.
  @inline(__always)
  static func forEachVector(
    of channels: Int, wide: (_ channel: Int) -> Void, narrow: (_ channel: Int) -> Void
  ) {
    var channel = 0
    while channel < channels {
      if channels &- channel >= WideVector.scalarCount {
        wide(channel)
        channel &+= WideVector.scalarCount
      } else {
        narrow(channel)
        channel &+= 8
      }
    }
  }

  /// Offset of a tile's first output.
  @inline(__always)
  static func corner(_ geometry: WinogradGeometry, _ row: Int, _ column: Int) -> Int {
    outputs &* (row &* geometry.rowStep &+ column &* geometry.columnStep)
  }

  @inline(__always)
  static func size(
    _ geometry: WinogradGeometry, _ row: Int, _ column: Int
  ) -> (rows: Int, columns: Int) {
    (
      min(outputs, geometry.rows &- row &* outputs),
      min(outputs, geometry.columns &- column &* outputs)
    )
  }
}

extension GradientTileTransforms {
  @inline(__always)
  static func inputTiles(
    _ geometry: WinogradGeometry, _ input: FloatPointer, _ components: MutableFloatPointer
  ) {
    switch geometry.storage {
    case .float32: inputTiles(geometry, input, components, Float32Store.self)
    case .bfloat16: inputTiles(geometry, input, components, BFloat16Store.self)
    case .bfloat16RowPairs: inputTiles(geometry, input, components, BFloat16PairStore.self)
    }
  }

  @inline(__always)
  static func outputGradientTiles(
    _ geometry: WinogradGeometry, _ gradient: FloatPointer, _ components: MutableFloatPointer
  ) {
    switch geometry.storage {
    case .float32: outputGradientTiles(geometry, gradient, components, Float32Store.self)
    case .bfloat16RowPairs:
      outputGradientTiles(geometry, gradient, components, BFloat16PairStore.self)
    case .bfloat16: preconditionFailure("output gradients have no pairs of channels")
    }
  }

  @inline(__always)
  private static func outputGradientTiles<Store: ComponentStore>(
    _ geometry: WinogradGeometry, _ gradient: FloatPointer, _ components: MutableFloatPointer,
    _: Store.Type
  ) {
    forEachTile(geometry) { row, column, tile in
      let corner = gradient + corner(geometry, row, column)
      let store = Store(row: tile)
      let target = components + store.place(columns: geometry.channels)
      let size = size(geometry, row, column)
      forEachVector(of: geometry.channels) { channel in
        outputGradient(
          WideVector.self, geometry, size, corner + channel,
          target + store.offset(ofColumn: channel), store)
      } narrow: { channel in
        outputGradient(
          SIMD8<Float>.self, geometry, size, corner + channel,
          target + store.offset(ofColumn: channel), store)
      }
    }
  }
}
