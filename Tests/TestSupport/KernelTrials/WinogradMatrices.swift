import ConvoyKernelInterface

/// The matrices of F(4 × 4, 3 × 3) and F(2 × 2, 5 × 5) for the points 0, ±3/4, ±3/2 and infinity, and of
/// F(2 × 2, 3 × 3) for 0, ±1 and infinity, from the polynomials that define them (Toom, 1963; Cook,
/// 1966; Winograd, 1980), and matrix products over small arrays.
package enum WinogradMatrices {
  package typealias Matrix = [[Double]]

  private static func points(_ tile: WinogradTile) -> [Double] {
    tile == .f2x3 ? [0, 1, -1] : [0, 0.75, -0.75, 1.5, -1.5]
  }

  /// 6 × 6 or 4 × 4: what a tile of inputs is multiplied by.
  package static func input(_ tile: WinogradTile) -> Matrix {
    let points = points(tile)
    return points.indices.map { index in
      product(of: points.enumerated().filter { $0.0 != index }, tile)
    } + [product(of: Array(points.enumerated()), tile)]
  }

  /// 6 × 3, 6 × 5 or 4 × 3, of filters: powers of each point over its distances from the others.
  package static func filter(_ tile: WinogradTile) -> Matrix {
    let points = points(tile)
    return points.indices.map { index in
      let scale = points.enumerated().filter { $0.0 != index }
        .reduce(1) { $0 * (points[index] - $1.1) }
      return (0..<tile.kernelSize).map { power(points[index], $0) / scale }
    } + [Array(repeating: 0, count: tile.kernelSize - 1) + [1]]
  }

  /// 4 × 6, 2 × 6 or 2 × 4, of sums of products: powers of each point.
  package static func output(_ tile: WinogradTile) -> Matrix {
    (0..<tile.outputs).map { row in
      points(tile).map { power($0, row) } + [row == tile.outputs - 1 ? 1 : 0]
    }
  }

  /// Coefficients of the product of (x − point), lowest first, filled up to the tile's size.
  private static func product(
    of points: [(Int, Double)], _ tile: WinogradTile
  ) -> [Double] {
    var coefficients = [1.0]
    for (_, point) in points {
      var next = Array(repeating: 0.0, count: coefficients.count + 1)
      for (power, coefficient) in coefficients.enumerated() {
        next[power + 1] += coefficient
        next[power] -= point * coefficient
      }
      coefficients = next
    }
    return coefficients + Array(repeating: 0, count: tile.inputs - coefficients.count)
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }

  package static func transpose(_ a: Matrix) -> Matrix {
    a[0].indices.map { column in a.map { $0[column] } }
  }

  package static func times(_ a: Matrix, _ b: Matrix) -> Matrix {
    a.map { row in
      b[0].indices.map { column in row.indices.reduce(0) { $0 + row[$1] * b[$1][column] } }
    }
  }

  /// a · x · aᵀ.
  package static func sandwich(_ a: Matrix, _ x: Matrix) -> Matrix {
    times(times(a, x), transpose(a))
  }

  package static func absolute(_ a: Matrix) -> Matrix { a.map { $0.map(abs) } }
}
