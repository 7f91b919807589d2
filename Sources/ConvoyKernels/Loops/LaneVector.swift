import ConvoyVectors

/// The vector type of a kernel's tile.
///
/// Generic functions of the standard library must be inlined: one that is not would be emitted once per
/// instruction set under the same name, and the linker would keep an arbitrary one (`.ci/check-symbols`
/// looks for them). Functions of these files bear the module's name, so each set has its own.
protocol LaneVector: SIMD, BitwiseCopyable where Scalar == Float {
  // Requirements, so that generic kernels call what concrete types have: the operators of `SIMD` are loops
  // over lanes. One that is not declared in this file is still such a loop.
  init(repeating value: Float)
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self

  /// self + a · b: rounded once with fused multiply-add, otherwise twice.
  func adding(_ a: Self, times b: Self) -> Self

  /// These lanes where a > b, and otherwise those of `other`.
  func chosen(where a: Self, exceeds b: Self, otherwise other: Self) -> Self

  /// Replaces lanes where `value` is at most zero. NaN is not.
  func replacing(with other: Self, whereAtMostZero value: Self) -> Self

  /// The most sums of a tile, beside its operands, that registers hold.
  static var tileLimit: Int { get }

  #if AVX512
    /// self + the products of pairs of bfloat16, by VDPBF16PS: only where the processor has it.
    func addingBFloat16(_ a: Self, times b: Self) -> Self
  #endif

  /// The bits of VDPBF16PS by two multiply-adds.
  func addingEmulatedBFloat16(_ a: Self, times b: Self) -> Self

  /// As `store`. A requirement, because an unspecialised `store` would call `storeBytes`, which instruction
  /// sets share.
  func storeFloat32(_ pointer: UnsafeMutablePointer<Float>)

  /// Stores lanes as bfloat16, side by side.
  func storeBFloat16(_ pointer: UnsafeMutablePointer<Float>)

  /// Stores lanes as bfloat16: the first of pairs, or, where the first are stored, the second.
  func storeBFloat16Pairs(_ pointer: UnsafeMutablePointer<Float>, asSecond: Bool)
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

  @inline(__always)
  static func + (a: Self, b: Float) -> Self { a + Self(repeating: b) }
  @inline(__always)
  static func + (a: Float, b: Self) -> Self { Self(repeating: a) + b }
  /// 0 − a, as in the standard library: 0 for 0, never −0.
  @inline(__always)
  static prefix func - (a: Self) -> Self { Self() - a }
  @inline(__always)
  static func - (a: Self, b: Float) -> Self { a - Self(repeating: b) }
  @inline(__always)
  static func - (a: Float, b: Self) -> Self { Self(repeating: a) - b }
  @inline(__always)
  static func * (a: Self, b: Float) -> Self { a * Self(repeating: b) }
  @inline(__always)
  static func / (a: Float, b: Self) -> Self { Self(repeating: a) / b }
  @inline(__always)
  static func += (a: inout Self, b: Self) { a = a + b }

  @inline(__always)
  func adding(_ a: Self, times b: Float) -> Self { adding(a, times: Self(repeating: b)) }

  /// Where `value` is strictly larger, takes it, and `position` as its winner.
  @inline(__always)
  mutating func takeLarger(_ value: Self, at position: Float, winner: inout Self) {
    winner = Self(repeating: position).chosen(where: value, exceeds: self, otherwise: winner)
    self = value.chosen(where: value, exceeds: self, otherwise: self)
  }
}

extension SIMD8<Float>: LaneVector {
  @inline(__always)
  static func + (a: Self, b: Self) -> Self { convoy_add8(a, b) }
  @inline(__always)
  static func - (a: Self, b: Self) -> Self { convoy_subtract8(a, b) }
  @inline(__always)
  static func * (a: Self, b: Self) -> Self { convoy_multiply8(a, b) }
  @inline(__always)
  static func / (a: Self, b: Self) -> Self { convoy_divide8(a, b) }

  @inline(__always)
  func adding(_ a: Self, times b: Self) -> Self { convoy_add_product8(self, a, b) }

  @inline(__always)
  func chosen(where a: Self, exceeds b: Self, otherwise other: Self) -> Self {
    convoy_where_larger8(a, b, self, other)
  }

  @inline(__always)
  func replacing(with other: Self, whereAtMostZero value: Self) -> Self {
    convoy_where_at_most_zero8(value, other, self)
  }

  @inline(__always)
  static var tileLimit: Int { TileLimit.narrow }

  #if AVX512
    @inline(__always)
    func addingBFloat16(_ a: Self, times b: Self) -> Self { convoy_add_bfloat16_8(self, a, b) }
  #endif

  @inline(__always)
  func addingEmulatedBFloat16(_ a: Self, times b: Self) -> Self {
    convoy_add_bfloat16_emulated_8(self, a, b)
  }

  @inline(__always)
  func storeFloat32(_ pointer: UnsafeMutablePointer<Float>) { store(pointer) }

  @inline(__always)
  func storeBFloat16(_ pointer: UnsafeMutablePointer<Float>) {
    convoy_store_bfloat16_8(pointer, self)
  }

  @inline(__always)
  func storeBFloat16Pairs(_ pointer: UnsafeMutablePointer<Float>, asSecond: Bool) {
    convoy_store_bfloat16_pairs_8(pointer, self, asSecond)
  }
}

extension SIMD16<Float>: LaneVector {
  @inline(__always)
  static func + (a: Self, b: Self) -> Self { convoy_add16(a, b) }
  @inline(__always)
  static func - (a: Self, b: Self) -> Self { convoy_subtract16(a, b) }
  @inline(__always)
  static func * (a: Self, b: Self) -> Self { convoy_multiply16(a, b) }
  @inline(__always)
  static func / (a: Self, b: Self) -> Self { convoy_divide16(a, b) }

  @inline(__always)
  func adding(_ a: Self, times b: Self) -> Self { convoy_add_product16(self, a, b) }

  @inline(__always)
  func chosen(where a: Self, exceeds b: Self, otherwise other: Self) -> Self {
    convoy_where_larger16(a, b, self, other)
  }

  @inline(__always)
  func replacing(with other: Self, whereAtMostZero value: Self) -> Self {
    convoy_where_at_most_zero16(value, other, self)
  }

  @inline(__always)
  static var tileLimit: Int { TileLimit.wide }

  #if AVX512
    @inline(__always)
    func addingBFloat16(_ a: Self, times b: Self) -> Self { convoy_add_bfloat16_16(self, a, b) }
  #endif

  @inline(__always)
  func addingEmulatedBFloat16(_ a: Self, times b: Self) -> Self {
    convoy_add_bfloat16_emulated_16(self, a, b)
  }

  @inline(__always)
  func storeFloat32(_ pointer: UnsafeMutablePointer<Float>) { store(pointer) }

  @inline(__always)
  func storeBFloat16(_ pointer: UnsafeMutablePointer<Float>) {
    convoy_store_bfloat16_16(pointer, self)
  }

  @inline(__always)
  func storeBFloat16Pairs(_ pointer: UnsafeMutablePointer<Float>, asSecond: Bool) {
    convoy_store_bfloat16_pairs_16(pointer, self, asSecond)
  }
}

extension Float {
  /// The same operation as a vector's lane.
  @inline(__always)
  func adding(_ a: Float, times b: Float) -> Float { convoy_add_product1(self, a, b) }
}
