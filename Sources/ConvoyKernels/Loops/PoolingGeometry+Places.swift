import ConvoyKernelInterface

extension PoolingGeometry {
  /// Where the window of an output begins in the input.
  @inline(__always)
  func windowStart(row: Int, column: Int) -> Int {
    row &* stride &* inputRowStep &+ column &* stride &* channels
  }

  /// A place of a window, from where the window begins.
  @inline(__always)
  func inWindow(row: Int, column: Int) -> Int {
    row &* inputRowStep &+ column &* channels
  }

  /// What is kept of the winner at a place of the window.
  @inline(__always)
  func winner(row: Int, column: Int) -> Float {
    Float(row &* winnerRowStep &+ column &* winnerColumnStep)
  }
}
