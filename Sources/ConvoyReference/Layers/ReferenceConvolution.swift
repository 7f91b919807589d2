/// Two-dimensional convolution as networks use the word: cross-correlation, the kernel not flipped
/// (LeCun et al., 1989, "Backpropagation Applied to Handwritten Zip Code Recognition").
///
/// Input [I][H][W], filters [O][I / G][K][L], biases [O], output [O][H'][W'] with
/// H' = floor((H + 2P − D(K − 1) − 1) / S) + 1 and the same for W', S the stride, D the dilation and
/// P the width of the border of zeros:
///
///     output[o][y][x] = biases[o]
///       + Σ_i Σ_k Σ_l weights[o][i][k][l] · input[first + i][y·S + k·D − P][x·S + l·D − P]
///
/// With G groups, the filters of a group read the channels of that group, which begin at `first`
/// (Krizhevsky et al., 2012); without, first is 0.
package struct ReferenceConvolution<Scalar: ReferenceScalar>: ReferenceLayer {
  package let inputChannels: Int
  package let outputChannels: Int
  package let window: ReferenceWindow
  package let groups: Int

  /// The filters, [output channel][input channel of the group][kernel row][kernel column].
  package var weights: [Scalar]

  package var biases: [Scalar]

  package init(
    inputChannels: Int, outputChannels: Int, window: ReferenceWindow, groups: Int = 1,
    weights: [Scalar], biases: [Scalar]
  ) {
    precondition(
      inputChannels % groups == 0 && outputChannels % groups == 0, "groups are of equal size")
    precondition(
      weights.count == outputChannels * (inputChannels / groups) * window.height * window.width,
      "a convolution has one weight for each place of each kernel")
    precondition(biases.count == outputChannels, "a convolution has one bias an output channel")
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.window = window
    self.groups = groups
    self.weights = weights
    self.biases = biases
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    precondition(input.shape.channels == inputChannels, "the input has the channels expected")
    let shape = window.outputShape(for: input.shape, channels: outputChannels)
    var output = ReferenceTensor<Scalar>(zeros: shape)
    for filter in 0..<outputChannels {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          var sum = biases[filter]
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
  package func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    let shape = window.outputShape(for: input.shape, channels: outputChannels)
    precondition(outputGradient.shape == shape, "the gradient has the output's shape")
    var inputGradient = ReferenceTensor<Scalar>(zeros: input.shape)
    var weightGradient = Array(repeating: Scalar.zero, count: weights.count)
    var biasGradient = Array(repeating: Scalar.zero, count: biases.count)
    for filter in 0..<outputChannels {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          let gradient = outputGradient[filter, row, column]
          biasGradient[filter] += gradient
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
    filter / (outputChannels / groups) * (inputChannels / groups)
  }

  private func weightIndex(
    _ filter: Int, _ channel: Int, _ kernelRow: Int, _ kernelColumn: Int
  ) -> Int {
    let kernel = filter * (inputChannels / groups) + channel
    return (kernel * window.height + kernelRow) * window.width + kernelColumn
  }
}
