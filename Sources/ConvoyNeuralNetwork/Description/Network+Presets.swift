extension Network {
  /// The architectures that come with Convoy, by the names that `convoy train --model` takes.
  public enum Preset: String, CaseIterable, Sendable {
    /// The four layer types of "Building a Convolutional Neural Network From Scratch". Its filters
    /// have no biases. With a batch of one and the article's learning rate of 0.1, a bias shifts
    /// all 676 values of its map at once and diverges until every ReLU outputs zero.
    case article
    /// Two small convolutions, 52 thousand parameters on MNIST.
    case small
    /// The network of train_mnist_fast (2021): few layers, 99% after one epoch.
    case fast
    /// As `small`, four times as wide.
    case medium
    /// Six convolutions in pairs, after Simonyan and Zisserman (2015).
    case vgg
    /// Nine residual blocks behind a convolution, for small colour images (He et al., 2016), with
    /// 1×1 convolutions where a block changes the shape.
    case resnet20
    /// The network of David Page's DAWNBench entry (2018), with each max pooling before its
    /// normalisation (2019).
    case resnet9
    /// The network of airbench94 (Jordan, 2024) for 32×32 colour images: a fixed convolution that
    /// whitens patches, then three pairs of wide ones.
    case airbench94
    /// As `airbench94`, with fewer filters and an epsilon of 1e-5; the filters that whiten are learned
    /// too. 680 thousand parameters on Fashion-MNIST.
    case fashion
    /// Depthwise separable convolutions (Howard et al., 2017), for small colour images.
    case mobilenet
    /// Five normalised convolutions and global average pooling: learns from images of any size.
    case compact
    /// Five normalised convolutions and few parameters: less than nine thousand on MNIST.
    case mnistTiny = "mnist-tiny"
    /// Six normalised convolutions for grey images of digits: 73 thousand parameters.
    case digits
    /// Two convolutions with 5×5 kernels: the least time to 99% on MNIST.
    case sprint
  }

  /// A preset with one output per class. Whether it fits the images is found when their shape is known:
  /// most take images of 28×28 or 32×32 pixels, `compact` and the residual ones any.
  ///
  /// - Parameters:
  ///   - preset: the architecture.
  ///   - classes: outputs of the last layer.
  ///   - channels: of the images; `airbench94` and `fashion` have eight filters that whiten for each.
  public init(_ preset: Preset, classes: Int, channels: Int = 3) {
    func convolution(_ filters: Int, _ kernelSize: Int = 3, padding: Int = 1) -> Convolution {
      Convolution(filters: filters, kernelSize: kernelSize, padding: padding)
    }
    let pooling = MaxPooling(2)
    var width = 16

    switch preset {
    case .article:
      layers = [
        Convolution(filters: 8, kernelSize: 3, bias: false), ReLU(), pooling, Flatten(),
      ]
    case .small:
      layers = [
        convolution(8), ReLU(), pooling, convolution(16), ReLU(), pooling,
        Flatten(), Dense(64), ReLU(),
      ]
    case .fast:
      layers = [
        convolution(24, 5, padding: 0), pooling, ReLU(), convolution(32, padding: 0), pooling,
        ReLU(),
        Flatten(), Dense(256), ReLU(),
      ]
    case .medium:
      layers = [
        convolution(32), ReLU(), pooling, convolution(64), ReLU(), pooling,
        Flatten(), Dense(128), ReLU(),
      ]
    case .vgg:
      layers = []
      for filters in [64, 128, 256] {
        layers += [convolution(filters), ReLU(), convolution(filters), ReLU(), pooling]
      }
      layers += [Flatten(), Dense(256), ReLU()]
    case .resnet20:
      layers = Self.normalized(16) + [ReLU()]
      for filters in [16, 16, 16, 32, 32, 32, 64, 64, 64] {
        layers += Self.residualBlock(filters, stride: filters > width ? 2 : 1)
        width = filters
      }
      layers.append(GlobalAveragePooling())
    case .resnet9:
      func pooled(_ filters: Int) -> [any Layer] {
        let block = Self.normalized(filters)
        return [block[0], pooling, block[1], ReLU()]
      }
      func residual(_ filters: Int) -> Residual {
        Residual((0..<2).flatMap { _ in Self.normalized(filters) + [ReLU()] })
      }
      layers = Self.normalized(64) + [ReLU()]
      layers += pooled(128) + [residual(128)] + pooled(256) + pooled(512) + [residual(512)]
      layers += [GlobalMaxPooling(), Dense(classes, bias: false), Scale(factor: 0.125)]
      return
    case .airbench94, .fashion:
      let isLarge = preset == .airbench94
      func pair(_ filters: Int) -> [any Layer] {
        let convolution = Convolution(
          filters: filters, kernelSize: 3, padding: 1, bias: false, initialization: .dirac)
        let normalization = BatchNormalization(
          momentum: 0.4, epsilon: isLarge ? 1e-12 : 1e-5, hasScale: false)
        return [convolution, pooling, normalization, GELU(), convolution, normalization, GELU()]
      }
      let whitening = Convolution(
        filters: 8 &* channels, kernelSize: 2, isTrainable: !isLarge, initialization: .whitening)
      layers = [whitening, GELU()] + (isLarge ? [64, 256, 256] : [64, 128, 160]).flatMap(pair)
      layers += [
        GlobalMaxPooling(), Dense(classes, bias: false), Scale(factor: 1.0 / 9),
      ]
      return
    case .mobilenet:
      layers = Self.normalized(32) + [ReLU()]
      width = 32
      for filters in [64, 128, 128, 256, 256, 512, 512] {
        layers += Self.separable(width, filters, stride: filters > max(width, 64) ? 2 : 1)
        width = filters
      }
      layers.append(GlobalAveragePooling())
    case .compact:
      // 3×3 with padding, so that an image of any size fits.
      let pooling = MaxPooling(3, stride: 2, padding: 1)
      layers = []
      for (filters, pools) in [(16, true), (32, false), (32, true), (64, true), (64, false)] {
        let block = Self.normalized(filters)
        layers += [block[0]] + (pools ? [pooling] : []) + [block[1], ReLU()]
      }
      layers.append(GlobalAveragePooling())
    case .mnistTiny:
      func normalized(_ filters: [Int]) -> [any Layer] {
        filters.flatMap { Self.normalized($0, padding: 0) + [ReLU()] }
      }
      layers = normalized([8, 16]) + [pooling] + normalized([16, 16, 16])
      layers.append(GlobalAveragePooling())
    case .sprint:
      layers = [
        convolution(8, 5, padding: 0), pooling, ReLU(), convolution(16, 5, padding: 0), pooling,
        ReLU(), Flatten(), Dense(128), ReLU(),
      ]
    case .digits:
      func normalized(_ filters: Int, padding: Int, pools: Bool = false) -> [any Layer] {
        let block = Self.normalized(filters, padding: padding)
        return [block[0]] + (pools ? [pooling] : []) + [block[1], ReLU()]
      }
      layers = normalized(16, padding: 0) + normalized(16, padding: 0, pools: true)
      layers += normalized(32, padding: 1) + normalized(32, padding: 1, pools: true)
      layers += normalized(64, padding: 1) + normalized(64, padding: 0)
      layers.append(GlobalAveragePooling())
    }
    layers.append(Dense(classes))
  }

  /// A convolution and its normalisation.
  private static func normalized(
    _ filters: Int, _ kernelSize: Int = 3, stride: Int = 1, padding: Int? = nil
  ) -> [any Layer] {
    [
      Convolution(
        filters: filters, kernelSize: kernelSize, stride: stride,
        padding: padding ?? kernelSize / 2, bias: false), BatchNormalization(),
    ]
  }

  /// A depthwise convolution and one of single pixels, both normalised.
  private static func separable(_ channels: Int, _ filters: Int, stride: Int) -> [any Layer] {
    [
      Convolution(
        filters: channels, kernelSize: 3, stride: stride, padding: 1, groups: channels,
        bias: false), BatchNormalization(), ReLU(),
    ] + normalized(filters, 1) + [ReLU()]
  }

  /// Two normalised convolutions beside their input. With a stride, the shortcut is a convolution.
  private static func residualBlock(_ filters: Int, stride: Int) -> [any Layer] {
    [
      Residual(
        normalized(filters, stride: stride) + [ReLU()] + normalized(filters),
        shortcut: stride == 1 ? [] : normalized(filters, 1, stride: stride)), ReLU(),
    ]
  }
}
