import ConvoyDatasets
import ConvoyKernelDispatch
import ConvoyKeyedRandom
import ConvoyNeuralNetwork
import ConvoySafetensors
import ConvoyTraining
import Testing

/// A whitening convolution's outputs have no products in common, and about the same size.
@Suite struct WhiteningTests {
  /// Noise with correlations between neighbours and channels.
  private func images(count: Int, seed: UInt64 = 3) -> ImageSet {
    let shape = ImageShape(channels: 2, height: 4, width: 5)
    return ImageSet(
      shape: shape, pixels: noise(count: count * shape.pixelCount, seed: seed),
      labels: (0..<count).map { UInt16($0 % 4) })
  }

  private func noise(count: Int, seed: UInt64 = 3) -> [UInt8] {
    let random = KeyedRandom(seed: seed, purpose: .initialization)
    let white = (0..<count + 10).map { UInt8(random[$0] & 63) }
    return (0..<count).map { place -> UInt8 in
      white[place] + white[place + 1] + white[place + 2] + white[place + 10]
    }
  }

  private func run(
    _ images: ImageSet, threads: Int = 1, _ start: TrainingSetup.Start = .drawn(Initialization())
  ) throws -> TrainingSetup {
    let layers: [any Layer] = [
      Convolution(filters: 16, kernelSize: 2, initialization: .whitening), Flatten(),
      Dense(4),
    ]
    return try TrainingSetup(
      Network(layers), on: Dataset(training: images, test: self.images(count: 4), classes: 4),
      from: start, normalization: .standard,
      configuration: TrainingConfiguration(batchSize: 2, threads: threads),
      kernels: KernelDispatch.best)
  }

  private func filters(_ run: TrainingSetup) -> [Float] { run.weights.tensors[0].values }

  /// For eigenvalue v, the mean square of an output is v / (v + 5e-4), and its product with another's
  /// is 0.
  @Test func outputsOfPatchesAreWhite() throws {
    let images = images(count: 60)
    let run = try run(images)
    let filters = filters(run)
    #expect(Array(filters[64...]) == filters[..<64].map { -$0 })

    let (shape, normalization) = (images.shape, run.normalization)
    var products = Array(repeating: Array(repeating: 0.0, count: 8), count: 8)
    var count = 0.0
    for image in 0..<images.count {
      for row in 0..<shape.height - 1 {
        for column in 0..<shape.width - 1 {
          let patch = (0..<8).map { place -> Double in
            let (channel, line, offset) = (place / 4, place / 2 % 2, place % 2)
            let pixel = (row + line) * shape.width + column + offset
            let byte = images.pixels[image * shape.pixelCount + pixel * 2 + channel]
            return (Double(byte) / 255 - normalization.means[channel])
              / normalization.deviations[channel]
          }
          let outputs = (0..<8).map { filter in
            (0..<8).reduce(0.0) { $0 + patch[$1] * Double(filters[filter * 8 + $1]) }
          }
          for one in 0..<8 {
            for other in 0..<8 { products[one][other] += outputs[one] * outputs[other] }
          }
          count += 1
        }
      }
    }
    // Filters of at most 1 / √least eigenvalue are rounded by 2⁻²⁴ of it; a patch's mean square is 8.
    let least = (0..<8).map { filter in
      1 / filters[filter * 8..<filter * 8 + 8].reduce(0.0) { $0 + Double($1) * Double($1) }
    }
    let rounding = 4 * 8 * 0x1p-24 / (least.min() ?? 1)
    for one in 0..<8 {
      // The norm of a filter is 1 / √(v + 5e-4).
      let expected = (least[one] - 5e-4) / least[one]
      #expect(abs(products[one][one] / count - expected) < rounding)
      for other in 0..<8 where other != one {
        #expect(abs(products[one][other] / count) < rounding)
      }
    }
    #expect(zip(least, least.dropFirst()).allSatisfy { $0 >= $1 }, "the largest eigenvalue first")
    #expect(least[0] > 3 * (least.last ?? 0), "patches are far from white")
  }

  /// Of more than 5,000 images, those that count are of all classes, in whatever order these come.
  @Test(arguments: [5_500, 10_000])
  func patchesAreOfAllClasses(count: Int) throws {
    let all = images(count: count)
    let size = all.shape.pixelCount
    let allPixels = noise(count: count * size)
    /// Images of a class are grey, and those of the other as they were.
    func classes(_ isGrey: (Int) -> Bool) -> ImageSet {
      var pixels = allPixels
      for image in (0..<all.count).filter(isGrey) {
        pixels.replaceSubrange(
          image * size..<(image + 1) * size, with: repeatElement(128, count: size))
      }
      return ImageSet(shape: all.shape, pixels: pixels, labels: all.labels)
    }
    /// The squared norm of the filter for the largest eigenvalue: one over that.
    func norm(_ images: ImageSet) throws -> Double {
      filters(try run(images)).prefix(8).reduce(0.0) { $0 + Double($1) * Double($1) }
    }
    let sorted = try norm(classes { $0 < count / 2 })
    for order in [{ $0 % 2 == 0 }, { $0 % 2 == 1 }, { $0 >= count / 2 }] as [(Int) -> Bool] {
      // Of 2,500 images each, at random.
      #expect(abs(try norm(classes(order)) / sorted - 1) < 0.1)
    }
  }

  @Test func dependsOnNeitherThreadsNorSeed() throws {
    let images = images(count: 30)
    #expect(filters(try run(images)) == filters(try run(images, threads: 3)))
  }

  /// What is made of the filters for the passes, as Winograd's algorithm does here, is made of these.
  @Test func filtersReachThePasses() throws {
    let images = syntheticImages(count: 12, channels: 8, height: 10, width: 10)
    let layers: [any Layer] = [
      Convolution(filters: 144, kernelSize: 3, padding: 1, initialization: .whitening), Tanh(),
      GlobalAveragePooling(), Dense(4),
    ]
    let run = try TrainingSetup(
      Network(layers), on: Dataset(training: images, test: images, classes: 4),
      normalization: .standard, configuration: TrainingConfiguration(batchSize: 4),
      kernels: KernelDispatch.best)
    let before = run.evaluate()
    run.load(run.weights)
    #expect(run.evaluate() == before)
  }
}
