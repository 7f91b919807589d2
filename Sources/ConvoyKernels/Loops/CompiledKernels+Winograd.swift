import ConvoyKernelInterface

/// Transforms of maps.
extension CompiledKernels {
  package func winogradInput(
    _ geometry: WinogradGeometry, input: FloatPointer, components: MutableFloatPointer
  ) {
    switch geometry.tile {
    case .f4x3: F4x3.inputTiles(geometry, input, components)
    case .f2x5: F2x5.inputTiles(geometry, input, components)
    case .f2x3: F2x3.inputTiles(geometry, input, components, Float32Store.self)
    }
  }

  package func winogradOutput(
    _ geometry: WinogradGeometry, components: FloatPointer, bias: FloatPointer?,
    output: MutableFloatPointer
  ) {
    switch geometry.tile {
    case .f4x3: F4x3.outputTiles(geometry, components, bias, output)
    case .f2x5: F2x5.outputTiles(geometry, components, bias, output)
    case .f2x3: F2x3.outputTiles(geometry, components, bias, output)
    }
  }

  package func winogradOutputGradient(
    _ geometry: WinogradGeometry, gradient: FloatPointer, components: MutableFloatPointer
  ) {
    switch geometry.tile {
    case .f4x3: F4x3.outputGradientTiles(geometry, gradient, components)
    case .f2x5: F2x5.outputGradientTiles(geometry, gradient, components)
    case .f2x3: preconditionFailure("F(2 × 2, 3 × 3) has no gradients")
    }
  }
}

// One vector of channels of one tile: columns first, then rows. Everything is inlined into straight
// lines. Helpers are private to their file: debug builds would have unspecialised copies of them, which call
// functions that all instruction sets share (`.ci/check-symbols`).

private enum F4x3: GradientTileTransforms {
  static let outputs = 4

  @inline(__always)
  static func input<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ input: FloatPointer,
    _ components: MutableFloatPointer, _ target: some ComponentStore
  ) { sixInputs(Vector.self, geometry, input, components, target) }

  @inline(never)
  static func output<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
    _ components: FloatPointer, _ bias: FloatPointer?, _ output: MutableFloatPointer
  ) {
    let step = geometry.componentStep
    @inline(__always)
    func column(_ column: Int) -> Four<Vector> {
      WinogradTransform.fourOutputs(loadSix(components + column &* step, 6 &* step))
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
    store(WinogradTransform.fourOutputs(rows.0), row: 0)
    store(WinogradTransform.fourOutputs(rows.1), row: 1)
    store(WinogradTransform.fourOutputs(rows.2), row: 2)
    store(WinogradTransform.fourOutputs(rows.3), row: 3)
  }

  @inline(never)
  static func outputGradient<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
    _ gradient: FloatPointer, _ components: MutableFloatPointer, _ target: some ComponentStore
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
    store(WinogradTransform.outputGradient(rows.0), row: 0, components, step, target)
    store(WinogradTransform.outputGradient(rows.1), row: 1, components, step, target)
    store(WinogradTransform.outputGradient(rows.2), row: 2, components, step, target)
    store(WinogradTransform.outputGradient(rows.3), row: 3, components, step, target)
    store(WinogradTransform.outputGradient(rows.4), row: 4, components, step, target)
    store(WinogradTransform.outputGradient(rows.5), row: 5, components, step, target)
  }
}

private enum F2x5: GradientTileTransforms {
  static let outputs = 2

  @inline(__always)
  static func input<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ input: FloatPointer,
    _ components: MutableFloatPointer, _ target: some ComponentStore
  ) { sixInputs(Vector.self, geometry, input, components, target) }

  @inline(never)
  static func output<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
    _ components: FloatPointer, _ bias: FloatPointer?, _ output: MutableFloatPointer
  ) {
    let step = geometry.componentStep
    @inline(__always)
    func column(_ column: Int) -> Two<Vector> {
      WinogradTransform.twoOutputs(loadSix(components + column &* step, 6 &* step))
    }
    let rows = transpose((column(0), column(1), column(2), column(3), column(4), column(5)))
    store(
      WinogradTransform.twoOutputs(rows.0), WinogradTransform.twoOutputs(rows.1), geometry, size,
      bias, output)
  }

  @inline(never)
  static func outputGradient<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
    _ gradient: FloatPointer, _ components: MutableFloatPointer, _ target: some ComponentStore
  ) {
    @inline(__always)
    func value(_ row: Int, _ column: Int) -> Vector {
      row < size.rows && column < size.columns
        ? .load(gradient + (row &* geometry.rowStep &+ column &* geometry.columnStep)) : Vector()
    }
    @inline(__always)
    func column(_ column: Int) -> Six<Vector> {
      WinogradTransform.outputGradient((value(0, column), value(1, column)))
    }
    let rows = transpose((column(0), column(1)))
    let step = geometry.componentStep
    store(WinogradTransform.outputGradient(rows.0), row: 0, components, step, target)
    store(WinogradTransform.outputGradient(rows.1), row: 1, components, step, target)
    store(WinogradTransform.outputGradient(rows.2), row: 2, components, step, target)
    store(WinogradTransform.outputGradient(rows.3), row: 3, components, step, target)
    store(WinogradTransform.outputGradient(rows.4), row: 4, components, step, target)
    store(WinogradTransform.outputGradient(rows.5), row: 5, components, step, target)
  }
}

private enum F2x3: TileTransforms {
  static let outputs = 2

  @inline(never)
  static func input<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ input: FloatPointer,
    _ components: MutableFloatPointer, _ target: some ComponentStore
  ) {
    @inline(__always)
    func column(_ column: Int) -> Four<Vector> {
      WinogradTransform.input(loadFour(input + column &* geometry.columnStep, geometry.rowStep))
    }
    let rows = transpose((column(0), column(1), column(2), column(3)))
    let step = geometry.componentStep
    store(WinogradTransform.input(rows.0), row: 0, components, step, target)
    store(WinogradTransform.input(rows.1), row: 1, components, step, target)
    store(WinogradTransform.input(rows.2), row: 2, components, step, target)
    store(WinogradTransform.input(rows.3), row: 3, components, step, target)
  }

  @inline(never)
  static func output<Vector: LaneVector>(
    _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
    _ components: FloatPointer, _ bias: FloatPointer?, _ output: MutableFloatPointer
  ) {
    let step = geometry.componentStep
    @inline(__always)
    func column(_ column: Int) -> Two<Vector> {
      WinogradTransform.twoOutputs(loadFour(components + column &* step, 4 &* step))
    }
    let rows = transpose((column(0), column(1), column(2), column(3)))
    store(
      WinogradTransform.twoOutputs(rows.0), WinogradTransform.twoOutputs(rows.1), geometry, size,
      bias, output)
  }
}

@inline(never)
private func sixInputs<Vector: LaneVector>(
  _: Vector.Type, _ geometry: WinogradGeometry, _ input: FloatPointer,
  _ components: MutableFloatPointer, _ target: some ComponentStore
) {
  @inline(__always)
  func column(_ column: Int) -> Six<Vector> {
    WinogradTransform.input(loadSix(input + column &* geometry.columnStep, geometry.rowStep))
  }
  let rows = transpose((column(0), column(1), column(2), column(3), column(4), column(5)))
  let step = geometry.componentStep
  store(WinogradTransform.input(rows.0), row: 0, components, step, target)
  store(WinogradTransform.input(rows.1), row: 1, components, step, target)
  store(WinogradTransform.input(rows.2), row: 2, components, step, target)
  store(WinogradTransform.input(rows.3), row: 3, components, step, target)
  store(WinogradTransform.input(rows.4), row: 4, components, step, target)
  store(WinogradTransform.input(rows.5), row: 5, components, step, target)
}

/// Stores the part of two rows of two outputs that is on the map.
@inline(__always)
private func store<Vector: LaneVector>(
  _ first: Two<Vector>, _ second: Two<Vector>, _ geometry: WinogradGeometry,
  _ size: (rows: Int, columns: Int), _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
  let bias: Vector = if let bias { .load(bias) } else { Vector() }
  (first.0 + bias).store(output)
  if size.columns > 1 { (first.1 + bias).store(output + geometry.columnStep) }
  guard size.rows > 1 else { return }
  let output = output + geometry.rowStep
  (second.0 + bias).store(output)
  if size.columns > 1 { (second.1 + bias).store(output + geometry.columnStep) }
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
  _ values: Four<Vector>, row: Int, _ components: MutableFloatPointer, _ step: Int,
  _ target: some ComponentStore
) {
  let first = components + 4 &* row &* step
  target.store(values.0, first)
  target.store(values.1, first + step)
  target.store(values.2, first + 2 &* step)
  target.store(values.3, first + 3 &* step)
}

/// Stores a row of a tile's components.
@inline(__always)
private func store<Vector: LaneVector>(
  _ values: Six<Vector>, row: Int, _ components: MutableFloatPointer, _ step: Int,
  _ target: some ComponentStore
) {
  let first = components + 6 &* row &* step
  target.store(values.0, first)
  target.store(values.1, first + step)
  target.store(values.2, first + 2 &* step)
  target.store(values.3, first + 3 &* step)
  target.store(values.4, first + 4 &* step)
  target.store(values.5, first + 5 &* step)
}

@inline(__always)
private func transpose<Vector>(_ c: Six<Six<Vector>>) -> Six<Six<Vector>> {
  (
    (c.0.0, c.1.0, c.2.0, c.3.0, c.4.0, c.5.0),
    (c.0.1, c.1.1, c.2.1, c.3.1, c.4.1, c.5.1),
    (c.0.2, c.1.2, c.2.2, c.3.2, c.4.2, c.5.2),
    (c.0.3, c.1.3, c.2.3, c.3.3, c.4.3, c.5.3),
    (c.0.4, c.1.4, c.2.4, c.3.4, c.4.4, c.5.4),
    (c.0.5, c.1.5, c.2.5, c.3.5, c.4.5, c.5.5)
  )
}

@inline(__always)
private func transpose<Vector>(_ c: Two<Six<Vector>>) -> Six<Two<Vector>> {
  (
    (c.0.0, c.1.0),
    (c.0.1, c.1.1),
    (c.0.2, c.1.2),
    (c.0.3, c.1.3),
    (c.0.4, c.1.4),
    (c.0.5, c.1.5)
  )
}

@inline(__always)
private func transpose<Vector>(_ c: Four<Six<Vector>>) -> Six<Four<Vector>> {
  (
    (c.0.0, c.1.0, c.2.0, c.3.0),
    (c.0.1, c.1.1, c.2.1, c.3.1),
    (c.0.2, c.1.2, c.2.2, c.3.2),
    (c.0.3, c.1.3, c.2.3, c.3.3),
    (c.0.4, c.1.4, c.2.4, c.3.4),
    (c.0.5, c.1.5, c.2.5, c.3.5)
  )
}

@inline(__always)
private func transpose<Vector>(_ c: Six<Two<Vector>>) -> Two<Six<Vector>> {
  (
    (c.0.0, c.1.0, c.2.0, c.3.0, c.4.0, c.5.0),
    (c.0.1, c.1.1, c.2.1, c.3.1, c.4.1, c.5.1)
  )
}

@inline(__always)
private func transpose<Vector>(_ c: Six<Four<Vector>>) -> Four<Six<Vector>> {
  (
    (c.0.0, c.1.0, c.2.0, c.3.0, c.4.0, c.5.0),
    (c.0.1, c.1.1, c.2.1, c.3.1, c.4.1, c.5.1),
    (c.0.2, c.1.2, c.2.2, c.3.2, c.4.2, c.5.2),
    (c.0.3, c.1.3, c.2.3, c.3.3, c.4.3, c.5.3)
  )
}

@inline(__always)
private func transpose<Vector>(_ c: Four<Four<Vector>>) -> Four<Four<Vector>> {
  (
    (c.0.0, c.1.0, c.2.0, c.3.0),
    (c.0.1, c.1.1, c.2.1, c.3.1),
    (c.0.2, c.1.2, c.2.2, c.3.2),
    (c.0.3, c.1.3, c.2.3, c.3.3)
  )
}

@inline(__always)
private func transpose<Vector>(_ c: Four<Two<Vector>>) -> Two<Four<Vector>> {
  (
    (c.0.0, c.1.0, c.2.0, c.3.0),
    (c.0.1, c.1.1, c.2.1, c.3.1)
  )
}
