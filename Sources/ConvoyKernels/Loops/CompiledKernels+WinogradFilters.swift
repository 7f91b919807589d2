import ConvoyKernelInterface

/// Transforms of filters.
extension CompiledKernels {
  package func winogradFilters(
    _ tile: WinogradTile, channels: Int, width: Int, weights: FloatPointer, tapStep: Int,
    components: MutableFloatPointer, componentStep: Int, inPairs: Bool
  ) {
    for channel in 0..<channels {
      let source = weights + channel &* width
      if inPairs {
        filterTile(
          width, tile, source, tapStep, components, componentStep, BFloat16PairStore(row: channel))
      } else {
        filterTile(
          width, tile, source, tapStep, components, componentStep, Float32Store(row: channel))
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

// One vector of channels of one tile: columns first, then rows. Everything is inlined into straight
// lines. What loads and stores is private to its file: debug builds would have unspecialised copies of it,
// which call functions that all instruction sets share (`.ci/check-symbols`).

@inline(__always)
private func filterTile(
  _ width: Int, _ tile: WinogradTile, _ weights: FloatPointer, _ tapStep: Int,
  _ components: MutableFloatPointer, _ componentStep: Int, _ target: some ComponentStore
) {
  let row = components + target.place(columns: width)
  if width == PanelLayout.panelWidth {
    filterTile(SIMD16<Float>.self, tile, weights, tapStep, row, componentStep, target)
  } else {
    filterTile(SIMD8<Float>.self, tile, weights, tapStep, row, componentStep, target)
  }
}

@inline(never)
private func filterTile<Vector: LaneVector>(
  _: Vector.Type, _ tile: WinogradTile, _ weights: FloatPointer, _ tapStep: Int,
  _ components: MutableFloatPointer, _ componentStep: Int, _ target: some ComponentStore
) {
  switch tile {
  case .f4x3:
    @inline(__always)
    func column(_ column: Int) -> Six<Vector> {
      WinogradTransform.filter(loadThree(weights + column &* tapStep, 3 &* tapStep))
    }
    let rows = transpose((column(0), column(1), column(2)))
    store(WinogradTransform.filter(rows.0), row: 0, components, componentStep, target)
    store(WinogradTransform.filter(rows.1), row: 1, components, componentStep, target)
    store(WinogradTransform.filter(rows.2), row: 2, components, componentStep, target)
    store(WinogradTransform.filter(rows.3), row: 3, components, componentStep, target)
    store(WinogradTransform.filter(rows.4), row: 4, components, componentStep, target)
    store(WinogradTransform.filter(rows.5), row: 5, components, componentStep, target)
  case .f2x3:
    @inline(__always)
    func column(_ column: Int) -> Four<Vector> {
      WinogradTransform.fourComponents(loadThree(weights + column &* tapStep, 3 &* tapStep))
    }
    let rows = transpose((column(0), column(1), column(2)))
    store(WinogradTransform.fourComponents(rows.0), row: 0, components, componentStep, target)
    store(WinogradTransform.fourComponents(rows.1), row: 1, components, componentStep, target)
    store(WinogradTransform.fourComponents(rows.2), row: 2, components, componentStep, target)
    store(WinogradTransform.fourComponents(rows.3), row: 3, components, componentStep, target)
  case .f2x5:
    @inline(__always)
    func column(_ column: Int) -> Six<Vector> {
      WinogradTransform.filter(loadFive(weights + column &* tapStep, 5 &* tapStep))
    }
    let rows = transpose((column(0), column(1), column(2), column(3), column(4)))
    store(WinogradTransform.filter(rows.0), row: 0, components, componentStep, target)
    store(WinogradTransform.filter(rows.1), row: 1, components, componentStep, target)
    store(WinogradTransform.filter(rows.2), row: 2, components, componentStep, target)
    store(WinogradTransform.filter(rows.3), row: 3, components, componentStep, target)
    store(WinogradTransform.filter(rows.4), row: 4, components, componentStep, target)
    store(WinogradTransform.filter(rows.5), row: 5, components, componentStep, target)
  }
}

@inline(never)
private func filterGradientTile<Vector: LaneVector>(
  _: Vector.Type, _ tile: WinogradTile, _ components: FloatPointer, _ componentStep: Int,
  _ weightGradient: MutableFloatPointer, _ tapStep: Int
) {
  switch tile {
  case .f4x3:
    @inline(__always)
    func column(_ column: Int) -> Three<Vector> {
      WinogradTransform.threeFilterGradients(
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
    store(WinogradTransform.threeFilterGradients(rows.0), row: 0)
    store(WinogradTransform.threeFilterGradients(rows.1), row: 1)
    store(WinogradTransform.threeFilterGradients(rows.2), row: 2)
  case .f2x5:
    @inline(__always)
    func column(_ column: Int) -> Five<Vector> {
      WinogradTransform.fiveFilterGradients(
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
    store(WinogradTransform.fiveFilterGradients(rows.0), row: 0)
    store(WinogradTransform.fiveFilterGradients(rows.1), row: 1)
    store(WinogradTransform.fiveFilterGradients(rows.2), row: 2)
    store(WinogradTransform.fiveFilterGradients(rows.3), row: 3)
    store(WinogradTransform.fiveFilterGradients(rows.4), row: 4)
  case .f2x3:
    preconditionFailure("F(2 × 2, 3 × 3) has no gradients")
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
