/// What a product multiplies, and how: a vector of lanes by a factor, each lane and the factor in 32 bits.
protocol MultiplyAdd<Vector> {
  associatedtype Vector: LaneVector

  /// Whether lanes and factors are pairs of bfloat16 (`ConvolutionGeometry.multipliesBFloat16`).
  static var areBFloat16: Bool { get }
  /// The most vectors that a tile sums.
  static var limit: Int { get }

  static func add(_ lanes: Vector, times factor: Float, to sum: Vector) -> Vector
}

enum Float32<Vector: LaneVector>: MultiplyAdd {
  @inline(__always)
  static var areBFloat16: Bool { false }
  @inline(__always)
  static var limit: Int { Vector.tileLimit }

  @inline(__always)
  static func add(_ lanes: Vector, times factor: Float, to sum: Vector) -> Vector {
    sum.adding(lanes, times: factor)
  }
}

#if AVX512
  enum BFloat16Dot<Vector: LaneVector>: MultiplyAdd {
    @inline(__always)
    static var areBFloat16: Bool { true }
    @inline(__always)
    static var limit: Int { Vector.tileLimit }

    @inline(__always)
    static func add(_ lanes: Vector, times factor: Float, to sum: Vector) -> Vector {
      sum.addingBFloat16(lanes, times: Vector(repeating: factor))
    }
  }
#endif

/// The bits of VDPBF16PS by two multiply-adds, in little code.
enum EmulatedBFloat16Dot<Vector: LaneVector>: MultiplyAdd {
  @inline(__always)
  static var areBFloat16: Bool { true }
  @inline(__always)
  static var limit: Int { TileLimit.emulated }

  @inline(__always)
  static func add(_ lanes: Vector, times factor: Float, to sum: Vector) -> Vector {
    sum.addingEmulatedBFloat16(lanes, times: Vector(repeating: factor))
  }
}
