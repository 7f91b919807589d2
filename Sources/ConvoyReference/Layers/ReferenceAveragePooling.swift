/// Average pooling: the mean of each window, channel by channel (LeCun et al., 1989, there called
/// subsampling).
///
/// Input [C][H][W], output [C][H'][W'] with H' = floor((H + 2P − K) / S) + 1 and
/// W' = floor((W + 2P − L) / S) + 1 for a K × L window, stride S and padding P of zeros:
///
///     output[c][y][x] = (Σ_k Σ_l input[c][y·S + k − P][x·S + l − P]) / (K·L)
public struct ReferenceAveragePooling<Scalar: ReferenceScalar>: ReferenceLayer {
  /// Size, stride and padding of the windows.
  public let window: ReferenceWindow

  public var name: String { "averagePooling" }

  /// Takes the mean of each window.
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
          var sum = Scalar.zero
          window.forEachPlace(of: input.shape, row: row, column: column) {
            _, _, inputRow, inputColumn in
            sum += input[channel, inputRow, inputColumn]
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
          let gradient = outputGradient[channel, row, column]
          let share = gradient / Scalar(window.height * window.width)
          window.forEachPlace(of: input.shape, row: row, column: column) {
            _, _, inputRow, inputColumn in
            inputGradient[channel, inputRow, inputColumn] += share
          }
        }
      }
    }
    return ReferenceGradients(input: inputGradient)
  }
}
