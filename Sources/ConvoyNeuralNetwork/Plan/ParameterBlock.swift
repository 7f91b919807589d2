/// A run of parameters that is updated in one go, by whichever worker comes first.
package struct ParameterBlock: Sendable, Equatable {
  /// The stage whose parameters these are.
  package let stage: Int
  /// In `ParameterMemory`.
  package let range: Range<Int>
  package let part: Part

  package enum Part: Sendable, Equatable {
    /// Rows of one panel of the weights.
    case weights(panel: Int, rows: Range<Int>)
    case biases
  }

  /// Whether L2 and weight decay act on it: on weights, not on biases.
  package var isDecayed: Bool { part != .biases }
}
