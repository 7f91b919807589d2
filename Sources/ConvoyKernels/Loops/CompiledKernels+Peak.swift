import ConvoyKernelInterface

#if AVX512
  private typealias Lanes = SIMD16<Float>
#else
  private typealias Lanes = SIMD8<Float>
#endif

extension CompiledKernels {
  /// Twelve chains hide the latency of a multiply-add and stay in registers; SSE2 has room for
  /// four.
  package func multiplyAddChains(rounds: Int, seed: FloatPointer, results: MutableFloatPointer)
    -> Int
  {
    let factor = Lanes(repeating: seed[0])
    let addend = Lanes(repeating: seed[1])
    var first = FourChains(addend)
    #if AVX2 || AVX512 || arch(arm64)
      var second = FourChains(addend * 2)
      var third = FourChains(addend * 3)
      for _ in 0..<rounds {
        first.advance(factor, addend)
        second.advance(factor, addend)
        third.advance(factor, addend)
      }
      (first.sum + second.sum + third.sum).store(results)
      return 24 &* rounds &* Lanes.scalarCount
    #else
      for _ in 0..<rounds { first.advance(factor, addend) }
      first.sum.store(results)
      return 8 &* rounds &* Lanes.scalarCount
    #endif
  }
}

private struct FourChains {
  private var a: Lanes
  private var b: Lanes
  private var c: Lanes
  private var d: Lanes

  @inline(__always)
  init(_ start: Lanes) { (a, b, c, d) = (start, start * 5, start * 7, start * 9) }

  @inline(__always)
  mutating func advance(_ factor: Lanes, _ addend: Lanes) {
    a = addend.adding(a, times: factor)
    b = addend.adding(b, times: factor)
    c = addend.adding(c, times: factor)
    d = addend.adding(d, times: factor)
  }

  @inline(__always)
  var sum: Lanes { (a + b) + (c + d) }
}
