/// The moments of a block of parameters: borrowed arrays with one number per parameter.
@unsafe package struct Moments {
  package var first: UnsafeMutablePointer<Float>?
  package var second: UnsafeMutablePointer<Float>?
  package var third: UnsafeMutablePointer<Float>?

  package init(
    first: UnsafeMutablePointer<Float>? = nil, second: UnsafeMutablePointer<Float>? = nil,
    third: UnsafeMutablePointer<Float>? = nil
  ) {
    unsafe self.first = unsafe first
    unsafe self.second = unsafe second
    unsafe self.third = unsafe third
  }

  /// The moments from parameter `count` on.
  package func advanced(by count: Int) -> Moments {
    unsafe Moments(
      first: first.map { unsafe $0 + count }, second: unsafe second.map { unsafe $0 + count },
      third: unsafe third.map { unsafe $0 + count })
  }
}
