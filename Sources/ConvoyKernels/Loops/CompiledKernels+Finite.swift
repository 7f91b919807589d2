import ConvoyKernelInterface

extension CompiledKernels {
  /// Infinity and NaN have an exponent of all ones: adding one to it sets the sign bit. The bits of
  /// many values are combined and tested once.
  package func areFinite(count: Int, values: FloatPointer) -> Bool {
    let words = UnsafeRawPointer(values)
    var gathered = (SIMD16<UInt32>(), SIMD16<UInt32>())
    var index = 0
    while index &+ 32 <= count {
      let word = words + index &* MemoryLayout<Float>.stride
      gathered.0 |= overflow(word.loadUnaligned(as: SIMD16<UInt32>.self))
      gathered.1 |= overflow((word + 64).loadUnaligned(as: SIMD16<UInt32>.self))
      index &+= 32
    }
    let all = gathered.0 | gathered.1
    var rest: UInt32 = 0
    for lane in 0..<16 { rest |= all[lane] }
    while index < count {
      rest |= (values[index].bitPattern & 0x7F80_0000) &+ 0x0080_0000
      index &+= 1
    }
    return rest & 0x8000_0000 == 0
  }
}

/// The sign's bit of a lane is set where the value is not finite.
@inline(__always)
private func overflow(_ bits: SIMD16<UInt32>) -> SIMD16<UInt32> {
  (bits & SIMD16(repeating: 0x7F80_0000)) &+ SIMD16(repeating: 0x0080_0000)
}
