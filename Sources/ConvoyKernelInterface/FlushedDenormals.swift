import ConvoyCPUFeatures

/// Runs `body` with denormal numbers taken as zero on this thread, as kernels are to be called: they
/// would be slow and, called once so and once otherwise, give other bits.
package func flushingDenormals<Result>(_ body: () throws -> Result) rethrows -> Result {
  let controlWord = convoy_flush_denormals()
  defer { convoy_restore_denormals(controlWord) }
  return try body()
}
