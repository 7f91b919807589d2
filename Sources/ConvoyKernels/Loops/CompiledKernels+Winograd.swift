import ConvoyKernelInterface

/// Transforms of maps.
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

// One vector of channels of one tile: columns first, then rows. Everything is inlined into straight
// lines, and private to its file: else, copies for any vector would exist in debug builds.

@inline(never)
private func inputTile<Vector: LaneVector>(
  _: Vector.Type, _ geometry: WinogradGeometry, _ input: FloatPointer,
  _ components: MutableFloatPointer
) {
  if case .f2x3 = geometry.tile {
    return smallInputTile(Vector.self, geometry, input, components)
  }
  @inline(__always)
  func column(_ column: Int) -> Six<Vector> {
    WinogradTransform.input(loadSix(input + column &* geometry.columnStep, geometry.rowStep))
  }
  let rows = transpose((column(0), column(1), column(2), column(3), column(4), column(5)))
  store(WinogradTransform.input(rows.0), row: 0, components, geometry.componentStep)
  store(WinogradTransform.input(rows.1), row: 1, components, geometry.componentStep)
  store(WinogradTransform.input(rows.2), row: 2, components, geometry.componentStep)
  store(WinogradTransform.input(rows.3), row: 3, components, geometry.componentStep)
  store(WinogradTransform.input(rows.4), row: 4, components, geometry.componentStep)
  store(WinogradTransform.input(rows.5), row: 5, components, geometry.componentStep)
}

@inline(__always)
private func smallInputTile<Vector: LaneVector>(
  _: Vector.Type, _ geometry: WinogradGeometry, _ input: FloatPointer,
  _ components: MutableFloatPointer
) {
  @inline(__always)
  func column(_ column: Int) -> Four<Vector> {
    WinogradTransform.input(loadFour(input + column &* geometry.columnStep, geometry.rowStep))
  }
  let rows = transpose((column(0), column(1), column(2), column(3)))
  store(WinogradTransform.input(rows.0), row: 0, components, geometry.componentStep)
  store(WinogradTransform.input(rows.1), row: 1, components, geometry.componentStep)
  store(WinogradTransform.input(rows.2), row: 2, components, geometry.componentStep)
  store(WinogradTransform.input(rows.3), row: 3, components, geometry.componentStep)
}

@inline(never)
private func outputTile<Vector: LaneVector>(
  _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
  _ components: FloatPointer, _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
  let step = geometry.componentStep
  let bias: Vector = if let bias { .load(bias) } else { Vector() }
  switch geometry.tile {
  case .f4x3:
    @inline(__always)
    func column(_ column: Int) -> Four<Vector> {
      WinogradTransform.fourOutputs(loadSix(components + column &* step, 6 &* step))
    }
    let rows = transpose((column(0), column(1), column(2), column(3), column(4), column(5)))
    @inline(__always)
    func store(_ outputs: Four<Vector>, row: Int) {
      guard row < size.rows else { return }
      let target = output + row &* geometry.rowStep
      (outputs.0 + bias).store(target)
      if size.columns > 1 { (outputs.1 + bias).store(target + geometry.columnStep) }
      if size.columns > 2 { (outputs.2 + bias).store(target + 2 &* geometry.columnStep) }
      if size.columns > 3 { (outputs.3 + bias).store(target + 3 &* geometry.columnStep) }
    }
    store(WinogradTransform.fourOutputs(rows.0), row: 0)
    store(WinogradTransform.fourOutputs(rows.1), row: 1)
    store(WinogradTransform.fourOutputs(rows.2), row: 2)
    store(WinogradTransform.fourOutputs(rows.3), row: 3)
  case .f2x5:
    @inline(__always)
    func column(_ column: Int) -> Two<Vector> {
      WinogradTransform.twoOutputs(loadSix(components + column &* step, 6 &* step))
    }
    let rows = transpose((column(0), column(1), column(2), column(3), column(4), column(5)))
    storeTwo(WinogradTransform.twoOutputs(rows.0), row: 0)
    storeTwo(WinogradTransform.twoOutputs(rows.1), row: 1)
  case .f2x3:
    @inline(__always)
    func column(_ column: Int) -> Two<Vector> {
      WinogradTransform.twoOutputs(loadFour(components + column &* step, 4 &* step))
    }
    let rows = transpose((column(0), column(1), column(2), column(3)))
    storeTwo(WinogradTransform.twoOutputs(rows.0), row: 0)
    storeTwo(WinogradTransform.twoOutputs(rows.1), row: 1)
  }
  @inline(__always)
  func storeTwo(_ outputs: Two<Vector>, row: Int) {
    guard row < size.rows else { return }
    let target = output + row &* geometry.rowStep
    (outputs.0 + bias).store(target)
    if size.columns > 1 { (outputs.1 + bias).store(target + geometry.columnStep) }
  }
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
  switch geometry.tile {
  case .f4x3:
    @inline(__always)
    func column(_ column: Int) -> Six<Vector> {
      WinogradTransform.outputGradient(
        (value(0, column), value(1, column), value(2, column), value(3, column)))
    }
    let rows = transpose((column(0), column(1), column(2), column(3)))
    store(WinogradTransform.outputGradient(rows.0), row: 0, components, geometry.componentStep)
    store(WinogradTransform.outputGradient(rows.1), row: 1, components, geometry.componentStep)
    store(WinogradTransform.outputGradient(rows.2), row: 2, components, geometry.componentStep)
    store(WinogradTransform.outputGradient(rows.3), row: 3, components, geometry.componentStep)
    store(WinogradTransform.outputGradient(rows.4), row: 4, components, geometry.componentStep)
    store(WinogradTransform.outputGradient(rows.5), row: 5, components, geometry.componentStep)
  case .f2x5:
    @inline(__always)
    func column(_ column: Int) -> Six<Vector> {
      WinogradTransform.outputGradient((value(0, column), value(1, column)))
    }
    let rows = transpose((column(0), column(1)))
    store(WinogradTransform.outputGradient(rows.0), row: 0, components, geometry.componentStep)
    store(WinogradTransform.outputGradient(rows.1), row: 1, components, geometry.componentStep)
    store(WinogradTransform.outputGradient(rows.2), row: 2, components, geometry.componentStep)
    store(WinogradTransform.outputGradient(rows.3), row: 3, components, geometry.componentStep)
    store(WinogradTransform.outputGradient(rows.4), row: 4, components, geometry.componentStep)
    store(WinogradTransform.outputGradient(rows.5), row: 5, components, geometry.componentStep)
  case .f2x3:
    preconditionFailure("gradients take larger tiles")
  }
}

@inline(__always)
private func loadFour<Vector: LaneVector>(_ first: FloatPointer, _ step: Int) -> Four<Vector> {
  (.load(first), .load(first + step), .load(first + 2 &* step), .load(first + 3 &* step))
}

@inline(__always)
private func loadSix<Vector: LaneVector>(_ first: FloatPointer, _ step: Int) -> Six<Vector> {
  (
    .load(first), .load(first + step), .load(first + 2 &* step), .load(first + 3 &* step),
    .load(first + 4 &* step), .load(first + 5 &* step)
  )
}

/// Stores a row of a small tile's components.
@inline(__always)
private func store<Vector: LaneVector>(
  _ values: Four<Vector>, row: Int, _ components: MutableFloatPointer, _ step: Int
) {
  let first = components + 4 &* row &* step
  values.0.store(first)
  values.1.store(first + step)
  values.2.store(first + 2 &* step)
  values.3.store(first + 3 &* step)
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
