/// Softmax over the channels c at each place of the plane (Bridle, 1990):
///
///     y[c] = e^(x[c] − m) / Σ_j e^(x[j] − m),   m = max_j x[j]
///
/// Taking m off changes nothing in exact arithmetic and keeps every exponent at or below 0, so that
/// nothing overflows.
extension ReferenceActivation {
  func softmaxForward(_ input: ReferenceTensor<Scalar>) -> ReferenceTensor<Scalar> {
    var output = input
    for row in 0..<input.shape.height {
      for column in 0..<input.shape.width {
        var largest = input[0, row, column]
        for channel in 0..<input.shape.channels {
          largest = max(largest, input[channel, row, column])
        }
        var sum = Scalar.zero
        for channel in 0..<input.shape.channels {
          output[channel, row, column] = Scalar.exponential(input[channel, row, column] - largest)
          sum += output[channel, row, column]
        }
        for channel in 0..<input.shape.channels {
          output[channel, row, column] /= sum
        }
      }
    }
    return output
  }

  /// ∂y[j]/∂x[c] = y[j] ([j = c] − y[c]), so with g the output's gradient the input's is
  /// y[c] (g[c] − Σ_j g[j] y[j]).
  func softmaxBackward(
    output: ReferenceTensor<Scalar>, outputGradient: ReferenceTensor<Scalar>
  ) -> ReferenceTensor<Scalar> {
    var inputGradient = outputGradient
    for row in 0..<output.shape.height {
      for column in 0..<output.shape.width {
        var mean = Scalar.zero
        for channel in 0..<output.shape.channels {
          mean += outputGradient[channel, row, column] * output[channel, row, column]
        }
        for channel in 0..<output.shape.channels {
          let centred = outputGradient[channel, row, column] - mean
          inputGradient[channel, row, column] = output[channel, row, column] * centred
        }
      }
    }
    return inputGradient
  }
}
