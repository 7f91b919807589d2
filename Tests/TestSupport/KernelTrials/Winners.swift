import ConvoyKernelInterface
import ConvoyReference

/// Which value of a window max pooling takes.
package enum Winners {
  /// The place of the largest value in each window, the first of equals, by channel, row, column; as the
  /// pooling's winner steps count it.
  package static func places(
    in input: ReferenceTensor<Double>, window: ReferenceWindow, for pooling: PoolingGeometry
  ) -> [Double] {
    let shape = window.outputShape(for: input.shape, channels: input.shape.channels)
    var places: [Double] = []
    for channel in 0..<shape.channels {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          let values = (0..<window.height * window.width).map { place in
            input[
              channel, row * window.down.stride + place / window.width,
              column * window.across.stride + place % window.width]
          }
          let largest = values.max() ?? 0
          let place = values.firstIndex(of: largest) ?? 0
          places.append(
            Double(
              place / window.width * pooling.winnerRowStep
                + place % window.width * pooling.winnerColumnStep))
        }
      }
    }
    return places
  }
}
