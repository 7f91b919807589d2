/// Two-dimensional convolution as networks use the word: cross-correlation, the kernel not flipped
/// (LeCun et al., 1989, "Backpropagation Applied to Handwritten Zip Code Recognition").
///
/// Input [I][H][W], filters [O][I / G][K][L], biases [O] or none, output [O][H'][W'] with
/// H' = floor((H + 2P − D(K − 1) − 1) / S) + 1 and the same for W', S the stride, D the dilation and
/// P the width of the border of zeros:
///
///     output[o][y][x] = biases[o]
///       + Σ_i Σ_k Σ_l weights[o][i][k][l] · input[first + i][y·S + k·D − P][x·S + l·D − P]
///
/// With G groups, the filters of a group read the channels of that group, which begin at `first`
/// (Krizhevsky et al., 2012); without, first is 0.
public struct ReferenceConvolution<Scalar: ReferenceScalar>: ReferenceLayer {
  /// The channels of the input.
  public let inputChannels: Int

  /// The number of filters: the channels of the output.
  public let filters: Int

  /// Size, stride, dilation and padding of the kernels.
  public let window: ReferenceWindow

  /// The number of groups that the channels are divided into; 1 for an ordinary convolution.
  public let groups: Int

  /// The filters, [filter][input channel of the group][kernel row][kernel column].
  public var weights: [Scalar]

  /// One per filter; empty for a layer without biases.
  public var biases: [Scalar]

  public var name: String { "convolution" }

  /// A layer with given weights.
  ///
  /// - Precondition: groups are of equal size; there is a weight for each place of each kernel, and a
  ///   bias for each filter or none.
  public init(
    inputChannels: Int, filters: Int, window: ReferenceWindow, groups: Int = 1,
    weights: [Scalar], biases: [Scalar]
  ) {
    precondition(
      inputChannels % groups == 0 && filters % groups == 0, "groups are of equal size")
    precondition(
      weights.count == filters * (inputChannels / groups) * window.height * window.width,
      "a convolution has one weight for each place of each kernel")
    precondition(
      biases.isEmpty || biases.count == filters, "a convolution has one bias per filter, or none")
    self.inputChannels = inputChannels
    self.filters = filters
    self.window = window
    self.groups = groups
    self.weights = weights
    self.biases = biases
  }

  /// A layer with random weights and biases of zero.
  ///
  /// - Parameters:
  ///   - inputChannels: I.
  ///   - filters: O.
  ///   - kernelSize: K and L.
  ///   - stride: S.
  ///   - padding: P.
  ///   - dilation: D.
  ///   - groups: G.
  ///   - bias: whether there are biases.
  ///   - initialization: with fan-in I / G · K² and fan-out O · K².
  ///   - distribution: of the weights.
  ///   - generator: draws the weights.
  public init(
    inputChannels: Int, filters: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true,
    initialization: ReferenceInitialization = .xavier,
    distribution: ReferenceInitialization.Distribution = .uniform,
    using generator: inout some RandomNumberGenerator
  ) {
    let steps = ReferenceWindow.Steps(
      stride: stride, dilation: dilation, before: padding, after: padding)
    let fanIn = inputChannels / groups * kernelSize * kernelSize
    self.init(
      inputChannels: inputChannels, filters: filters,
      window: ReferenceWindow(height: kernelSize, width: kernelSize, down: steps, across: steps),
      groups: groups,
      weights: initialization.weights(
        count: filters * fanIn, fanIn: fanIn, fanOut: filters * kernelSize * kernelSize,
        distribution: distribution, using: &generator),
      biases: Array(repeating: 0, count: bias ? filters : 0))
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    precondition(input.shape.channels == inputChannels, "the input has the channels expected")
    let shape = window.outputShape(for: input.shape, channels: filters)
    var output = ReferenceTensor<Scalar>(zeros: shape)
    for filter in 0..<filters {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          var sum = biases.isEmpty ? 0 : biases[filter]
          for channel in 0..<inputChannels / groups {
            let inputChannel = first(of: filter) + channel
            // The padding's zeros would add nothing.
            window.forEachPlace(of: input.shape, row: row, column: column) {
              kernelRow, kernelColumn, inputRow, inputColumn in
              let weight = weights[weightIndex(filter, channel, kernelRow, kernelColumn)]
              sum += weight * input[inputChannel, inputRow, inputColumn]
            }
          }
          output[filter, row, column] = sum
        }
      }
    }
    return output
  }

  /// Each product w · x of the forward pass sends the output's gradient g back both ways: g · x to
  /// the weight and g · w to the input. A bias collects the gradients of its whole plane.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    let shape = window.outputShape(for: input.shape, channels: filters)
    precondition(outputGradient.shape == shape, "the gradient has the output's shape")
    var inputGradient = ReferenceTensor<Scalar>(zeros: input.shape)
    var weightGradient = Array(repeating: Scalar.zero, count: weights.count)
    var biasGradient = Array(repeating: Scalar.zero, count: biases.count)
    for filter in 0..<filters {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          let gradient = outputGradient[filter, row, column]
          if !biases.isEmpty { biasGradient[filter] += gradient }
          for channel in 0..<inputChannels / groups {
            let inputChannel = first(of: filter) + channel
            window.forEachPlace(of: input.shape, row: row, column: column) {
              kernelRow, kernelColumn, inputRow, inputColumn in
              let weight = weightIndex(filter, channel, kernelRow, kernelColumn)
              weightGradient[weight] += gradient * input[inputChannel, inputRow, inputColumn]
              inputGradient[inputChannel, inputRow, inputColumn] += gradient * weights[weight]
            }
          }
        }
      }
    }
    return ReferenceGradients(input: inputGradient, weights: weightGradient, biases: biasGradient)
  }

  /// The first channel that a filter reads.
  private func first(of filter: Int) -> Int {
    filter / (filters / groups) * (inputChannels / groups)
  }

  private func weightIndex(
    _ filter: Int, _ channel: Int, _ kernelRow: Int, _ kernelColumn: Int
  ) -> Int {
    let kernel = filter * (inputChannels / groups) + channel
    return (kernel * window.height + kernelRow) * window.width + kernelColumn
  }
}
