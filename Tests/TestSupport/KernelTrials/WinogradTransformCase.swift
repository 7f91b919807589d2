import ConvoyKernelInterface

/// One of Winograd's transforms as the matrix it stands for, over random tiles.
struct WinogradTransformCase {
  let matrix: WinogradMatrices.Matrix
  let roundings: (fused: Int, separate: Int)
  let tiles: [Tile]
  let sourceCount: Int
  let targetCount: Int
  let biasCount: Int

  /// Where a tile's numbers lie in the source and in the target; nil for what is not there.
  struct Tile {
    let source: [[Int?]]
    let target: [[Int?]]
    /// Which bias is added to all results.
    var bias: Int?
  }

  init(
    _ matrix: WinogradMatrices.Matrix, roundings: (fused: Int, separate: Int), tiles: [Tile],
    sourceCount: Int, targetCount: Int, biasCount: Int = 0
  ) {
    self.matrix = matrix
    self.roundings = roundings
    self.tiles = tiles
    self.sourceCount = sourceCount
    self.targetCount = targetCount
    self.biasCount = biasCount
  }

  func trial(
    _ name: String, _ conditions: TrialConditions,
    call:
      @escaping @Sendable (
        _ kernels: any KernelSet, _ source: FloatPointer, _ target: MutableFloatPointer,
        _ biases: FloatPointer
      ) -> Void
  ) -> KernelTrial {
    var generator = conditions.generator()
    var memory = conditions.memory()
    let values = generator.values(count: sourceCount)
    let biases = generator.values(count: biasCount)
    let source = memory.place(values)
    let biasesPlace = memory.place(biases)
    let target = memory.reserve(targetCount)
    var trial = KernelTrial(name, memory: memory) { kernels, memory in
      call(kernels, memory + source, memory + target, memory + biasesPlace)
    }
    let absolute = WinogradMatrices.absolute(matrix)
    for tile in tiles {
      let numbers = tile.source.map { $0.map { place in place.map { values[$0] } ?? 0 } }
      let bias = tile.bias.map { biases[$0] } ?? 0
      let expected = WinogradMatrices.sandwich(matrix, numbers).flatMap(\.self)
      let sizes = WinogradMatrices.sandwich(absolute, WinogradMatrices.absolute(numbers))
        .flatMap(\.self)
      let places = tile.target.flatMap(\.self)
      let kept = places.indices.filter { places[$0] != nil }
      trial.promise(
        kept.map { expected[$0] + bias }, at: kept.compactMap { places[$0] }.map { target + $0 },
        magnitudes: kept.map { sizes[$0] + abs(bias) }, roundings: roundings)
    }
    return trial
  }

  /// A square of numbers that lie `step` apart.
  static func places(_ size: Int, step: Int, _ first: Int) -> [[Int?]] {
    (0..<size).map { row in (0..<size).map { (row * size + $0) * step + first } }
  }

  /// Floats of a map, to the end of its last pixel.
  static func mapCount(_ geometry: WinogradGeometry, rows: Int, columns: Int) -> Int {
    (rows - 1) * geometry.rowStep + (columns - 1) * geometry.columnStep + geometry.channels
  }
}
