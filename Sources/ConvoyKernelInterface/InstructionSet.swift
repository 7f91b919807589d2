/// The instruction sets that kernels are built for.
package enum InstructionSet: String, CaseIterable, Sendable {
  /// What every processor of its kind has: SSE2 on x86-64. No fused multiply-add.
  case baseline
  case avx2
  case avx512
  case neon

  /// Sets that do give one another's bits; one that does not rounds products before it adds them.
  package var fusesMultiplyAdd: Bool { self != .baseline }
}
