/// What the products of training multiply. Sums, weights, statistics and updates are in single precision, and
/// so is judging.
public enum Precision: String, Sendable, Codable, CaseIterable {
  /// Single precision.
  case fp32
  /// bfloat16, which has 8 bits of precision instead of 24, in convolutions made by Winograd's algorithm:
  /// of 3×3 and 5×5 kernels of stride 1, where it pays. Outputs of such a layer are off by about
  /// 1%.
  ///
  /// AMD's Zen 5, which has AVX512-BF16, trains such networks up to 1.5 times as fast. Processors without it
  /// give the same bits, but take longer than in single precision, and so does Intel's Emerald Rapids, which
  /// has it.
  case bf16
}
