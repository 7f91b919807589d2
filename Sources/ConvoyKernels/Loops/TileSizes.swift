/// A compile-time constant.
struct Count<let value: Int> {}

/// A loop body that is compiled once for each number of accumulators, so that they all stay in
/// registers.
protocol TileBody {
  /// The most accumulators that it is compiled and called for.
  static var limit: Int { get }

  func run<let count: Int>(_: Count<count>)
}

extension TileBody {
  /// All.
  @inline(__always)
  static var limit: Int { 14 }
}

/// The number of vectors that a tile accumulates: as many as fit in registers beside the operands.
enum TileLimit {
  #if AVX512
    // 32 registers of 16 lanes.
    /// Vectors of 16 lanes.
    static let wide = 14
    /// Vectors of 8 lanes.
    static let narrow = 14
    /// Pairs of vectors, of which the first is wide; none where only few would fit. From 11 pairs on, Swift 6.3 does not unroll the
    /// loop over them, and their sums are in memory.
    static let pairs = 10
    /// Vectors of several rows of a filter.
    static let filterRows = 27
    /// Whether four wide ones fit.
    static let hasFourPanels = true
    /// Vectors of `EmulatedBFloat16Dot`: few, since what stands in for an instruction is not worth much code.
    static let emulated = 4
  #elseif AVX2
    // 16 registers of 8 lanes.
    static let wide = 6
    static let narrow = 12
    static let pairs = 0
    static let filterRows = 12
    static let hasFourPanels = true
    static let emulated = 3
  #elseif arch(arm64)
    // 32 registers of 4 lanes.
    static let wide = 6
    static let narrow = 12
    static let pairs = 0
    static let filterRows = 12
    static let hasFourPanels = true
    static let emulated = 4
  #else
    // 16 registers of 4 lanes, of which each product needs one.
    static let wide = 2
    static let narrow = 5
    static let pairs = 0
    static let filterRows = 12
    static let hasFourPanels = false
    static let emulated = 1
  #endif
}

/// The number of 2×2 windows of vectors that a tile accumulates; 0 if even one is too large.
enum WindowLimit {
  #if AVX512
    static let wide = 7
    static let narrow = 7
  #elseif AVX2
    /// With both rows; two or three are made a row at a time (`WindowRowStrip`).
    static let wide = 1
    static let narrow = 3
  #elseif arch(arm64)
    static let wide = 1
    static let narrow = 3
  #else
    static let wide = 0
    static let narrow = 0
  #endif
}

@inline(__always)
func withCount<Body: TileBody>(_ count: Int, _ body: Body) {
  switch count {
  case 1: body.run(Count<1>())
  case 2 where Body.limit >= 2: body.run(Count<2>())
  case 3 where Body.limit >= 3: body.run(Count<3>())
  case 4 where Body.limit >= 4: body.run(Count<4>())
  case 5 where Body.limit >= 5: body.run(Count<5>())
  case 6 where Body.limit >= 6: body.run(Count<6>())
  case 7 where Body.limit >= 7: body.run(Count<7>())
  case 8 where Body.limit >= 8: body.run(Count<8>())
  case 9 where Body.limit >= 9: body.run(Count<9>())
  case 10 where Body.limit >= 10: body.run(Count<10>())
  case 11 where Body.limit >= 11: body.run(Count<11>())
  case 12 where Body.limit >= 12: body.run(Count<12>())
  case 13 where Body.limit >= 13: body.run(Count<13>())
  default: if Body.limit >= 14 { body.run(Count<14>()) }
  }
}

/// The same for windows.
@inline(__always)
func withWindows(_ count: Int, _ body: some TileBody) {
  switch count {
  case 1: body.run(Count<1>())
  #if AVX512
    case 4: body.run(Count<4>())
    case 5: body.run(Count<5>())
    case 6: body.run(Count<6>())
    case 7: body.run(Count<7>())
  #endif
  case 2: body.run(Count<2>())
  default: body.run(Count<3>())
  }
}

/// Cuts `length` into pieces of at most `limit` whose sizes differ by one at most.
struct EvenCut {
  let pieces: Int
  private let base: Int
  private let longer: Int

  @inline(__always)
  init(_ length: Int, limit: Int) {
    pieces = (length &+ limit &- 1) / limit
    base = pieces == 0 ? 0 : length / pieces
    longer = length &- base &* pieces
  }

  @inline(__always)
  func size(_ piece: Int) -> Int { piece < longer ? base &+ 1 : base }

  /// The pieces of each size: kind 0 comes first, and is longer by one than kind 1.
  @inline(__always)
  func pieces(ofKind kind: Int) -> (count: Int, size: Int) {
    kind == 0 ? (longer, base &+ 1) : (pieces &- longer, base)
  }
}
