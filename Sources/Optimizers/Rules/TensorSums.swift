/// Two sums over a tensor or a part of it, of whatever a `TwoPassOptimizer` measures: squares, for
/// norms.
public struct TensorSums: Sendable, Equatable {
  public var first: Double
  public var second: Double

  @inlinable
  public init(first: Double = 0, second: Double = 0) {
    self.first = first
    self.second = second
  }

  @inlinable
  public static func += (sums: inout TensorSums, others: TensorSums) {
    sums.first += others.first
    sums.second += others.second
  }
}
