import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyTestSupport
import Testing

/// Whether the direct convolution keeps its sums in registers, whatever tiles a map of 8 to 30 columns is
/// cut into. Where the compiler gives that up, a tile takes 2.5 times as long, and nothing else tells.
@Suite(.serialized) struct PaceTests {
  /// Time per multiply-add, of the widths in their order; the least of many, since other processes
  /// run.
  private func paces(
    _ widths: ClosedRange<Int>, operationsAColumn: Int, _ run: (Int) -> Void
  ) -> [Double] {
    var least = [Double](repeating: .infinity, count: widths.count)
    let clock = ContinuousClock()
    for _ in 0..<40 {
      for (place, width) in widths.enumerated() {
        let time = clock.measure { run(width) } / .nanoseconds(1)
        least[place] = min(least[place], time / Double(operationsAColumn * width))
      }
    }
    return least
  }

  private func expectEvenPace(_ paces: [Double], from first: Int, _ set: InstructionSet) {
    guard let best = paces.min() else { return }
    for (place, pace) in paces.enumerated() {
      // Tiles of fewer columns than others take up to 1.5 times as long per column.
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
    let paces = paces(widths, operationsAColumn: rows * 9 * channels * filters) { width in
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
