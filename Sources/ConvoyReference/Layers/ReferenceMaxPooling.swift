/// Max-pooling: the largest value of each window, channel by channel (Riesenhuber and Poggio, 1999,
/// "Hierarchical Models of Object Recognition in Cortex").
///
/// Input [C][H][W], output [C][H'][W'] with H' = floor((H + 2P − K) / S) + 1 and
/// W' = floor((W + 2P − L) / S) + 1 for a K × L window, stride S and padding P; windows overlap when
/// S is smaller than K or L. Padding is never the largest:
///
///     output[c][y][x] = max over k, l of input[c][y·S + k − P][x·S + l − P]
public struct ReferenceMaxPooling<Scalar: ReferenceScalar>: ReferenceLayer {
  /// Size, stride and padding of the windows.
  public let window: ReferenceWindow

  public var name: String { "maxPooling" }

  /// Takes the maximum of each window.
  public init(window: ReferenceWindow) { self.window = window }

  /// Square windows.
  ///
  /// - Parameters:
  ///   - kernelSize: K and L.
  ///   - stride: S; the kernel size if nil, so that windows touch.
  ///   - padding: P.
  public init(kernelSize: Int, stride: Int? = nil, padding: Int = 0) {
    window = ReferenceWindow(
      height: kernelSize, width: kernelSize, stride: stride ?? kernelSize, padding: padding)
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func forward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
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
  public func backward(
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
    var largest: (row: Int, column: Int)?
    window.forEachPlace(of: input.shape, row: row, column: column) { _, _, inputRow, inputColumn in
      let value = input[channel, inputRow, inputColumn]
      if largest.map({ value > input[channel, $0.row, $0.column] }) ?? true {
        largest = (inputRow, inputColumn)
      }
    }
    guard let largest else { preconditionFailure("a window is not all padding") }
    return largest
  }
}
