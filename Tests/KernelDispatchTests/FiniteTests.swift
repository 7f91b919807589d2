import KernelDispatch
import KernelInterface
import Testing

@Suite("Numbers that are not finite")
struct FiniteTests {
  private static let ordinary: [Float] = [
    0, -0.0, 1, -3.5, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
    .leastNonzeroMagnitude, -.leastNormalMagnitude, Float(bitPattern: 0x7F7F_FFFF),
  ]

  @Test("are found wherever they are, and no other is", arguments: KernelDispatch.available)
  func found(set: InstructionSet) throws {
    let kernels = try #require(KernelDispatch.kernels(for: set))
    let faults: [Float] = [.nan, .infinity, -.infinity, .signalingNaN, -.nan]
    for count in [0, 1, 7, 15, 16, 17, 31, 32, 33, 64, 95, 200] {
      var values = (0..<count + 1).map { Self.ordinary[$0 % Self.ordinary.count] }
      // What lies past the end is not looked at.
      values[count] = .nan
      #expect(kernels.areFinite(count: count, values: values), "\(count)")
      for place in 0..<count {
        let value = values[place]
        values[place] = faults[place % faults.count]
        #expect(!kernels.areFinite(count: count, values: values), "\(place) of \(count)")
        values[place] = value
      }
    }
  }
}
