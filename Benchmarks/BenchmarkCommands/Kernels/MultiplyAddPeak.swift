import ConvoyKernelInterface

/// The most multiply-adds that a core does now.
struct MultiplyAddPeak {
  let kernels: any KernelSet
  private static let rounds = 200_000

  /// Floating-point operations per second, over some milliseconds.
  func measure() -> Double {
    let seed: [Float] = [0.5, 0.25]
    var results = [Float](repeating: 0, count: 16)
    var operations = 0
    let seconds = ContinuousClock().measure {
      operations = unsafe results.withUnsafeMutableBufferPointer { results in
        guard let base = results.baseAddress else { return 0 }
        return unsafe kernels.multiplyAddChains(rounds: Self.rounds, seed: seed, results: base)
      }
    }
    return Double(operations) / (seconds / .seconds(1))
  }
}
