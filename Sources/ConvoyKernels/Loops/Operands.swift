/// What a product multiplies: a vector of lanes by a factor, each lane and the factor in 32 bits.
protocol Operands<Vector> {
  associatedtype Vector: LaneVector

  static var arePairs: Bool { get }
  /// The most vectors that a tile sums.
  static var mostSums: Int { get }

  static func add(_ lanes: Vector, times factor: Float, to sum: Vector) -> Vector
}

/// Floats.
enum Singles<Vector: LaneVector>: Operands {
  @inline(__always)
  static var arePairs: Bool { false }
  @inline(__always)
  static var mostSums: Int { 14 }

  @inline(__always)
  static func add(_ lanes: Vector, times factor: Float, to sum: Vector) -> Vector {
    sum.adding(lanes, times: factor)
  }
}

#if AVX512
  /// Pairs of bfloat16, by the processor's own instruction.
  enum Pairs<Vector: LaneVector>: Operands {
    @inline(__always)
    static var arePairs: Bool { true }
    @inline(__always)
    static var mostSums: Int { 14 }

    @inline(__always)
    static func add(_ lanes: Vector, times factor: Float, to sum: Vector) -> Vector {
      sum.addingPairs(lanes, times: Vector(repeating: factor))
    }
  }
#endif

/// Pairs of bfloat16, by two multiply-adds, which give the same bits.
enum Halves<Vector: LaneVector>: Operands {
  @inline(__always)
  static var arePairs: Bool { true }
  @inline(__always)
  static var mostSums: Int { TileLimit.halves }

  @inline(__always)
  static func add(_ lanes: Vector, times factor: Float, to sum: Vector) -> Vector {
    sum.addingHalves(lanes, times: Vector(repeating: factor))
  }
}
