/// Average pooling: the mean of each window, channel by channel (LeCun et al., 1989, there called
/// subsampling).
///
/// Input [C][H][W], output [C][H'][W'] with H' = floor((H − K) / S) + 1 and
/// W' = floor((W − L) / S) + 1 for a K × L window and stride S:
///
///     output[c][y][x] = (Σ_k Σ_l input[c][y·S + k][x·S + l]) / (K·L)
package struct ReferenceAveragePooling<Scalar: ReferenceScalar>: ReferenceLayer {
  package let window: ReferenceWindow

  package init(window: ReferenceWindow) {
    precondition(window.padding == 0, "pooling has no padding")
    self.window = window
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    let shape = window.outputShape(for: input.shape, channels: input.shape.channels)
    var output = ReferenceTensor<Scalar>(zeros: shape)
    for channel in 0..<shape.channels {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          var sum = Scalar.zero
          for kernelRow in 0..<window.height {
            for kernelColumn in 0..<window.width {
              let inputRow = row * window.stride + kernelRow
              let inputColumn = column * window.stride + kernelColumn
              sum += input[channel, inputRow, inputColumn]
            }
          }
          output[channel, row, column] = sum / Scalar(window.height * window.width)
        }
      }
    }
    return output
  }

  /// Every input of a window receives an equal share of the output's gradient.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package func backward(
    input: ReferenceTensor<Scalar>,
    output: ReferenceTensor<Scalar>,
    outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceGradients<Scalar> {
    let shape = window.outputShape(for: input.shape, channels: input.shape.channels)
    precondition(outputGradient.shape == shape, "the gradient has the output's shape")
    var inputGradient = ReferenceTensor<Scalar>(zeros: input.shape)
    for channel in 0..<shape.channels {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          let gradient = outputGradient[channel, row, column]
          let share = gradient / Scalar(window.height * window.width)
          for kernelRow in 0..<window.height {
            for kernelColumn in 0..<window.width {
              let inputRow = row * window.stride + kernelRow
              let inputColumn = column * window.stride + kernelColumn
              inputGradient[channel, inputRow, inputColumn] += share
            }
          }
        }
      }
    }
    return ReferenceGradients(input: inputGradient)
  }
}
