import ConvoyKernelInterface

extension CompiledKernels {
  package func winogradInput(
    _ geometry: WinogradGeometry, input: FloatPointer, components: MutableFloatPointer
  ) {
    forEachTile(geometry) { row, column, tile in
      let corner = input + geometry.corner(row: row, column: column)
      let target = components + tile &* geometry.channels
      forEachVector(of: geometry.channels) { channel in
        inputTile(WideVector.self, geometry, corner + channel, target + channel)
      } narrow: { channel in
        inputTile(SIMD8<Float>.self, geometry, corner + channel, target + channel)
      }
    }
  }

  package func winogradOutput(
    _ geometry: WinogradGeometry, components: FloatPointer, bias: FloatPointer?,
    output: MutableFloatPointer
  ) {
    forEachTile(geometry) { row, column, tile in
      let corner = output + geometry.corner(row: row, column: column)
      let source = components + tile &* geometry.channels
      let size = geometry.size(row: row, column: column)
      forEachVector(of: geometry.channels) { channel in
        outputTile(
          WideVector.self, geometry, size, source + channel, bias.map { $0 + channel },
          corner + channel)
      } narrow: { channel in
        outputTile(
          SIMD8<Float>.self, geometry, size, source + channel, bias.map { $0 + channel },
          corner + channel)
      }
    }
  }

  package func winogradFilters(
    _ tile: WinogradTile, channels: Int, width: Int, weights: FloatPointer, tapStep: Int,
    components: MutableFloatPointer, componentStep: Int
  ) {
    for channel in 0..<channels {
      let place = channel &* width
      if width == PanelLayout.panelWidth {
        filterTile(
          SIMD16<Float>.self, tile, weights + place, tapStep, components + place, componentStep)
      } else {
        filterTile(
          SIMD8<Float>.self, tile, weights + place, tapStep, components + place, componentStep)
      }
    }
  }

  package func winogradOutputGradient(
    _ geometry: WinogradGeometry, gradient: FloatPointer, components: MutableFloatPointer
  ) {
    forEachTile(geometry) { row, column, tile in
      let corner = gradient + geometry.corner(row: row, column: column)
      let target = components + tile &* geometry.channels
      let size = geometry.size(row: row, column: column)
      forEachVector(of: geometry.channels) { channel in
        outputGradientTile(WideVector.self, geometry, size, corner + channel, target + channel)
      } narrow: { channel in
        outputGradientTile(SIMD8<Float>.self, geometry, size, corner + channel, target + channel)
      }
    }
  }

  package func winogradFilterGradient(
    _ tile: WinogradTile, channels: Int, width: Int, components: FloatPointer, componentStep: Int,
    weightGradient: MutableFloatPointer, tapStep: Int
  ) {
    for channel in 0..<channels {
      let place = channel &* width
      if width == PanelLayout.panelWidth {
        filterGradientTile(
          SIMD16<Float>.self, tile, components + place, componentStep, weightGradient + place,
          tapStep)
      } else {
        filterGradientTile(
          SIMD8<Float>.self, tile, components + place, componentStep, weightGradient + place,
          tapStep)
      }
    }
  }
}

#if AVX512
  private typealias WideVector = SIMD16<Float>
#else
  // Vectors of 16 would take two registers each and spill.
  private typealias WideVector = SIMD8<Float>
#endif

@inline(__always)
private func forEachTile(
  _ geometry: WinogradGeometry, _ body: (_ row: Int, _ column: Int, _ tile: Int) -> Void
) {
  let (rows, columns) = (geometry.tileRows, geometry.tileColumns)
  for row in 0..<rows {
    for column in 0..<columns { body(row, column, row &* columns &+ column) }
  }
}

/// Calls one of two bodies with the first channel of each vector.
@inline(__always)
private func forEachVector(
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

extension WinogradGeometry {
  /// Offset of a tile's first output.
  @inline(__always)
  fileprivate func corner(row: Int, column: Int) -> Int {
    tile.outputs &* (row &* rowStep &+ column &* columnStep)
  }

  /// The part of a tile that is on the map.
  @inline(__always)
  fileprivate func size(row: Int, column: Int) -> (rows: Int, columns: Int) {
    let outputs = tile.outputs
    return (min(outputs, rows &- row &* outputs), min(outputs, columns &- column &* outputs))
  }
}
