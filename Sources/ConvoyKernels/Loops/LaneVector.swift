/// A vector of floats that a tile of a kernel computes with.
///
/// Every use is inlined into a concrete function: a generic function that is not would be emitted
/// once for all instruction sets, and the linker would keep any one of them.
protocol LaneVector: SIMD, BitwiseCopyable where Scalar == Float {
  /// Takes a value's lanes where they are strictly larger, and there the place for the winner.
  mutating func takeLarger(_ value: Self, from place: Float, winner: inout Self)
}

extension LaneVector {
  @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>) -> Self {
    UnsafeRawPointer(pointer).loadUnaligned(as: Self.self)
  }

  @inline(__always)
  static func load(_ pointer: UnsafeMutablePointer<Float>) -> Self {
    load(UnsafePointer(pointer))
  }

  @inline(__always)
  func store(_ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Self.self)
  }

  /// self + a · b: rounded once where the instruction set can, else twice.
  @inline(__always)
  func adding(_ a: Self, times b: Self) -> Self {
    #if AVX2 || AVX512 || arch(arm64)
      addingProduct(a, b)
    #else
      // SSE2 has no fused multiply-add: `addingProduct` would call a library function a lane.
      self + a * b
    #endif
  }

  @inline(__always)
  func adding(_ a: Self, times b: Float) -> Self { adding(a, times: Self(repeating: b)) }
}

// Comparisons have vector code for concrete types only.

extension SIMD8<Float>: LaneVector {
  @inline(__always)
  mutating func takeLarger(_ value: Self, from place: Float, winner: inout Self) {
    let larger = value .> self
    replace(with: value, where: larger)
    winner.replace(with: place, where: larger)
  }
}

extension SIMD16<Float>: LaneVector {
  @inline(__always)
  mutating func takeLarger(_ value: Self, from place: Float, winner: inout Self) {
    let larger = value .> self
    replace(with: value, where: larger)
    winner.replace(with: place, where: larger)
  }
}

extension Float {
  /// As a vector's lane computes it.
  @inline(__always)
  func adding(_ a: Float, times b: Float) -> Float {
    #if AVX2 || AVX512 || arch(arm64)
      addingProduct(a, b)
    #else
      self + a * b
    #endif
  }
}
