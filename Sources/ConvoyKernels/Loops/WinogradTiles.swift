import ConvoyKernelInterface

// One vector of channels of one tile: columns first, then rows. Everything is inlined into straight
// lines.

@inline(never)
func inputTile<Vector: LaneVector>(
  _: Vector.Type, _ geometry: WinogradGeometry, _ input: FloatPointer,
  _ components: MutableFloatPointer
) {
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

@inline(never)
func filterTile<Vector: LaneVector>(
  _: Vector.Type, _ tile: WinogradTile, _ weights: FloatPointer, _ tapStep: Int,
  _ components: MutableFloatPointer, _ componentStep: Int
) {
  switch tile {
  case .kernel3:
    @inline(__always)
    func column(_ column: Int) -> Six<Vector> {
      WinogradTransform.filter(loadThree(weights + column &* tapStep, 3 &* tapStep))
    }
    let rows = transpose((column(0), column(1), column(2)))
    store(WinogradTransform.filter(rows.0), row: 0, components, componentStep)
    store(WinogradTransform.filter(rows.1), row: 1, components, componentStep)
    store(WinogradTransform.filter(rows.2), row: 2, components, componentStep)
    store(WinogradTransform.filter(rows.3), row: 3, components, componentStep)
    store(WinogradTransform.filter(rows.4), row: 4, components, componentStep)
    store(WinogradTransform.filter(rows.5), row: 5, components, componentStep)
  case .kernel5:
    @inline(__always)
    func column(_ column: Int) -> Six<Vector> {
      WinogradTransform.filter(loadFive(weights + column &* tapStep, 5 &* tapStep))
    }
    let rows = transpose((column(0), column(1), column(2), column(3), column(4)))
    store(WinogradTransform.filter(rows.0), row: 0, components, componentStep)
    store(WinogradTransform.filter(rows.1), row: 1, components, componentStep)
    store(WinogradTransform.filter(rows.2), row: 2, components, componentStep)
    store(WinogradTransform.filter(rows.3), row: 3, components, componentStep)
    store(WinogradTransform.filter(rows.4), row: 4, components, componentStep)
    store(WinogradTransform.filter(rows.5), row: 5, components, componentStep)
  }
}

@inline(never)
func outputGradientTile<Vector: LaneVector>(
  _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
  _ gradient: FloatPointer, _ components: MutableFloatPointer
) {
  @inline(__always)
  func value(_ row: Int, _ column: Int) -> Vector {
    row < size.rows && column < size.columns
      ? .load(gradient + (row &* geometry.rowStep &+ column &* geometry.columnStep)) : Vector()
  }
  switch geometry.tile {
  case .kernel3:
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
  case .kernel5:
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
  }
}

@inline(never)
func outputTile<Vector: LaneVector>(
  _: Vector.Type, _ geometry: WinogradGeometry, _ size: (rows: Int, columns: Int),
  _ components: FloatPointer, _ bias: FloatPointer?, _ output: MutableFloatPointer
) {
  let step = geometry.componentStep
  let bias: Vector = if let bias { .load(bias) } else { Vector() }
  switch geometry.tile {
  case .kernel3:
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
  case .kernel5:
    @inline(__always)
    func column(_ column: Int) -> Two<Vector> {
      WinogradTransform.twoOutputs(loadSix(components + column &* step, 6 &* step))
    }
    let rows = transpose((column(0), column(1), column(2), column(3), column(4), column(5)))
    @inline(__always)
    func store(_ outputs: Two<Vector>, row: Int) {
      guard row < size.rows else { return }
      let target = output + row &* geometry.rowStep
      (outputs.0 + bias).store(target)
      if size.columns > 1 { (outputs.1 + bias).store(target + geometry.columnStep) }
    }
    store(WinogradTransform.twoOutputs(rows.0), row: 0)
    store(WinogradTransform.twoOutputs(rows.1), row: 1)
  }
}

@inline(never)
func filterGradientTile<Vector: LaneVector>(
  _: Vector.Type, _ tile: WinogradTile, _ components: FloatPointer, _ componentStep: Int,
  _ weightGradient: MutableFloatPointer, _ tapStep: Int
) {
  switch tile {
  case .kernel3:
    @inline(__always)
    func column(_ column: Int) -> Three<Vector> {
      WinogradTransform.threeWeightGradients(
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
    store(WinogradTransform.threeWeightGradients(rows.0), row: 0)
    store(WinogradTransform.threeWeightGradients(rows.1), row: 1)
    store(WinogradTransform.threeWeightGradients(rows.2), row: 2)
  case .kernel5:
    @inline(__always)
    func column(_ column: Int) -> Five<Vector> {
      WinogradTransform.fiveWeightGradients(
        loadSix(components + column &* componentStep, 6 &* componentStep))
    }
    let rows = transpose((column(0), column(1), column(2), column(3), column(4), column(5)))
    @inline(__always)
    func store(_ weights: Five<Vector>, row: Int) {
      let target = weightGradient + 5 &* row &* tapStep
      weights.0.store(target)
      weights.1.store(target + tapStep)
      weights.2.store(target + 2 &* tapStep)
      weights.3.store(target + 3 &* tapStep)
      weights.4.store(target + 4 &* tapStep)
    }
    store(WinogradTransform.fiveWeightGradients(rows.0), row: 0)
    store(WinogradTransform.fiveWeightGradients(rows.1), row: 1)
    store(WinogradTransform.fiveWeightGradients(rows.2), row: 2)
    store(WinogradTransform.fiveWeightGradients(rows.3), row: 3)
    store(WinogradTransform.fiveWeightGradients(rows.4), row: 4)
  }
}

@inline(__always)
private func loadThree<Vector: LaneVector>(_ first: FloatPointer, _ step: Int) -> Three<Vector> {
  (.load(first), .load(first + step), .load(first + 2 &* step))
}

@inline(__always)
private func loadFive<Vector: LaneVector>(_ first: FloatPointer, _ step: Int) -> Five<Vector> {
  (
    .load(first), .load(first + step), .load(first + 2 &* step), .load(first + 3 &* step),
    .load(first + 4 &* step)
  )
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
