import ConvoyLinearAlgebra
import ConvoyTestSupport
import Testing

@Suite struct OrthonormalRowsTests {
  @Test(arguments: [(1, 1), (1, 9), (2, 2), (5, 17), (16, 16), (40, 123)])
  func areOrthonormalAndSpanTheRowsInTurn(rows: Int, columns: Int) {
    var generator = SeededGenerator(seed: 3)
    let matrix = generator.values(count: rows * columns)
    var orthonormal = matrix
    orthonormalizeRows(of: &orthonormal, rows: rows, columns: columns)
    func product(_ one: [Double], _ row: Int, _ other: Int) -> Double {
      (0..<columns).reduce(0) { sum, column in
        sum + one[row * columns + column] * orthonormal[other * columns + column]
      }
    }
    // Each of the sums has so many roundings; the factor covers the steps of the two turns.
    let rounding = 8 * Double(rows + columns) * 0x1p-53
    for row in 0..<rows {
      for other in 0...row {
        let expected: Double = row == other ? 1 : 0
        #expect(abs(product(orthonormal, row, other) - expected) <= rounding)
      }
      // R is a triangle, and its diagonal positive.
      let length = (0..<columns).reduce(0.0) { sum, column in
        sum + matrix[row * columns + column] * matrix[row * columns + column]
      }.squareRoot()
      #expect(product(matrix, row, row) > 0)
      for other in row + 1..<max(rows, row + 1) {
        #expect(abs(product(matrix, row, other)) <= rounding * length)
      }
    }
  }

  @Test func byHand() {
    var matrix: [Double] = [3, 0, 4, 5, 7, 0]
    orthonormalizeRows(of: &matrix, rows: 2, columns: 3)
    // (5, 7, 0) − 3 · (0.6, 0, 0.8) = (3.2, 7, −2.4), which is √65 long.
    let length = 65.0.squareRoot()
    let expected = [0.6, 0, 0.8, 3.2 / length, 7 / length, -2.4 / length]
    #expect(zip(matrix, expected).allSatisfy { abs($0 - $1) < 1e-15 })
  }
}
