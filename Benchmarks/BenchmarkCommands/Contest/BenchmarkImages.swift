import ConvoyDatasets
import ConvoyKeyedRandom
import ConvoyNeuralNetwork
import ConvoyTraining

/// The images that networks are measured with: whole batches.
enum BenchmarkImages {
  /// Images of MNIST for networks of its shape, because its many blank pixels affect pooling,
  /// activations and sparse kernels; seeded noise for other shapes.
  ///
  /// - Parameter data: the directory of MNIST.
  static func load(for workload: Workload, data: String) throws -> ImageSet {
    let shape = workload.input
    if shape == FeatureShape(channels: 1, height: 28, width: 28) {
      let images = try Dataset.load(.training, from: data)
      if images.featureShape == shape {
        // A batch may be larger than the data set.
        return images.selecting(
          (0..<count(for: workload, most: images.count)).map { $0 % images.count })
      }
    }
    return noise(workload.input, count: count(for: workload, most: 4_096))
  }

  /// A forward measurement always evaluates all images, so it gets fewer of them.
  private static func count(for workload: Workload, most: Int) -> Int {
    let batches = max(1, most / workload.batch)
    return workload.batch * (workload.mode == .forward ? min(8, batches) : batches)
  }

  static func noise(_ input: FeatureShape, count: Int) -> ImageSet {
    let shape = ImageShape(channels: input.channels, height: input.height, width: input.width)
    let random = KeyedRandom(seed: 0, purpose: .initialization)
    return ImageSet(
      shape: shape,
      pixels: random.bytes(count: count * shape.pixelCount),
      labels: (0..<count).map { UInt16(random.integer(-1 - $0, below: Workload.classes)) })
  }
}
