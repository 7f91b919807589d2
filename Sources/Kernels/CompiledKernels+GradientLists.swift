import KernelInterface

extension CompiledKernels {
  /// Every gradient is written behind the list's last, and counted if it is not zero: no branch, so
  /// none that is guessed wrong.
  package func listPooledGradients(
    _ geometry: ConvolutionGeometry, pooling: PoolingGeometry, outputGradient: FloatPointer,
    winners: FloatPointer, offset: Int, lists: GradientLists, empty: Bool
  ) {
    for filter in 0..<pooling.channels {
      let list = lists.list(filter)
      let step = PooledStep(
        geometry: geometry, pooling: pooling, outputGradient: outputGradient + filter,
        winners: winners + filter, offset: offset)
      let count = empty ? 0 : Int(list.pointee.bitPattern)
      let end =
        pooling.kernelSize == 2
        ? step.list(kernelSize: 2, from: list + (2 &+ 2 &* count))
        : step.list(kernelSize: pooling.kernelSize, from: list + (2 &+ 2 &* count))
      list.pointee = Float(bitPattern: UInt32(truncatingIfNeeded: (end - list) / 2 &- 1))
    }
  }
}

/// The gradients of one filter.
private struct PooledStep {
  let geometry: ConvolutionGeometry
  let pooling: PoolingGeometry
  let outputGradient: FloatPointer
  let winners: FloatPointer
  let offset: Int

  @inline(__always)
  func list(kernelSize: Int, from start: MutableFloatPointer) -> MutableFloatPointer {
    var end = start
    var position = 0
    for row in 0..<pooling.outputRows {
      var place = offset &+ row &* pooling.stride &* geometry.inputRowStep
      for _ in 0..<pooling.outputColumns {
        let winner = Int(winners[position])
        let (windowRow, windowColumn) = (winner / kernelSize, winner % kernelSize)
        let taps =
          place &+ windowRow &* geometry.inputRowStep
          &+ windowColumn &* geometry.inputColumnStep
        let gradient = outputGradient[position]
        end[0] = Float(bitPattern: UInt32(truncatingIfNeeded: taps))
        end[1] = gradient
        end += gradient == 0 ? 0 : 2
        place &+= pooling.stride &* geometry.inputColumnStep
        position &+= pooling.channels
      }
    }
    return end
  }
}
