import ConvoyDatasets
import ConvoyNeuralNetwork
import Testing

@testable import ConvoyBenchmarkCommands

@Suite struct SettingTests {
  @Test func theMedianIsInTheMiddle() {
    #expect(Spread([3, 1, 2]).median == 2)
    #expect(Spread([4, 1, 2, 3]).median == 2.5)
    #expect(Spread([4, 1, 2]).least == 1)
    #expect(Spread([4, 1, 2]).most == 4)
    #expect((Spread([4, 9]) / Spread([2, 3])).values == [2, 3])
  }

  @Test(arguments: [
    (0.085, "0.0850"), (1.234, "1.23"), (12.345, "12.3"), (123.4, "123"), (1234, "1,230"),
    (56_163, "56,200"), (1_234_567, "1,230,000"), (0, "0.0"),
  ])
  func numbersHaveThreeDigits(value: Double, text: String) {
    #expect(Text.number(value) == text)
  }

  @Test func noWarmUpCountsTheFirstSteps() {
    var runs: [Int] = []
    let steps = StepCount.warmingUp(for: 1, seconds: 5) { steps in
      defer { runs.append(steps) }
      // The first are slow, as if they were compiled; then eight a second.
      return runs.isEmpty ? 100 : Double(steps) / 8
    }
    #expect(runs == [2, 1, 2, 4, 1])
    #expect(steps == 40)
  }

  @Test func imagesComeInWholeBatches() throws {
    let workload = Workload(
      name: "x", architecture: Network([Flatten()]),
      input: FeatureShape(channels: 3, height: 4, width: 5), batch: 100, mode: .train)
    let images = try BenchmarkImages.load(for: workload, data: "nowhere")
    #expect(images.count == 4_000)
    #expect(images.pixels.count == 240_000)
    #expect(Set(images.labels) == Set(0..<10))
  }

  @Test func peakMemoryIsThisProcessOwn() {
    let block = [UInt8](repeating: 1, count: 64 << 20)
    #expect(block.count == 64 << 20)
    #expect(PeakMemory.current > 64 << 20)
  }
}
