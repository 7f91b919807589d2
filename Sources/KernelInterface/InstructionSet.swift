/// The instruction sets that kernels are built for.
package enum InstructionSet: String, CaseIterable, Sendable {
  /// What every processor of its kind has: SSE2 on x86-64. No fused multiply-add.
  case baseline
  case avx2
  case avx512
  case neon
}
