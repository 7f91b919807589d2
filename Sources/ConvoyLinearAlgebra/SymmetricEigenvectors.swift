/// The eigenvectors of a symmetric matrix, by rotations that each make one pair of elements zero, in
/// turn (Jacobi, 1846; cyclic by rows). Every system gives the same bits.
package struct SymmetricEigenvectors: Sendable {
  /// The largest first.
  package let values: [Double]
  /// Of length 1, one for each value; the largest component of each is positive.
  package let vectors: [[Double]]

  /// - Parameter matrix: row after row.
  package init(of matrix: [Double], size: Int) {
    precondition(matrix.count == size * size, "the matrix is square")
    var matrix = matrix
    var vectors = (0..<size * size).map { $0 / size == $0 % size ? 1.0 : 0 }
    Self.diagonalize(&matrix, &vectors, size)
    let values = (0..<size).map { matrix[$0 * size + $0] }
    let order = values.indices.sorted {
      values[$0] > values[$1] || values[$0] == values[$1] && $0 < $1
    }
    self.values = order.map { values[$0] }
    self.vectors = order.map { Self.signed(Array(vectors[$0 * size..<($0 + 1) * size])) }
  }

  /// - Parameter vectors: the unit matrix, whose rows become the eigenvectors.
  private static func diagonalize(_ matrix: inout [Double], _ vectors: inout [Double], _ size: Int)
  {
    let total = matrix.reduce(0) { $0 + $1 * $1 }
    // Convergence is quadratic: half a dozen sweeps are usual.
    for _ in 0..<50 {
      var rest = 0.0
      for row in 0..<size {
        for column in row + 1..<max(size, row + 1) {
          rest += matrix[row * size + column] * matrix[row * size + column]
        }
      }
      // Far below the rounding of the largest element.
      if rest <= 0x1p-112 * total { return }
      for p in 0..<size - 1 {
        for q in p + 1..<size { rotate(p, q, &matrix, &vectors, size) }
      }
    }
  }

  /// Makes the elements (p, q) and (q, p) zero.
  private static func rotate(
    _ p: Int, _ q: Int, _ matrix: inout [Double], _ vectors: inout [Double], _ size: Int
  ) {
    let element = matrix[p * size + q]
    guard element != 0 else { return }
    let (atP, atQ) = (matrix[p * size + p], matrix[q * size + q])
    // The smaller of the two angles: t = tan, with t² + 2 t cot 2φ = 1.
    let cotangent = (atQ - atP) / (2 * element)
    let t = (cotangent < 0 ? -1 : 1) / (abs(cotangent) + (cotangent * cotangent + 1).squareRoot())
    let cosine = 1 / (t * t + 1).squareRoot()
    let sine = t * cosine
    for k in 0..<size {
      let (one, other) = (matrix[p * size + k], matrix[q * size + k])
      matrix[p * size + k] = cosine * one - sine * other
      matrix[q * size + k] = sine * one + cosine * other
      matrix[k * size + p] = matrix[p * size + k]
      matrix[k * size + q] = matrix[q * size + k]
      let (first, second) = (vectors[p * size + k], vectors[q * size + k])
      vectors[p * size + k] = cosine * first - sine * second
      vectors[q * size + k] = sine * first + cosine * second
    }
    matrix[p * size + p] = atP - t * element
    matrix[q * size + q] = atQ + t * element
    matrix[p * size + q] = 0
    matrix[q * size + p] = 0
  }

  /// The vector or its negative. The first of several largest components counts.
  private static func signed(_ vector: [Double]) -> [Double] {
    let largest = vector.reduce(0.0) { abs($1) > abs($0) ? $1 : $0 }
    return largest < 0 ? vector.map { -$0 } : vector
  }
}
