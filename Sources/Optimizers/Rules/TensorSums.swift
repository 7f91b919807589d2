/// Two sums over a tensor or a part of it, of whatever a `TwoPassOptimizer` measures: squares, for
/// norms.
public struct TensorSums: Sendable, Equatable {
  /// The first sum, which the rule defines: Σ p² in `Lamb`.
  public var first: Double
  /// The second sum.
  public var second: Double

  /// Sums of one part.
  @inlinable
  public init(first: Double = 0, second: Double = 0) {
    self.first = first
    self.second = second
  }

  /// Adds the sums of another part.
  @inlinable
  public static func += (sums: inout TensorSums, others: TensorSums) {
    sums.first += others.first
    sums.second += others.second
  }
}
