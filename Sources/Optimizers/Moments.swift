/// What an optimizer remembers of a block of parameters: borrowed arrays, one number a parameter.
public struct Moments {
  public var first: UnsafeMutablePointer<Float>?
  public var second: UnsafeMutablePointer<Float>?

  public init(
    first: UnsafeMutablePointer<Float>? = nil, second: UnsafeMutablePointer<Float>? = nil
  ) {
    self.first = first
    self.second = second
  }
}
