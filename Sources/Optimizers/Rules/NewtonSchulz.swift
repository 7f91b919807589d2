import ConvoyOptimizerLoopInterface

/// Makes a matrix nearly orthogonal: singular values from 1/500 of the norm on become 0.68 to 1.21, and
/// the singular vectors stay (the quintic Newton–Schulz iteration with the coefficients of Jordan, 2024).
///
/// X ← G / (‖G‖ + 1e-7), in Frobenius' norm, and five times X ← a X + (b A + c A²) X with A = X Xᵀ.
/// A matrix with more rows than columns is transposed before and after.
struct NewtonSchulz {
  static let steps = 5
  static let (a, b, c): (Float, Float, Float) = (3.4445, -4.7750, 2.0315)
  static let epsilon = 1e-7

  let shape: MatrixShape
  let threads: Int

  private var side: Int { min(shape.rows, shape.columns) }

  /// The numbers of work memory: two matrices, and two squares of the shorter side.
  var workCount: Int { 2 * shape.count + 2 * side * side }

  /// Returns where in the work memory the result is, row after row.
  ///
  /// - Parameter work: `workCount` numbers, of which the first are the matrix, row after row.
  func orthogonalize(_ work: UnsafeMutablePointer<Float>) -> UnsafePointer<Float> {
    let (rows, columns, count) = (shape.rows, shape.columns, shape.count)
    let isTransposed = rows > columns
    let length = max(rows, columns)
    var (x, other) = unsafe (work, work + count)
    let (gram, factor) = unsafe (work + 2 * count, work + 2 * count + side * side)
    let norm = unsafe LoopDispatch.best.sumOfSquares(of: x, count: count).squareRoot()
    let divisor = Float(norm + Self.epsilon)
    for place in 0..<count { unsafe x[place] /= divisor }
    if isTransposed {
      unsafe Self.transpose(x, rows: rows, columns: columns, into: other)
      unsafe swap(&x, &other)
    }
    for _ in 0..<Self.steps {
      unsafe multiply(
        MatrixProduct(
          rows: side, inner: length, columns: side, left: x, right: x, rightIsTransposed: true,
          result: gram))
      unsafe multiply(
        MatrixProduct(
          rows: side, inner: side, columns: side, left: gram, right: gram, addend: gram,
          addendScale: Self.b, productScale: Self.c, result: factor))
      unsafe multiply(
        MatrixProduct(
          rows: side, inner: side, columns: length, left: factor, right: x, addend: x,
          addendScale: Self.a, result: other))
      unsafe swap(&x, &other)
    }
    if isTransposed {
      unsafe Self.transpose(x, rows: columns, columns: rows, into: other)
      unsafe swap(&x, &other)
    }
    return unsafe UnsafePointer(x)
  }

  /// Columns that a thread takes at a time.
  private static let columnsPerBlock = 32

  private func multiply(_ product: MatrixProduct) {
    (0..<product.columns).forEachBlock(of: Self.columnsPerBlock, threads: threads) { columns in
      unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: MatrixProduct.scratchCount) {
        guard let scratch = $0.baseAddress else { return }
        unsafe LoopDispatch.best.multiply(product, columns: columns, scratch: scratch)
      }
    }
  }

  private static func transpose(
    _ source: UnsafePointer<Float>, rows: Int, columns: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    // In squares, so that a cache line is read once and not once per row.
    let side = 16
    for firstRow in stride(from: 0, to: rows, by: side) {
      for firstColumn in stride(from: 0, to: columns, by: side) {
        for row in firstRow..<min(firstRow + side, rows) {
          for column in firstColumn..<min(firstColumn + side, columns) {
            unsafe target[column * rows + row] = unsafe source[row * columns + column]
          }
        }
      }
    }
  }
}
