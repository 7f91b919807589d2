extension Architecture {
  /// The architectures that come with Convoy.
  package enum Preset: String, CaseIterable, Sendable {
    /// The four layer types of "Building a Convolutional Neural Network From Scratch". Its filters
    /// have no biases: one sample at a time, at the article's rate of 0.1, a bias, which moves all 676
    /// places of its map at once, runs away until no ReLU is above zero.
    case article
    /// Two small convolutions, 52 thousand parameters on MNIST.
    case small
    /// The network of train_mnist_fast (2021): few layers, 99% after one epoch.
    case fast
    /// As `small`, four times as wide.
    case medium
    /// Six convolutions in pairs, after Simonyan and Zisserman (2015).
    case vgg
  }

  /// A preset that ends in one output a class.
  package init(_ preset: Preset, classes: Int) {
    func convolution(_ filters: Int, _ kernelSize: Int = 3, padding: Int = 1) -> Layer {
      .convolution(filters: filters, kernelSize: kernelSize, stride: 1, padding: padding)
    }
    let pooling = Layer.maxPooling(kernelSize: 2, stride: 2)

    switch preset {
    case .article:
      layers = [
        .convolution(filters: 8, kernelSize: 3, stride: 1, padding: 0, hasBias: false), .relu,
        pooling, .flatten,
      ]
    case .small:
      layers = [
        convolution(8), .relu, pooling, convolution(16), .relu, pooling,
        .flatten, .dense(units: 64), .relu,
      ]
    case .fast:
      layers = [
        convolution(24, 5, padding: 0), pooling, .relu, convolution(32, padding: 0), pooling, .relu,
        .flatten, .dense(units: 256), .relu,
      ]
    case .medium:
      layers = [
        convolution(32), .relu, pooling, convolution(64), .relu, pooling,
        .flatten, .dense(units: 128), .relu,
      ]
    case .vgg:
      layers = [64, 128, 256].flatMap { filters in
        [convolution(filters), .relu, convolution(filters), .relu, pooling]
      }
      layers += [.flatten, .dense(units: 256), .relu]
    }
    layers.append(.dense(units: classes))
  }
}
