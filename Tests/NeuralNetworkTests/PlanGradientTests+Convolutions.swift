import ConvoyKernelDispatch
import ConvoyNeuralNetwork
import Testing

/// Convolutions of every kind: groups, one pixel, strides, borders.
extension PlanGradientTests {
  /// Groups of whole vectors, each a convolution of its own: as wide as a panel, wider and narrower, of
  /// as many filters as channels, of more and of fewer; strided, dilated, and on a map that others read
  /// with another border.
  @Test func convolvesGroups() throws {
    func convolution(
      _ filters: Int, _ kernelSize: Pair = 3, stride: Pair = 1,
      padding: Convolution.Padding = .same,
      dilation: Pair = 1, groups: Int, bias: Bool = true
    ) -> Convolution {
      Convolution(
        filters: filters, kernelSize: kernelSize, stride: stride, padding: padding,
        dilation: dilation, groups: groups, bias: bias)
    }
    let layers: [any Layer] = [
      convolution(48, groups: 2), Tanh(),
      convolution(80, Pair(3, 2), dilation: Pair(1, 2), groups: 2),
      Residual([
        Tanh(), convolution(40, 5, groups: 5, bias: false), Sigmoid(),
        convolution(80, 1, groups: 5),
      ]),
      Tanh(), convolution(24, Pair(1, 3), stride: Pair(1, 2), padding: 1, groups: 1),
      AveragePooling(2),
      convolution(48, Pair(3, 2), stride: 2, padding: .zeros(Pair(1, 0)), groups: 3),
      Tanh(),
      Flatten(), Dense(4),
    ]
    try check(
      Network(layers), input: FeatureShape(channels: 16, height: 7, width: 9), loss: .crossEntropy)
  }

  /// A kernel of one pixel reads the maps of several samples as one; the border of another reader, and
  /// a stride, keep them apart.
  @Test func learnsThroughKernelsOfOnePixel() throws {
    func convolution(_ filters: Int, stride: Int = 1, groups: Int = 1) -> any Layer {
      Convolution(filters: filters, kernelSize: 1, stride: stride, groups: groups)
    }
    for layers: [any Layer] in [
      [convolution(40), Tanh(), convolution(24), Sigmoid(), Flatten(), Dense(4)],
      [convolution(48), Tanh(), convolution(24, groups: 3), Flatten(), Dense(4)],
      [
        convolution(8), Residual([Convolution(filters: 8, kernelSize: 3, padding: .same)]),
        convolution(16, stride: 2), Tanh(), convolution(8), Flatten(), Dense(4),
      ],
    ] {
      // Two samples at a time, twice, and one.
      try check(
        Network(layers), input: FeatureShape(channels: 5, height: 5, width: 6), loss: .crossEntropy,
        samples: 7, groupSize: 5)
    }
  }

  /// Windows of which as many as the map has pixels would read as many numbers as it has.
  @Test(arguments: [
    (8, 1, Pair(1), Pair(2), 0), (6, 1, Pair(1), Pair(3), 0), (4, 3, Pair(2, 1), Pair(1, 2), 0),
    (2, 2, Pair(1), Pair(4), 0), (2, 2, Pair(1), Pair(1), 1), (1, 1, Pair(1), Pair(2, 1), 0),
  ])
  func readsTheSamplesOfSmallMapsApart(
    height: Int, width: Int, kernelSize: Pair, stride: Pair, padding: Int
  ) throws {
    let window = Convolution(
      filters: 16, kernelSize: kernelSize, stride: stride, padding: .zeros(Pair(padding)))
    let input = FeatureShape(channels: 5, height: height, width: width)
    for first in [1, 3] {
      try check(
        Network([
          Convolution(filters: 24, kernelSize: first, padding: .same), Tanh(), window, Tanh(),
          Flatten(), Dense(4),
        ]), input: input, loss: .crossEntropy, samples: 7, groupSize: 5)
    }
  }

  /// Taps that meet nothing but the border have a gradient of exactly zero, of which no optimizer makes a
  /// step.
  @Test(arguments: [(5, 8, 2), (5, 2, 8), (5, 2, 2), (3, 9, 1), (3, 1, 9)])
  func tapsBeyondTheMapLearnNothing(kernelSize: Int, height: Int, width: Int) throws {
    let middle = kernelSize / 2
    try expectZeros(
      kernelSize: kernelSize, channels: 24, height: height, width: width, [],
      at: { abs($0 - middle) >= height || abs($1 - middle) >= width })
  }

  /// The same where the last outputs, which meet the map, are not in a window.
  @Test(arguments: [true, false])
  func tapsThatPoolingLeavesInTheBorderLearnNothing(alongRows: Bool) throws {
    try expectZeros(
      kernelSize: 3, channels: 48, height: alongRows ? 2 : 32, width: alongRows ? 32 : 2,
      [MaxPooling(1, stride: alongRows ? Pair(2, 1) : Pair(1, 2)), Tanh()],
      at: { row, column in (alongRows ? row : column) == 0 })
  }

  /// Windows over the first and the last row, of which a middle tap reads no input.
  @Test func aTapBetweenWindowsLearnsNothing() throws {
    try expectZeros(
      kernelSize: 3, channels: 48, height: 2, width: 32, padding: .zeros(Pair(2, 1)),
      [MaxPooling(1, stride: Pair(3, 1)), Tanh()], convolutions: .winograd,
      at: { row, _ in row == 1 })
  }

  private func expectZeros(
    kernelSize: Int, channels: Int, height: Int, width: Int,
    padding: Convolution.Padding = .same, _ layers: [any Layer],
    convolutions: ConvolutionAlgorithm = .fastest, at isDead: (_ row: Int, _ column: Int) -> Bool
  ) throws {
    let input = FeatureShape(channels: channels, height: height, width: width)
    let layer = Convolution(filters: channels + 8, kernelSize: kernelSize, padding: padding)
    let network = Network(
      [Convolution(filters: channels, kernelSize: 1), layer] + layers + [Flatten(), Dense(4)])
    for instructionSet in KernelDispatch.available {
      let plan = try NetworkPlan(
        network, input: input, loss: .crossEntropy,
        kernels: try #require(KernelDispatch.kernels(for: instructionSet)),
        convolutions: convolutions)
      let run = PlanRun(plan: plan)
      for (tensor, values) in zip(plan.parameterTensors, plan.startingValues) {
        tensor.write(values, to: run.parameters)
      }
      plan.refresh(run.parameters)
      let image: [Double] = (0..<input.count).map { Double(($0 * 37) % 23 - 11) / 7 }
      let gradient = run.run(images: [image, image.reversed()], labels: [1, 2], groupSize: 2)
        .gradients[2]
      for (index, value) in gradient.enumerated() {
        let (row, column) = (index / kernelSize % kernelSize, index % kernelSize)
        #expect(
          (value == 0) == isDead(row, column), "\(instructionSet), tap \(row), \(column)")
      }
    }
  }

  /// A last convolution over the whole map: its outputs are the network's, and its gradients have the
  /// border that a convolution before it needs.
  @Test func learnsThroughALastConvolution() throws {
    func convolution(_ filters: Int, _ kernelSize: Int, stride: Int = 1) -> any Layer {
      Convolution(filters: filters, kernelSize: kernelSize, stride: stride, padding: 0)
    }
    try check(
      Network([
        convolution(16, 5, stride: 2), ReLU(), convolution(8, 3, stride: 2), ReLU(),
        convolution(10, 3), Flatten(),
      ]), input: FeatureShape(channels: 1, height: 18, width: 18), loss: .crossEntropy)
  }

  /// 3 × 3 convolutions of many channels one after another, with pooling beside some: what deep networks
  /// are made of, on maps that tiles of four do not fit. Smooth activations: a kink could fall between a
  /// sum and its rounding.
  @Test(arguments: 0..<3, [8, 10, 11, 14])
  func agreesOnStacksOfConvolutions(padding: Int, size: Int) throws {
    func convolution(_ filters: Int) -> any Layer {
      Convolution(filters: filters, kernelSize: 3, stride: 1, padding: padding)
    }
    let layers: [any Layer] = [
      convolution(12), Tanh(), convolution(20), Sigmoid(), convolution(9), Tanh(),
      MaxPooling(2, stride: 2), convolution(24), Tanh(), Flatten(), Dense(5),
    ]
    let input = FeatureShape(channels: 3, height: size + 4, width: size + 5)
    try check(Network(layers), input: input, loss: .crossEntropy)
  }

  @Test func gradientsReachEveryInputOfAGappedConvolution() throws {
    // A stride beyond the kernel leaves inputs that no output reads: their gradient is zero.
    let layers: [any Layer] = [
      Convolution(filters: 4, kernelSize: 3, stride: 1, padding: 1), Tanh(),
      Convolution(filters: 5, kernelSize: 2, stride: 3, padding: 2), Flatten(), Dense(3),
    ]
    try check(
      Network(layers), input: FeatureShape(channels: 1, height: 11, width: 8),
      loss: .crossEntropy)
  }

  /// Such a stride's square overflowed where the gains of lists are weighed.
  @Test(arguments: [40, 1 << 20])
  func aStridePastTheMapsEndStepsNowhere(stride: Int) throws {
    let convolution = Convolution(filters: 4, kernelSize: 3, stride: 1, padding: 1)
    for layer: any Layer in [
      MaxPooling(2, stride: stride), AveragePooling(2, stride: stride),
      Convolution(filters: 3, kernelSize: 2, stride: stride, padding: 1),
    ] {
      for before in [[convolution, convolution, Tanh()], [Tanh()]] as [[any Layer]] {
        try check(
          Network(before + [layer, Flatten(), Dense(3)]),
          input: FeatureShape(channels: 2, height: 6, width: 5), loss: .crossEntropy)
      }
    }
  }
}
