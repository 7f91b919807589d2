import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyTestSupport
import Testing

@Suite("Sums of bytes")
struct ByteSumsTests {
  @Test("are exact, whatever the step", arguments: KernelDispatch.available)
  func exact(set: InstructionSet) throws {
    let kernels = try #require(KernelDispatch.kernels(for: set))
    var generator = SeededGenerator(seed: 11)
    for step in 1...4 {
      for count in [0, 1, 2, 15, 16, 17, 31, 33, 64, 100, 257] {
        let bytes = (0..<max(1, count * step)).map { _ in UInt8(generator.integer(in: 0...255)) }
        let taken = (0..<count).map { UInt64(bytes[$0 * step]) }
        #expect(
          kernels.byteSums(count: count, step: step, bytes: bytes)
            == ByteSums(sum: taken.reduce(0, +), squares: taken.reduce(0) { $0 + $1 * $1 }),
          "seed 11: \(count) bytes, step \(step)")
      }
    }
  }

  /// 255² · 70 000 is above 2³²: sums of 32 bits would wrap.
  @Test("do not wrap where 32 bits would", arguments: KernelDispatch.available)
  func large(set: InstructionSet) throws {
    let kernels = try #require(KernelDispatch.kernels(for: set))
    let bytes = Array(repeating: UInt8(255), count: 70_000)
    #expect(
      kernels.byteSums(count: bytes.count, step: 1, bytes: bytes)
        == ByteSums(sum: 255 * 70_000, squares: 255 * 255 * 70_000))
  }
}
