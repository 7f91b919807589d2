/// What an optimizer remembers of a block of parameters: borrowed arrays, one number a parameter.
public struct Moments {
  public var first: UnsafeMutablePointer<Float>?
  public var second: UnsafeMutablePointer<Float>?
  public var third: UnsafeMutablePointer<Float>?

  public init(
    first: UnsafeMutablePointer<Float>? = nil, second: UnsafeMutablePointer<Float>? = nil,
    third: UnsafeMutablePointer<Float>? = nil
  ) {
    self.first = first
    self.second = second
    self.third = third
  }

  /// The moments from a parameter on.
  public func advanced(by count: Int) -> Moments {
    Moments(
      first: first.map { $0 + count }, second: second.map { $0 + count },
      third: third.map { $0 + count })
  }
}
