import ConvoyKernelInterface

extension CompiledKernels {
  /// Writes every gradient past the end of the list, and advances the end only if it is nonzero.
  /// There is no branch to mispredict.
  package func listPooledGradients(
    _ geometry: ConvolutionGeometry, pooling: PoolingGeometry, outputGradient: FloatPointer,
    winners: FloatPointer, offset: Int, lists: GradientLists, empty: Bool
  ) {
    for filter in 0..<geometry.outputChannels {
      let list = lists.list(filter)
      let count = empty ? 0 : Int(list.pointee.bitPattern)
      var end = list + (2 &+ 2 &* count)
      var gradient = outputGradient + filter
      var winner = winners + filter
      for row in 0..<pooling.outputRows {
        var window = offset &+ row &* pooling.rowStride &* geometry.inputRowStep
        for _ in 0..<pooling.outputColumns {
          let place = UInt32(truncatingIfNeeded: window &+ Int(winner.pointee))
          let bits = gradient.pointee.bitPattern
          end[0] = Float(bitPattern: place)
          end[1] = Float(bitPattern: bits)
          // All but the sign.
          end += bits &<< 1 == 0 ? 0 : 2
          window &+= pooling.columnStride &* geometry.inputColumnStep
          gradient += pooling.channels
          winner += pooling.channels
        }
      }
      list.pointee = Float(bitPattern: UInt32(truncatingIfNeeded: (end - list) / 2 &- 1))
    }
  }
}
