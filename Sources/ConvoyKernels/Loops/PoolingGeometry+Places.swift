import ConvoyKernelInterface

extension PoolingGeometry {
  @inline(__always)
  var isTwoByTwo: Bool { kernelRows == 2 && kernelColumns == 2 }

  /// Input offset of an output's window.
  @inline(__always)
  func windowStart(row: Int, column: Int) -> Int {
    row &* rowStride &* inputRowStep &+ column &* columnStride &* channels
  }

  /// Offset of a position in a window, relative to the window's first.
  @inline(__always)
  func inWindow(row: Int, column: Int) -> Int {
    row &* inputRowStep &+ column &* channels
  }

  /// The stored winner for a position in the window.
  @inline(__always)
  func winner(row: Int, column: Int) -> Float {
    Float(row &* winnerRowStep &+ column &* winnerColumnStep)
  }
}
