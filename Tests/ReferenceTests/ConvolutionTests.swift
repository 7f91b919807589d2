import ConvoyReference
import ConvoyTestSupport
import Testing

@Suite("Convolution")
struct ConvolutionTests {
  @Test("worked convolution example gives 13, 4, 9, 2")
  func workedExample() {
    let convolution = ReferenceConvolution<Double>(
      inputChannels: 1, filters: 1, window: ReferenceWindow(height: 2, width: 2, stride: 1),
      weights: [
        1, 2,
        3, -1,
      ],
      biases: [0])
    let input = ReferenceTensor<Double>(
      shape: ReferenceShape(channels: 1, height: 3, width: 3),
      values: [
        3, 2, 1,
        2, 0, 0,
        3, 2, 4,
      ])
    let output = convolution.forward(input)
    #expect(output.shape == ReferenceShape(channels: 1, height: 2, width: 2))
    // 3·1 + 2·2 + 2·3 − 0, 2·1 + 1·2 + 0·3 − 0, 2·1 + 0·2 + 3·3 − 2, 0·1 + 0·2 + 2·3 − 4
    #expect(output.values == [13, 4, 9, 2])
  }

  @Test("stride, padding, channels and bias, worked by hand")
  func strideAndPadding() {
    // Two input channels of 2 × 3, one 3 × 2 kernel each, stride 2, a border of one zero.
    let convolution = ReferenceConvolution<Double>(
      inputChannels: 2, filters: 1,
      window: ReferenceWindow(height: 3, width: 2, stride: 2, padding: 1),
      weights: [1, 2, 3, 4, 5, 6, 0, 0, 0, 1, 0, 0], biases: [100])
    let input = ReferenceTensor<Double>(
      shape: ReferenceShape(channels: 2, height: 2, width: 3),
      values: [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60])
    let output = convolution.forward(input)
    #expect(output.shape == ReferenceShape(channels: 1, height: 1, width: 2))
    // Left window: 4·1 + 6·4 + 10; right window: 3·2 + 4·3 + 5·5 + 6·6 + 30.
    #expect(output.values == [138, 209])
  }

  @Test("dilation, uneven padding and groups, worked by hand")
  func dilationAndGroups() {
    // A kernel of 1 × 2 whose columns are two apart; a zero before each row, none behind.
    let convolution = ReferenceConvolution<Double>(
      inputChannels: 2, filters: 2,
      window: ReferenceWindow(
        height: 1, width: 2, down: .init(stride: 1),
        across: .init(stride: 1, dilation: 2, before: 1)),
      groups: 2, weights: [1, 2, 3, 4], biases: [0, 100])
    let input = ReferenceTensor<Double>(
      shape: ReferenceShape(channels: 2, height: 1, width: 3), values: [1, 2, 3, 10, 20, 30])
    let output = convolution.forward(input)
    #expect(output.shape == ReferenceShape(channels: 2, height: 1, width: 2))
    // 0·1 + 2·2, 1·1 + 3·2; 0·3 + 20·4 + 100, 10·3 + 30·4 + 100.
    #expect(output.values == [4, 7, 180, 250])
  }

  @Test("without biases, there are none and none are learned")
  func noBiases() {
    let convolution = ReferenceConvolution<Double>(
      inputChannels: 1, filters: 2, window: ReferenceWindow(height: 1, width: 1, stride: 1),
      weights: [2, 3], biases: [])
    let input = ReferenceTensor<Double>(shape: shape(1, 1, 2), values: [4, 5])
    let output = convolution.forward(input)
    #expect(output.values == [8, 10, 12, 15])
    let gradients = convolution.backward(input: input, output: output, outputGradient: output)
    #expect(gradients.biases.isEmpty)
    #expect(gradients.weights == [82, 123])
  }

  /// Non-square inputs and kernels, odd widths, strides 1 to 3, 1, 3 and 7 channels; in some the
  /// last window does not reach the edge, in some the padding is as wide as the kernel allows.
  /// Dilated ones, different steps down and across, more padding behind than before, and groups.
  static let cases: [(input: ReferenceShape, filters: Int, window: ReferenceWindow, groups: Int)] =
    [
      (shape(1, 5, 7), 3, ReferenceWindow(height: 3, width: 3, stride: 1), 1),
      (shape(3, 4, 5), 1, ReferenceWindow(height: 3, width: 2, stride: 1, padding: 1), 1),
      (shape(1, 7, 5), 2, ReferenceWindow(height: 2, width: 5, stride: 2, padding: 2), 1),
      (shape(7, 3, 5), 1, ReferenceWindow(height: 3, width: 3, stride: 3, padding: 1), 1),
      (shape(3, 1, 7), 3, ReferenceWindow(height: 1, width: 4, stride: 3), 1),
      (shape(1, 3, 3), 7, ReferenceWindow(height: 1, width: 1, stride: 2), 1),
      (shape(1, 2, 1), 1, ReferenceWindow(height: 5, width: 3, stride: 1, padding: 2), 1),
      (
        shape(4, 6, 9), 6,
        ReferenceWindow(
          height: 2, width: 3, down: .init(stride: 1, dilation: 3, after: 1),
          across: .init(stride: 2, dilation: 2, before: 1, after: 2)), 2
      ),
      (
        shape(3, 5, 4), 6,
        ReferenceWindow(
          height: 3, width: 2, down: .init(stride: 2, before: 1, after: 1),
          across: .init(stride: 1, dilation: 2)), 3
      ),
    ]

  @Test("gradients agree with finite differences", arguments: cases.indices)
  func gradients(index: Int) {
    let (shape, filters, window, groups) = Self.cases[index]
    var generator = SeededGenerator(seed: UInt64(index))
    let weights = filters * (shape.channels / groups) * window.height * window.width
    let convolution = ReferenceConvolution(
      inputChannels: shape.channels, filters: filters, window: window, groups: groups,
      weights: generator.spacedValues(count: weights),
      biases: generator.spacedValues(count: filters))
    let input = generator.spacedTensor(shape)
    let check = GradientCheck(convolution, input: input, generator: &generator)
    #expect(check.worst <= 1, "seed \(index), \(check.place)")
  }
}
