/// Max-pooling: the largest value of each window, channel by channel (Riesenhuber and Poggio, 1999,
/// "Hierarchical Models of Object Recognition in Cortex").
///
/// Input [C][H][W], output [C][H'][W'] with H' = floor((H − K) / S) + 1 and
/// W' = floor((W − L) / S) + 1 for a K × L window and stride S; windows overlap when S is smaller
/// than K or L:
///
///     output[c][y][x] = max over k, l of input[c][y·S + k][x·S + l]
package struct ReferenceMaxPooling<Scalar: ReferenceScalar>: ReferenceLayer {
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
          let largest = placeOfLargest(in: input, channel, row, column)
          output[channel, row, column] = input[channel, largest.row, largest.column]
        }
      }
    }
    return output
  }

  /// The whole gradient of an output goes to the input it was copied from. An input that won in
  /// several overlapping windows collects from each.
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
          let largest = placeOfLargest(in: input, channel, row, column)
          inputGradient[channel, largest.row, largest.column] +=
            outputGradient[channel, row, column]
        }
      }
    }
    return ReferenceGradients(input: inputGradient)
  }

  /// The position of the largest value of a window. Among equal values it is the first in row-major
  /// order, as in PyTorch.
  private func placeOfLargest(
    in input: ReferenceTensor<Scalar>, _ channel: Int, _ row: Int, _ column: Int
  ) -> (row: Int, column: Int) {
    let firstRow = row * window.stride
    let firstColumn = column * window.stride
    var largest = (row: firstRow, column: firstColumn)
    for inputRow in firstRow..<firstRow + window.height {
      for inputColumn in firstColumn..<firstColumn + window.width {
        let value = input[channel, inputRow, inputColumn]
        if value > input[channel, largest.row, largest.column] {
          largest = (inputRow, inputColumn)
        }
      }
    }
    return largest
  }
}
