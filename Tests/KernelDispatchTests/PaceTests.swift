import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyTestSupport
import Testing

/// Whether kernels keep their sums in registers at every size of a tile. Where the compiler gives that
/// up, a kernel takes two to three times as long, and nothing else tells.
@Suite(.serialized) struct PaceTests {
  /// Time per multiply-add, of the widths in their order; the least of many, since other processes
  /// run.
  private func paces(
    _ widths: ClosedRange<Int>, _ operations: (Int) -> Int, _ run: (Int) -> Void
  ) -> [Double] {
    var least = [Double](repeating: .infinity, count: widths.count)
    let clock = ContinuousClock()
    for _ in 0..<40 {
      for (place, width) in widths.enumerated() {
        let time = clock.measure { run(width) } / .nanoseconds(1)
        least[place] = min(least[place], time / Double(operations(width)))
      }
    }
    return least
  }

  private func expectEvenPace(_ paces: [Double], from first: Int, _ set: InstructionSet) {
    guard let best = paces.min() else { return }
    for (place, pace) in paces.enumerated() {
      // A width of eleven that is cut into six and five, or a panel of half the lanes, costs less.
      #expect(pace < 1.8 * best, "\(set), \(first + place) columns: \(pace / best) of the best")
    }
  }

  @Test(arguments: KernelDispatch.available, [8, 16, 32])
  func convolutionsKeepPaceAtEveryWidth(set: InstructionSet, filters: Int) throws {
    let kernels = try #require(KernelDispatch.kernels(for: set))
    let (channels, rows) = (16, 8)
    // Wide enough that few columns in a tile do not wait for sums.
    let widths = 8...30
    let input = AlignedBuffer<Float>(count: (rows + 2) * (widths.upperBound + 2) * channels)
    let weights = AlignedBuffer<Float>(count: 9 * channels * filters)
    let output = AlignedBuffer<Float>(count: rows * widths.upperBound * filters)
    let paces = paces(widths, { $0 * rows * 9 * channels * filters }) { width in
      let rowStep = (width + 2) * channels
      let geometry = ConvolutionGeometry(
        outputRows: rows, outputColumns: width, outputChannels: filters, kernelRows: 3,
        rowRun: 3 * channels, inputRowStep: rowStep, inputColumnStep: channels,
        kernelRowStep: rowStep, outputRowStep: width * filters, outputColumnStep: filters)
      unsafe kernels.convolve(
        geometry, input: input.pointer, weights: weights.pointer, bias: nil,
        output: output.pointer)
    }
    expectEvenPace(paces, from: widths.lowerBound, set)
  }
}
