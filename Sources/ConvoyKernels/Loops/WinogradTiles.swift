import ConvoyKernelInterface

#if AVX512
  typealias WideVector = SIMD16<Float>
#else
  // Vectors of 16 would take two registers each and spill.
  typealias WideVector = SIMD8<Float>
#endif

/// The transforms of one vector of channels of one tile.
protocol TileTransforms {
  /// Rows and columns.
  static var outputs: Int { get }

  static func input<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ input: FloatPointer,
    _ components: MutableFloatPointer)

  /// - Parameter size: the part of the tile that is on the map.
  static func output<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
    _ components: FloatPointer, _ bias: FloatPointer?, _ output: MutableFloatPointer)
}

protocol GradientTileTransforms: TileTransforms {
  static func outputGradient<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
    _ gradient: FloatPointer, _ components: MutableFloatPointer)
}

extension TileTransforms {
  @inline(__always)
  static func inputTiles(
    _ geometry: WinogradGeometry, _ input: FloatPointer, _ components: MutableFloatPointer
  ) {
    forEachTile(geometry) { row, column, tile in
      let corner = input + corner(geometry, row, column)
      let target = components + tile &* geometry.channels
      forEachVector(of: geometry.channels) { channel in
        Self.input(WideVector.self, geometry, corner + channel, target + channel)
      } narrow: { channel in
        Self.input(SIMD8<Float>.self, geometry, corner + channel, target + channel)
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
      for column in 0..<columns { body(row, column, row &* columns &+ column) }
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
  static func outputGradientTiles(
    _ geometry: WinogradGeometry, _ gradient: FloatPointer, _ components: MutableFloatPointer
  ) {
    forEachTile(geometry) { row, column, tile in
      let corner = gradient + corner(geometry, row, column)
      let target = components + tile &* geometry.channels
      let size = size(geometry, row, column)
      forEachVector(of: geometry.channels) { channel in
        outputGradient(WideVector.self, geometry, size, corner + channel, target + channel)
      } narrow: { channel in
        outputGradient(SIMD8<Float>.self, geometry, size, corner + channel, target + channel)
      }
    }
  }
}
