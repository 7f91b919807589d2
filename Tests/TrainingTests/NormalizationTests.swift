import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyTraining
import Testing

@Suite struct NormalizationTests {
  private static let images = syntheticImages(count: 30, channels: 3, height: 5, width: 7)

  @Test(arguments: KernelDispatch.available)
  func measuresMeanAndDeviationByChannel(instructionSet: InstructionSet) throws {
    let kernels = try #require(KernelDispatch.kernels(for: instructionSet))
    let normalization = Normalization(.standard, for: Self.images, kernels: kernels)
    for channel in 0..<3 {
      let values = stride(from: channel, to: Self.images.pixels.count, by: 3)
        .map { Double(Self.images.pixels[$0]) / 255 }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      #expect(abs(normalization.means[channel] - mean) < 1e-12)
      #expect(abs(normalization.deviations[channel] - variance.squareRoot()) < 1e-12)
    }
  }

  @Test func aChannelOfOneShadeBecomesZero() {
    let shape = ImageShape(channels: 1, height: 3, width: 5)
    let kernels = KernelDispatch.best
    for shade in UInt8.min...UInt8.max {
      let images = ImageSet(
        shape: shape, pixels: Array(repeating: shade, count: 15), labels: [0])
      let normalization = Normalization(.standard, for: images, kernels: kernels)
      #expect(normalization.deviations == [1])
      let map = FeatureMap(images.featureShape, channels: 1)
      let memory = AlignedBuffer<Float>(count: map.count)
      let store = SampleStore(images, normalization: normalization, map: map, kernels: kernels)
      store.write(
        SampleKey(seed: 0, epoch: 0, number: 0), to: memory.pointer, scratch: store.makeScratch())
      #expect(memory.elements.allSatisfy { abs($0) < 1e-6 })
    }
  }

  /// One pixel of sixteen million differs by one: less than the file of a model holds.
  @Test func aChannelOfNearlyOneShadeIsOne() {
    let shape = ImageShape(channels: 1, height: 4_000, width: 4_000)
    var pixels = [UInt8](repeating: 7, count: shape.pixelCount)
    pixels[123] = 8
    let images = ImageSet(shape: shape, pixels: pixels, labels: [0])
    let normalization = Normalization(.standard, for: images, kernels: KernelDispatch.best)
    #expect(normalization.deviations == [1])
    #expect(
      Normalization(means: normalization.means, deviations: normalization.deviations) != nil)
  }

  /// With and without channels added, with and without a border.
  @Test(arguments: [(3, 0), (3, 2), (8, 0), (8, 2)], Normalization.Method.allCases)
  func writesASampleWhereTheMapHasIt(
    layout: (channels: Int, border: Int), method: Normalization.Method
  ) {
    let (channels, border) = layout
    let kernels = KernelDispatch.best
    let normalization = Normalization(method, for: Self.images, kernels: kernels)
    let map = FeatureMap(
      Self.images.featureShape, channels: channels,
      border: FeatureMap.Border(top: border, bottom: border, left: border, right: border))
    let store = SampleStore(
      Self.images, normalization: normalization, map: map, kernels: kernels)
    let memory = AlignedBuffer<Float>(count: map.count)
    store.write(
      SampleKey(seed: 0, epoch: 0, number: 4), to: memory.pointer, scratch: store.makeScratch())

    var written = 0
    for index in 0..<map.shape.count {
      let (channel, pixel) = (index / 35, index % 35)
      let byte = Self.images.pixels[(4 * 35 + pixel) * 3 + channel]
      let expected =
        (Double(byte) / 255 - normalization.means[channel]) / normalization.deviations[channel]
      let found = memory.pointer[map.offset(of: index)]
      // A product and a sum, of numbers up to 255 scales or an offset.
      let size = 1 / normalization.deviations[channel]
      #expect(abs(Double(found) - expected) <= 4 * 0x1p-24 * size)
      if found != 0 { written += 1 }
    }
    #expect(memory.elements.count { $0 != 0 } == written, "nothing is written beside the sample")
  }
}
