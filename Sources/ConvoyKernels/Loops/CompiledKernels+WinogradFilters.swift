import ConvoyKernelInterface

/// Transforms of filters.
extension CompiledKernels {
  package func winogradFilters(
    _ tile: WinogradTile, channels: Int, width: Int, weights: FloatPointer, tapStep: Int,
    components: MutableFloatPointer, componentStep: Int, inPairs: Bool
  ) {
    withColumns { columns in
      for channel in 0..<channels {
        let source = weights + channel &* width
        if inPairs {
          filterTile(
            width, tile, source, tapStep, columns, components, componentStep,
            BFloat16PairStore(row: channel))
        } else {
          filterTile(
            width, tile, source, tapStep, columns, components, componentStep,
            Float32Store(row: channel))
        }
      }
    }
  }

  package func winogradFilterGradient(
    _ tile: WinogradTile, channels: Int, width: Int, components: FloatPointer, componentStep: Int,
    weightGradient: MutableFloatPointer, tapStep: Int
  ) {
    withColumns { columns in
      for channel in 0..<channels {
        let place = channel &* width
        if width == PanelLayout.panelWidth {
          filterGradientTile(
            SIMD16<Float>.self, tile, components + place, componentStep, columns,
            weightGradient + place, tapStep)
        } else {
          filterGradientTile(
            SIMD8<Float>.self, tile, components + place, componentStep, columns,
            weightGradient + place, tapStep)
        }
      }
    }
  }
}

// One vector of channels of one tile: columns first, then rows. What loads and stores is private to
// its file: debug builds would have unspecialised copies of it, which call functions that all
// instruction sets share (`.ci/check-symbols`).

@inline(__always)
private func filterTile(
  _ width: Int, _ tile: WinogradTile, _ weights: FloatPointer, _ tapStep: Int,
  _ columns: MutableFloatPointer, _ components: MutableFloatPointer, _ componentStep: Int,
  _ target: some ComponentStore
) {
  let first = components + target.place(columns: width)
  if width == PanelLayout.panelWidth {
    filterTile(SIMD16<Float>.self, tile, weights, tapStep, columns, first, componentStep, target)
  } else {
    filterTile(SIMD8<Float>.self, tile, weights, tapStep, columns, first, componentStep, target)
  }
}

@inline(never)
private func filterTile<Vector: LaneVector>(
  _: Vector.Type, _ tile: WinogradTile, _ weights: FloatPointer, _ tapStep: Int,
  _ columns: MutableFloatPointer, _ components: MutableFloatPointer, _ componentStep: Int,
  _ target: some ComponentStore
) {
  let lanes = Vector.scalarCount
  let columnStore = Float32Store(row: 0)
  switch tile {
  case .f4x3:
    for column in 0..<3 {
      let values = WinogradTransform.filter(
        loadThree(Vector.self, weights + column &* tapStep, 3 &* tapStep))
      store(values, line: column, columns, lanes, columnStore)
    }
    for row in 0..<6 {
      let values = WinogradTransform.filter(
        loadThree(Vector.self, columns + row &* lanes, 6 &* lanes))
      store(values, line: row, components, componentStep, target)
    }
  case .f2x3:
    for column in 0..<3 {
      let values = WinogradTransform.fourComponents(
        loadThree(Vector.self, weights + column &* tapStep, 3 &* tapStep))
      store(values, line: column, columns, lanes, columnStore)
    }
    for row in 0..<4 {
      let values = WinogradTransform.fourComponents(
        loadThree(Vector.self, columns + row &* lanes, 4 &* lanes))
      store(values, line: row, components, componentStep, target)
    }
  case .f2x5:
    for column in 0..<5 {
      let values = WinogradTransform.filter(
        loadFive(Vector.self, weights + column &* tapStep, 5 &* tapStep))
      store(values, line: column, columns, lanes, columnStore)
    }
    for row in 0..<6 {
      let values = WinogradTransform.filter(
        loadFive(Vector.self, columns + row &* lanes, 6 &* lanes))
      store(values, line: row, components, componentStep, target)
    }
  }
}

@inline(never)
private func filterGradientTile<Vector: LaneVector>(
  _: Vector.Type, _ tile: WinogradTile, _ components: FloatPointer, _ componentStep: Int,
  _ columns: MutableFloatPointer, _ weightGradient: MutableFloatPointer, _ tapStep: Int
) {
  let lanes = Vector.scalarCount
  switch tile {
  case .f4x3:
    for column in 0..<6 {
      let gradients = WinogradTransform.threeFilterGradients(
        loadSix(Vector.self, components + column &* componentStep, 6 &* componentStep))
      store(gradients, columns + 3 &* column &* lanes, lanes)
    }
    for row in 0..<3 {
      let gradients = WinogradTransform.threeFilterGradients(
        loadSix(Vector.self, columns + row &* lanes, 3 &* lanes))
      store(gradients, weightGradient + 3 &* row &* tapStep, tapStep)
    }
  case .f2x5:
    for column in 0..<6 {
      let gradients = WinogradTransform.fiveFilterGradients(
        loadSix(Vector.self, components + column &* componentStep, 6 &* componentStep))
      store(gradients, columns + 5 &* column &* lanes, lanes)
    }
    for row in 0..<5 {
      let gradients = WinogradTransform.fiveFilterGradients(
        loadSix(Vector.self, columns + row &* lanes, 5 &* lanes))
      store(gradients, weightGradient + 5 &* row &* tapStep, tapStep)
    }
  case .f2x3:
    preconditionFailure("F(2 × 2, 3 × 3) has no gradients")
  }
}

/// Memory for the transformed columns: at most 5 × 6 vectors of 16 lanes. In registers, the transform is
/// no faster, and takes longer to compile.
///
/// All access is by loads and stores of vectors, at any address, within those 480 floats.
@inline(__always)
private func withColumns(_ body: (MutableFloatPointer) -> Void) {
  var columns = InlineArray<30, SIMD16<Float>> { _ in SIMD16() }
  withUnsafeMutablePointer(to: &columns) {
    body(UnsafeMutableRawPointer($0).assumingMemoryBound(to: Float.self))
  }
}

@inline(__always)
private func loadThree<Vector: LaneVector>(
  _: Vector.Type, _ first: FloatPointer, _ step: Int
) -> Three<Vector> {
  (.load(first), .load(first + step), .load(first + 2 &* step))
}

@inline(__always)
private func loadFive<Vector: LaneVector>(
  _: Vector.Type, _ first: FloatPointer, _ step: Int
) -> Five<Vector> {
  (
    .load(first), .load(first + step), .load(first + 2 &* step), .load(first + 3 &* step),
    .load(first + 4 &* step)
  )
}

@inline(__always)
private func loadSix<Vector: LaneVector>(
  _: Vector.Type, _ first: FloatPointer, _ step: Int
) -> Six<Vector> {
  (
    .load(first), .load(first + step), .load(first + 2 &* step), .load(first + 3 &* step),
    .load(first + 4 &* step), .load(first + 5 &* step)
  )
}

/// Stores a line of a small tile's components: a column of the first pass, a row of the second.
@inline(__always)
private func store<Vector: LaneVector>(
  _ values: Four<Vector>, line: Int, _ components: MutableFloatPointer, _ step: Int,
  _ target: some ComponentStore
) {
  let first = components + 4 &* line &* step
  target.store(values.0, first)
  target.store(values.1, first + step)
  target.store(values.2, first + 2 &* step)
  target.store(values.3, first + 3 &* step)
}

/// Stores a line of a tile's components.
@inline(__always)
private func store<Vector: LaneVector>(
  _ values: Six<Vector>, line: Int, _ components: MutableFloatPointer, _ step: Int,
  _ target: some ComponentStore
) {
  let first = components + 6 &* line &* step
  target.store(values.0, first)
  target.store(values.1, first + step)
  target.store(values.2, first + 2 &* step)
  target.store(values.3, first + 3 &* step)
  target.store(values.4, first + 4 &* step)
  target.store(values.5, first + 5 &* step)
}

@inline(__always)
private func store<Vector: LaneVector>(
  _ values: Three<Vector>, _ first: MutableFloatPointer, _ step: Int
) {
  values.0.store(first)
  values.1.store(first + step)
  values.2.store(first + 2 &* step)
}

@inline(__always)
private func store<Vector: LaneVector>(
  _ values: Five<Vector>, _ first: MutableFloatPointer, _ step: Int
) {
  values.0.store(first)
  values.1.store(first + step)
  values.2.store(first + 2 &* step)
  values.3.store(first + 3 &* step)
  values.4.store(first + 4 &* step)
}
