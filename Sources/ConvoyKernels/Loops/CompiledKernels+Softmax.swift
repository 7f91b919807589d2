import ConvoyKernelInterface

extension CompiledKernels {
  /// Softmax over the channels of each pixel, in place. The largest is subtracted first, so that no
  /// exponential overflows.
  package func softmax(pixels: Int, channels: Int, step: Int, values: MutableFloatPointer) {
    for pixel in 0..<pixels {
      let row = values + pixel &* step
      let sum = exponentials(channels, FloatPointer(row), row)
      for channel in 0..<channels { row[channel] /= sum }
      for channel in channels..<step { row[channel] = 0 }
    }
  }

  /// Gradient = y · (gradient − Σ gradient · y) over the channels of each pixel, in place.
  package func softmaxGradient(
    pixels: Int, channels: Int, step: Int, values: FloatPointer, gradient: MutableFloatPointer
  ) {
    for pixel in 0..<pixels {
      let y = values + pixel &* step
      let row = gradient + pixel &* step
      var sum: Float = 0
      for channel in 0..<channels { sum += row[channel] * y[channel] }
      for channel in 0..<channels { row[channel] = y[channel] * (row[channel] - sum) }
    }
  }
}

/// Writes e^(value − maximum) for a row of `count` values, and returns their sum, added in order.
/// Rows are stored in multiples of 8 floats; the padding is overwritten too.
@inline(__always)
func exponentials(
  _ count: Int, _ values: FloatPointer, _ output: MutableFloatPointer
) -> Float {
  let largest = largest(count, values)
  let stored = (count &+ 7) & ~7
  var index = 0
  while index < stored {
    let left = stored &- index
    Elementary.exp(SIMD16.load(values + index, of: left) - largest.value)
      .store(output + index, of: left)
    index &+= 16
  }
  var sum: Float = 0
  for index in 0..<count { sum += output[index] }
  return sum
}

/// The maximum of a row, the first among equals.
@inline(__always)
func largest(_ count: Int, _ values: FloatPointer) -> (index: Int, value: Float) {
  var index = 0
  for other in 1..<max(1, count) where values[other] > values[index] { index = other }
  return (index, values[index])
}
