/// Eight partial sums in double precision, added pairwise at the end.
struct LaneSums {
  private var low = SIMD4<Double>()
  private var high = SIMD4<Double>()

  @inline(__always)
  mutating func addSquares(of lanes: Lanes) {
    let (first, second) = (SIMD4<Double>(lanes.lowHalf), SIMD4<Double>(lanes.highHalf))
    low += first * first
    high += second * second
  }

  var total: Double {
    @inline(__always) get {
      let sums = low + high
      return (sums.x + sums.y) + (sums.z + sums.w)
    }
  }
}
