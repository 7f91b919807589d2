/// What an optimizer remembers of a block of parameters: borrowed arrays, one number a parameter.
package struct Moments {
  package var first: UnsafeMutablePointer<Float>?
  package var second: UnsafeMutablePointer<Float>?
  package var third: UnsafeMutablePointer<Float>?

  package init(
    first: UnsafeMutablePointer<Float>? = nil, second: UnsafeMutablePointer<Float>? = nil,
    third: UnsafeMutablePointer<Float>? = nil
  ) {
    self.first = first
    self.second = second
    self.third = third
  }

  /// The moments from a parameter on.
  package func advanced(by count: Int) -> Moments {
    Moments(
      first: first.map { $0 + count }, second: second.map { $0 + count },
      third: third.map { $0 + count })
  }
}
