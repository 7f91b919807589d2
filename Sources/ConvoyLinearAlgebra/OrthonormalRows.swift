/// Makes the rows of a matrix orthonormal, one after another: each keeps what is orthogonal to those
/// before it (Gram, 1883; Schmidt, 1907). As the factor Q of a QR decomposition of the transposed
/// matrix, with a positive diagonal of R.
///
/// Each row is made orthogonal twice, which is enough to be so within rounding (Giraud and others,
/// 2005). All sums have one order, so that every system gives the same bits.
///
/// - Parameters:
///   - matrix: row after row, linearly independent ones.
///   - rows: at most as many as columns.
package func orthonormalizeRows(of matrix: inout [Double], rows: Int, columns: Int) {
  precondition(rows <= columns && matrix.count == rows * columns, "so many rows can be orthogonal")
  unsafe matrix.withUnsafeMutableBufferPointer { matrix in
    guard let first = matrix.baseAddress else { return }
    for row in 0..<rows {
      let current = unsafe first + row * columns
      for _ in 0..<2 {
        for other in 0..<row {
          let earlier = unsafe first + other * columns
          let share = unsafe product(current, earlier, count: columns)
          for column in 0..<columns { unsafe current[column] -= share * earlier[column] }
        }
      }
      let length = unsafe product(current, current, count: columns).squareRoot()
      for column in 0..<columns { unsafe current[column] /= length }
    }
  }
}

/// Eight partial sums, added pairwise, and then the rest.
private func product(
  _ one: UnsafePointer<Double>, _ other: UnsafePointer<Double>, count: Int
) -> Double {
  typealias Lanes = SIMD8<Double>
  func lanes(_ values: UnsafePointer<Double>) -> Lanes {
    unsafe UnsafeRawPointer(values).loadUnaligned(as: Lanes.self)
  }
  var sums = Lanes()
  let whole = count / Lanes.scalarCount * Lanes.scalarCount
  for index in stride(from: 0, to: whole, by: Lanes.scalarCount) {
    sums += unsafe lanes(one + index) * lanes(other + index)
  }
  let halves = sums.lowHalf + sums.highHalf
  let quarters = halves.lowHalf + halves.highHalf
  var sum = quarters.x + quarters.y
  for index in whole..<count { unsafe sum += one[index] * other[index] }
  return sum
}
