/// Two-dimensional convolution as networks use the word: cross-correlation, the kernel not flipped
/// (LeCun et al., 1989, "Backpropagation Applied to Handwritten Zip Code Recognition").
///
/// Input [I][H][W], filters [O][I][K][L], biases [O], output [O][H'][W'] with
/// H' = floor((H + 2P − K) / S) + 1 and W' = floor((W + 2P − L) / S) + 1, S the stride and P the
/// width of the border of zeros:
///
///     output[o][y][x] = biases[o]
///       + Σ_i Σ_k Σ_l weights[o][i][k][l] · input[i][y·S + k − P][x·S + l − P]
package struct ReferenceConvolution<Scalar: ReferenceScalar>: ReferenceLayer {
  package let inputChannels: Int
  package let outputChannels: Int
  package let window: ReferenceWindow

  /// The filters, [output channel][input channel][kernel row][kernel column].
  package var weights: [Scalar]

  package var biases: [Scalar]

  package init(
    inputChannels: Int, outputChannels: Int, window: ReferenceWindow, weights: [Scalar],
    biases: [Scalar]
  ) {
    precondition(
      weights.count == outputChannels * inputChannels * window.height * window.width,
      "a convolution has one weight for each place of each kernel")
    precondition(biases.count == outputChannels, "a convolution has one bias an output channel")
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.window = window
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
          for channel in 0..<inputChannels {
            for kernelRow in 0..<window.height {
              for kernelColumn in 0..<window.width {
                let inputRow = row * window.stride + kernelRow - window.padding
                let inputColumn = column * window.stride + kernelColumn - window.padding
                // The padding's zeros would add nothing.
                if input.shape.hasPlace(row: inputRow, column: inputColumn) {
                  let weight = weights[weightIndex(filter, channel, kernelRow, kernelColumn)]
                  sum += weight * input[channel, inputRow, inputColumn]
                }
              }
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
          for channel in 0..<inputChannels {
            for kernelRow in 0..<window.height {
              for kernelColumn in 0..<window.width {
                let inputRow = row * window.stride + kernelRow - window.padding
                let inputColumn = column * window.stride + kernelColumn - window.padding
                if input.shape.hasPlace(row: inputRow, column: inputColumn) {
                  let weight = weightIndex(filter, channel, kernelRow, kernelColumn)
                  weightGradient[weight] += gradient * input[channel, inputRow, inputColumn]
                  inputGradient[channel, inputRow, inputColumn] += gradient * weights[weight]
                }
              }
            }
          }
        }
      }
    }
    return ReferenceGradients(input: inputGradient, weights: weightGradient, biases: biasGradient)
  }

  private func weightIndex(
    _ filter: Int, _ channel: Int, _ kernelRow: Int, _ kernelColumn: Int
  ) -> Int {
    let kernel = filter * inputChannels + channel
    return (kernel * window.height + kernelRow) * window.width + kernelColumn
  }
}
