import ConvoyAugmentation
import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyKernelInterface
import ConvoyNeuralNetwork
import ConvoyTraining
import Testing

@Suite struct AugmentedSampleTests {
  private static let images = syntheticImages(count: 12, channels: 3, height: 9, width: 7)

  private func normalized(_ store: SampleStore, _ key: SampleKey, _ map: FeatureMap) -> [Float] {
    let memory = AlignedBuffer<Float>(count: map.count)
    store.write(key, to: memory.pointer, scratch: store.makeScratch())
    return Array(memory.elements)
  }

  /// A sample is normalised as the image would be that the augmenter makes of it, for its epoch.
  @Test func writesWhatTheAugmenterMakes() throws {
    let (images, kernels) = (Self.images, KernelDispatch.best)
    let augmentation = try Augmentation("flip,crop:2,rotate:20,cutout:3,brightness:0.3")
    let normalization = Normalization(.standard, for: images, kernels: kernels)
    let border = FeatureMap.Border(top: 1, bottom: 1, left: 1, right: 1)
    let map = FeatureMap(images.featureShape, channels: 8, border: border)
    let store = try SampleStore(
      images, normalization: normalization, augmentation: augmentation, seed: 5, map: map,
      kernels: kernels)
    let means = normalization.means.map { UInt8((255 * $0).rounded()) }
    let augmenter = try Augmenter(
      augmentation, from: images.pixelShape, to: images.pixelShape, fill: means, seed: 5)
    var scratch = [UInt32](repeating: 0, count: augmenter.scratchCount)
    let count = images.shape.pixelCount
    var samples: Set<[Float]> = []
    for epoch in 1...3 {
      for number in 0..<images.count {
        let image = Array(images.pixels[number * count..<(number + 1) * count])
        var result = image
        var target = result.mutableSpan
        var memory = scratch.mutableSpan
        augmenter.augment(
          image.span, into: &target, sample: number, epoch: epoch - 1, scratch: &memory)
        let expected = SampleStore(
          ImageSet(shape: images.shape, pixels: result, labels: [0]),
          normalization: normalization, map: map, kernels: kernels)
        let found = normalized(store, SampleKey(seed: 5, epoch: epoch, number: number), map)
        #expect(found == normalized(expected, SampleKey(seed: 5, epoch: 0, number: 0), map))
        samples.insert(found)
      }
    }
    #expect(samples.count > 30)
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let kernels = KernelDispatch.best
    let augmentation = try Augmentation("crop:8")
    #expect(throws: AugmentationError.self) {
      try SampleStore(
        Self.images, normalization: Normalization(.unit, for: Self.images, kernels: kernels),
        augmentation: augmentation, seed: 0, map: FeatureMap(Self.images.featureShape),
        kernels: kernels)
    }
  }
}
