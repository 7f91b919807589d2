import ConvoyReference
import ConvoyTestSupport
import Testing

@Suite("Pooling")
struct PoolingTests {
  @Test("max-pooling takes the largest, average pooling the mean; the ragged edge is left out")
  func workedExample() {
    let input = ReferenceTensor<Double>(
      shape: shape(1, 3, 5),
      values: [
        1, 2, 3, 4, 90,
        8, 5, 6, 7, 91,
        92, 93, 94, 95, 96,
      ])
    let window = ReferenceWindow(height: 2, width: 2, stride: 2)
    let largest = ReferenceMaxPooling(window: window).forward(input)
    #expect(largest == ReferenceTensor(shape: shape(1, 1, 2), values: [8, 7]))
    let mean = ReferenceAveragePooling(window: window).forward(input)
    #expect(mean == ReferenceTensor(shape: shape(1, 1, 2), values: [4, 5]))
  }

  @Test("padding is never the largest, and a part of the mean")
  func padding() {
    let input = ReferenceTensor<Double>(shape: shape(1, 1, 2), values: [-8, -4])
    let window = ReferenceWindow(height: 3, width: 3, stride: 2, padding: 1)
    #expect(ReferenceMaxPooling(window: window).forward(input).values == [-4])
    #expect(ReferenceAveragePooling(window: window).forward(input).values == [-12.0 / 9])
  }

  @Test("a tie in max-pooling goes to the first of the equal values")
  func tie() {
    let window = ReferenceWindow(height: 2, width: 3, stride: 1)
    let pooling = ReferenceMaxPooling<Double>(window: window)
    let input = ReferenceTensor<Double>(shape: shape(1, 2, 3), values: [0, 5, 1, 5, 5, 2])
    let gradients = pooling.backward(
      input: input, output: pooling.forward(input),
      outputGradient: ReferenceTensor(vector: [1]))
    #expect(gradients.input.values == [0, 1, 0, 0, 0, 0])
  }

  @Test("an input that wins in two windows collects from both")
  func overlap() {
    let window = ReferenceWindow(height: 1, width: 2, stride: 1)
    let pooling = ReferenceMaxPooling<Double>(window: window)
    let input = ReferenceTensor<Double>(shape: shape(1, 1, 3), values: [1, 9, 2])
    let gradients = pooling.backward(
      input: input, output: pooling.forward(input),
      outputGradient: ReferenceTensor(shape: shape(1, 1, 2), values: [10, 1]))
    #expect(gradients.input.values == [0, 11, 0])
  }

  /// Windows that overlap, that touch and that leave gaps; inputs and windows not square.
  static let cases: [(input: ReferenceShape, window: ReferenceWindow)] = [
    (shape(1, 5, 7), ReferenceWindow(height: 2, width: 2, stride: 2)),
    (shape(3, 7, 5), ReferenceWindow(height: 3, width: 3, stride: 2)),
    (shape(7, 4, 5), ReferenceWindow(height: 2, width: 3, stride: 1)),
    (shape(3, 5, 8), ReferenceWindow(height: 1, width: 2, stride: 3)),
    (shape(1, 3, 3), ReferenceWindow(height: 3, width: 3, stride: 3)),
    (
      shape(2, 4, 5),
      ReferenceWindow(
        height: 3, width: 2, down: .init(stride: 2, before: 1, after: 1),
        across: .init(stride: 1, before: 1, after: 1))
    ),
  ]

  @Test("max-pooling: gradients agree with finite differences", arguments: cases.indices)
  func maximumGradients(index: Int) {
    var generator = SeededGenerator(seed: UInt64(index))
    let check = GradientCheck(
      ReferenceMaxPooling(window: Self.cases[index].window),
      input: generator.spacedTensor(Self.cases[index].input), generator: &generator)
    #expect(check.worst <= 1, "seed \(index), \(check.place)")
  }

  @Test("average pooling: gradients agree with finite differences", arguments: cases.indices)
  func averageGradients(index: Int) {
    var generator = SeededGenerator(seed: UInt64(index))
    let check = GradientCheck(
      ReferenceAveragePooling(window: Self.cases[index].window),
      input: generator.spacedTensor(Self.cases[index].input), generator: &generator)
    #expect(check.worst <= 1, "seed \(index), \(check.place)")
  }
}
