import ConvoyLinearAlgebra
import ConvoyTestSupport
import Testing

@Suite struct SymmetricEigenvectorsTests {
  private func matrix(_ size: Int, _ element: (Int, Int) -> Double) -> [Double] {
    (0..<size * size).map { element(min($0 / size, $0 % size), max($0 / size, $0 % size)) }
  }

  private func check(_ matrix: [Double], size: Int) {
    let found = SymmetricEigenvectors(of: matrix, size: size)
    #expect(found.values.count == size && found.vectors.count == size)
    #expect(zip(found.values, found.values.dropFirst()).allSatisfy { $0 >= $1 })
    let norm = matrix.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // Rotations of a number of sweeps, each with a few roundings.
    let rounding = 64 * Double(size) * 0x1p-53
    for (number, vector) in found.vectors.enumerated() {
      for row in 0..<size {
        let image = (0..<size).reduce(0.0) { $0 + matrix[row * size + $1] * vector[$1] }
        #expect(abs(image - found.values[number] * vector[row]) <= rounding * norm)
      }
      for other in 0...number {
        let product = zip(vector, found.vectors[other]).reduce(0.0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (other == number ? 1 : 0)) <= rounding)
      }
      let largest = vector.map(abs).max() ?? 0
      #expect(vector.first { abs($0) == largest } == largest, "the sign")
    }
  }

  @Test(arguments: [1, 2, 3, 12, 27])
  func ofRandomMatrices(size: Int) {
    var generator = SeededGenerator(seed: 5)
    let numbers = generator.values(count: size * size)
    check(matrix(size) { numbers[$0 * size + $1] }, size: size)
    // Of rank 2: most eigenvalues are zero.
    check(
      matrix(size) { numbers[$0] * numbers[$1] + numbers[size - 1 - $0] * numbers[size - 1 - $1] },
      size: size)
  }

  @Test func ofMatricesWithEqualEigenvalues() {
    check(matrix(4) { _, _ in 0 }, size: 4)
    check(matrix(4) { $0 == $1 ? 3 : 0 }, size: 4)
    check(matrix(6) { $0 == $1 ? 2 : 1 }, size: 6)
  }

  @Test func byHand() {
    let found = SymmetricEigenvectors(of: [2, 1, 1, 2], size: 2)
    let root = 0.5.squareRoot()
    let expected = [3, 1, root, root, root, -root]
    let numbers = found.values + found.vectors.joined()
    #expect(zip(numbers, expected).allSatisfy { abs($0 - $1) < 1e-15 })
    // The largest component of the second is the first of two equal ones.
    #expect(found.vectors[1][0] > 0)
  }
}
