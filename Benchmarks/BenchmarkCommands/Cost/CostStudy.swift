import ConvoyNeuralNetwork

/// The size of a network that varies while the others are fixed.
enum CostStudy: String, CaseIterable, Sendable {
  case batch, image, channels, depth

  var values: [Int] {
    switch self {
    case .batch: [16, 64, 256, 1024]
    case .image: [14, 28, 56]
    case .channels: [8, 16, 32, 64]
    case .depth: [1, 2, 4, 8]
    }
  }

  /// As many 3×3 convolutions as the depth, each with a ReLU, then pooling and a dense layer.
  func workload(_ value: Int) -> Workload {
    func size(_ study: CostStudy, otherwise base: Int) -> Int { study == self ? value : base }
    let channels = size(.channels, otherwise: 16)
    let extent = size(.image, otherwise: 28)
    var layers: [any Layer] = []
    for _ in 0..<size(.depth, otherwise: 2) {
      layers += [Convolution(filters: channels, kernelSize: 3, padding: 1), ReLU()]
    }
    layers += [MaxPooling(2), Flatten(), Dense(Workload.classes)]
    return Workload(
      name: "\(rawValue) \(value)", architecture: Network(layers),
      input: FeatureShape(channels: 3, height: extent, width: extent),
      batch: size(.batch, otherwise: 64), mode: .train)
  }
}
