import ConvoyKernelInterface

extension CompiledKernels {
  package func winogradInput(
    _ geometry: WinogradGeometry, input: FloatPointer, components: MutableFloatPointer
  ) {
    forEachTile(geometry) { row, column, tile in
      let corner = input + geometry.corner(row: row, column: column)
      let target = components + tile &* geometry.channels
      var channel = 0
      while channel < geometry.channels {
        if geometry.channels &- channel >= WideVector.scalarCount {
          inputTile(WideVector.self, geometry, corner + channel, target + channel)
          channel &+= WideVector.scalarCount
        } else {
          inputTile(SIMD8<Float>.self, geometry, corner + channel, target + channel)
          channel &+= 8
        }
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
      var channel = 0
      while channel < geometry.channels {
        let bias = bias.map { $0 + channel }
        if geometry.channels &- channel >= WideVector.scalarCount {
          outputTile(WideVector.self, geometry, size, source + channel, bias, corner + channel)
          channel &+= WideVector.scalarCount
        } else {
          outputTile(SIMD8<Float>.self, geometry, size, source + channel, bias, corner + channel)
          channel &+= 8
        }
      }
    }
  }

  package func winogradFilters(
    channels: Int, width: Int, weights: FloatPointer, tapStep: Int,
    components: MutableFloatPointer, componentStep: Int
  ) {
    for channel in 0..<channels {
      let place = channel &* width
      if width == PanelLayout.panelWidth {
        filterTile(
          SIMD16<Float>.self, weights + place, tapStep, components + place, componentStep)
      } else {
        filterTile(
          SIMD8<Float>.self, weights + place, tapStep, components + place, componentStep)
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
      var channel = 0
      while channel < geometry.channels {
        if geometry.channels &- channel >= WideVector.scalarCount {
          outputGradientTile(WideVector.self, geometry, size, corner + channel, target + channel)
          channel &+= WideVector.scalarCount
        } else {
          outputGradientTile(
            SIMD8<Float>.self, geometry, size, corner + channel, target + channel)
          channel &+= 8
        }
      }
    }
  }

  package func winogradFilterGradient(
    channels: Int, width: Int, components: FloatPointer, componentStep: Int,
    weightGradient: MutableFloatPointer, tapStep: Int
  ) {
    for channel in 0..<channels {
      let place = channel &* width
      if width == PanelLayout.panelWidth {
        filterGradientTile(
          SIMD16<Float>.self, components + place, componentStep, weightGradient + place, tapStep)
      } else {
        filterGradientTile(
          SIMD8<Float>.self, components + place, componentStep, weightGradient + place, tapStep)
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

/// Columns first, then rows; one vector of channels of one tile.
@inline(never)
private func inputTile<Vector: LaneVector>(
  _: Vector.Type, _ geometry: WinogradGeometry, _ input: FloatPointer,
  _ components: MutableFloatPointer
) {
  let columns = InlineArray<6, InlineArray<6, Vector>> { column in
    WinogradTransform.input(
      InlineArray { row in
        Vector.load(input + (row &* geometry.rowStep &+ column &* geometry.columnStep))
      })
  }
  store(columns, components, geometry.componentStep) { WinogradTransform.input($0) }
}

@inline(never)
private func filterTile<Vector: LaneVector>(
  _: Vector.Type, _ weights: FloatPointer, _ tapStep: Int, _ components: MutableFloatPointer,
  _ componentStep: Int
) {
  let columns = InlineArray<3, InlineArray<6, Vector>> { column in
    WinogradTransform.filter(
      InlineArray { row in Vector.load(weights + (row &* 3 &+ column) &* tapStep) })
  }
  store(columns, components, componentStep) { WinogradTransform.filter($0) }
}

/// Transforms the rows of transformed columns, and stores all components.
@inline(__always)
private func store<Vector: LaneVector, let count: Int>(
  _ columns: InlineArray<count, InlineArray<6, Vector>>, _ components: MutableFloatPointer,
  _ componentStep: Int,
  _ transform: (InlineArray<count, Vector>) -> InlineArray<6, Vector>
) {
  for row in 0..<6 {
    let values = transform(InlineArray { column in columns[column][row] })
    for column in 0..<6 {
      values[column].store(components + (row &* 6 &+ column) &* componentStep)
    }
  }
}

@inline(never)
private func outputTile<Vector: LaneVector>(
  _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
  _ components: FloatPointer, _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
  let columns = InlineArray<6, InlineArray<4, Vector>> { column in
    WinogradTransform.output(
      InlineArray { row in
        Vector.load(components + (row &* 6 &+ column) &* geometry.componentStep)
      })
  }
  let bias = bias.map(Vector.load) ?? Vector()
  for row in 0..<4 where row < size.rows {
    let values = WinogradTransform.output(InlineArray<6, Vector> { columns[$0][row] })
    for column in 0..<4 where column < size.columns {
      (values[column] + bias)
        .store(output + (row &* geometry.rowStep &+ column &* geometry.columnStep))
    }
  }
}

@inline(never)
private func outputGradientTile<Vector: LaneVector>(
  _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
  _ gradient: FloatPointer, _ components: MutableFloatPointer
) {
  let columns = InlineArray<4, InlineArray<6, Vector>> { column in
    WinogradTransform.outputGradient(
      InlineArray { row in
        row < size.rows && column < size.columns
          ? Vector.load(gradient + (row &* geometry.rowStep &+ column &* geometry.columnStep))
          : Vector()
      })
  }
  store(columns, components, geometry.componentStep) { WinogradTransform.outputGradient($0) }
}

@inline(never)
private func filterGradientTile<Vector: LaneVector>(
  _: Vector.Type, _ components: FloatPointer, _ componentStep: Int,
  _ weightGradient: MutableFloatPointer, _ tapStep: Int
) {
  let columns = InlineArray<6, InlineArray<3, Vector>> { column in
    WinogradTransform.filterGradient(
      InlineArray { row in Vector.load(components + (row &* 6 &+ column) &* componentStep) })
  }
  for row in 0..<3 {
    let values = WinogradTransform.filterGradient(
      InlineArray<6, Vector> { column in columns[column][row] })
    for column in 0..<3 { values[column].store(weightGradient + (row &* 3 &+ column) &* tapStep) }
  }
}

extension WinogradGeometry {
  /// Offset of a tile's first output.
  @inline(__always)
  fileprivate func corner(row: Int, column: Int) -> Int {
    row &* 4 &* rowStep &+ column &* 4 &* columnStep
  }

  /// The part of a tile that is on the map.
  @inline(__always)
  fileprivate func size(row: Int, column: Int) -> (rows: Int, columns: Int) {
    (min(4, rows &- row &* 4), min(4, columns &- column &* 4))
  }
}
