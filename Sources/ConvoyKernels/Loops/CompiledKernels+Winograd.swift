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

// One vector of channels of one tile: columns first, then rows. Everything is inlined into straight
// lines.

@inline(never)
private func inputTile<Vector: LaneVector>(
  _: Vector.Type, _ geometry: WinogradGeometry, _ input: FloatPointer,
  _ components: MutableFloatPointer
) {
  @inline(__always)
  func column(_ column: Int) -> Six<Vector> {
    WinogradTransform.input(
      loadSix(input + column &* geometry.columnStep, geometry.rowStep))
  }
  let rows = transpose((column(0), column(1), column(2), column(3), column(4), column(5)))
  let step = geometry.componentStep
  store(WinogradTransform.input(rows.0), row: 0, components, step)
  store(WinogradTransform.input(rows.1), row: 1, components, step)
  store(WinogradTransform.input(rows.2), row: 2, components, step)
  store(WinogradTransform.input(rows.3), row: 3, components, step)
  store(WinogradTransform.input(rows.4), row: 4, components, step)
  store(WinogradTransform.input(rows.5), row: 5, components, step)
}

@inline(never)
private func filterTile<Vector: LaneVector>(
  _: Vector.Type, _ weights: FloatPointer, _ tapStep: Int, _ components: MutableFloatPointer,
  _ componentStep: Int
) {
  @inline(__always)
  func column(_ column: Int) -> Six<Vector> {
    let first = weights + column &* tapStep
    return WinogradTransform.filter(
      (.load(first), .load(first + 3 &* tapStep), .load(first + 6 &* tapStep)))
  }
  let rows = transpose((column(0), column(1), column(2)))
  store(WinogradTransform.filter(rows.0), row: 0, components, componentStep)
  store(WinogradTransform.filter(rows.1), row: 1, components, componentStep)
  store(WinogradTransform.filter(rows.2), row: 2, components, componentStep)
  store(WinogradTransform.filter(rows.3), row: 3, components, componentStep)
  store(WinogradTransform.filter(rows.4), row: 4, components, componentStep)
  store(WinogradTransform.filter(rows.5), row: 5, components, componentStep)
}

@inline(never)
private func outputGradientTile<Vector: LaneVector>(
  _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
  _ gradient: FloatPointer, _ components: MutableFloatPointer
) {
  @inline(__always)
  func value(_ row: Int, _ column: Int) -> Vector {
    row < size.rows && column < size.columns
      ? .load(gradient + (row &* geometry.rowStep &+ column &* geometry.columnStep)) : Vector()
  }
  @inline(__always)
  func column(_ column: Int) -> Six<Vector> {
    WinogradTransform.outputGradient(
      (value(0, column), value(1, column), value(2, column), value(3, column)))
  }
  let rows = transpose((column(0), column(1), column(2), column(3)))
  let step = geometry.componentStep
  store(WinogradTransform.outputGradient(rows.0), row: 0, components, step)
  store(WinogradTransform.outputGradient(rows.1), row: 1, components, step)
  store(WinogradTransform.outputGradient(rows.2), row: 2, components, step)
  store(WinogradTransform.outputGradient(rows.3), row: 3, components, step)
  store(WinogradTransform.outputGradient(rows.4), row: 4, components, step)
  store(WinogradTransform.outputGradient(rows.5), row: 5, components, step)
}

@inline(never)
private func outputTile<Vector: LaneVector>(
  _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
  _ components: FloatPointer, _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
  let step = geometry.componentStep
  @inline(__always)
  func column(_ column: Int) -> Four<Vector> {
    WinogradTransform.output(loadSix(components + column &* step, 6 &* step))
  }
  let rows = transpose((column(0), column(1), column(2), column(3), column(4), column(5)))
  let bias: Vector = if let bias { .load(bias) } else { Vector() }
  @inline(__always)
  func store(_ outputs: Four<Vector>, row: Int) {
    guard row < size.rows else { return }
    let target = output + row &* geometry.rowStep
    (outputs.0 + bias).store(target)
    if size.columns > 1 { (outputs.1 + bias).store(target + geometry.columnStep) }
    if size.columns > 2 { (outputs.2 + bias).store(target + 2 &* geometry.columnStep) }
    if size.columns > 3 { (outputs.3 + bias).store(target + 3 &* geometry.columnStep) }
  }
  store(WinogradTransform.output(rows.0), row: 0)
  store(WinogradTransform.output(rows.1), row: 1)
  store(WinogradTransform.output(rows.2), row: 2)
  store(WinogradTransform.output(rows.3), row: 3)
}

@inline(never)
private func filterGradientTile<Vector: LaneVector>(
  _: Vector.Type, _ components: FloatPointer, _ componentStep: Int,
  _ weightGradient: MutableFloatPointer, _ tapStep: Int
) {
  @inline(__always)
  func column(_ column: Int) -> Three<Vector> {
    WinogradTransform.filterGradient(
      loadSix(components + column &* componentStep, 6 &* componentStep))
  }
  let rows = transpose((column(0), column(1), column(2), column(3), column(4), column(5)))
  @inline(__always)
  func store(_ weights: Three<Vector>, row: Int) {
    let target = weightGradient + 3 &* row &* tapStep
    weights.0.store(target)
    weights.1.store(target + tapStep)
    weights.2.store(target + 2 &* tapStep)
  }
  store(WinogradTransform.filterGradient(rows.0), row: 0)
  store(WinogradTransform.filterGradient(rows.1), row: 1)
  store(WinogradTransform.filterGradient(rows.2), row: 2)
}

@inline(__always)
private func loadSix<Vector: LaneVector>(_ first: FloatPointer, _ step: Int) -> Six<Vector> {
  (
    .load(first), .load(first + step), .load(first + 2 &* step), .load(first + 3 &* step),
    .load(first + 4 &* step), .load(first + 5 &* step)
  )
}

/// Stores a row of a tile's components.
@inline(__always)
private func store<Vector: LaneVector>(
  _ values: Six<Vector>, row: Int, _ components: MutableFloatPointer, _ step: Int
) {
  let first = components + 6 &* row &* step
  values.0.store(first)
  values.1.store(first + step)
  values.2.store(first + 2 &* step)
  values.3.store(first + 3 &* step)
  values.4.store(first + 4 &* step)
  values.5.store(first + 5 &* step)
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
