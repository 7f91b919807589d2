import ConvoyLinearAlgebra
import Testing

/// The results have these bits on every processor and system.
@Suite struct SameBitsTests {
  private let matrix = (0..<12 * 12).map { (place: Int) -> Double in
    let number = (37 * place + 11) * place % 101
    return Double(number) / 7 - 6
  }

  /// Of all bits, in their order (Fowler, Noll and Vo's 1a).
  private func fingerprint(_ numbers: [Double]) -> UInt64 {
    numbers.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ $1.bitPattern) &* 0x100_0000_01B3 }
  }

  @Test func ofOrthonormalRows() {
    var rows = matrix
    orthonormalizeRows(of: &rows, rows: 9, columns: 16)
    #expect(fingerprint(rows) == 0x2818_3D3B_5386_78B6)
  }

  @Test func ofMomentsAndTheirEigenvectors() {
    var moments = PatchMoments(channels: 3, kernelSize: 2)
    moments.add(patchesOf: matrix, height: 6, width: 8)
    #expect(fingerprint(moments.means) == 0xEEB5_2665_8D81_2AD3)
    let eigenvectors = SymmetricEigenvectors(of: moments.means, size: 12)
    #expect(
      fingerprint(eigenvectors.values + eigenvectors.vectors.joined()) == 0x97E1_C5E7_6D0E_922E)
  }
}
