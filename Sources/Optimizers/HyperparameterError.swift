/// A hyper-parameter with which training could only fail, found where it is given.
///
/// Prints as one line: `beta2: expected a number from 0 up to but not including 1, found 1.0`.
public struct HyperparameterError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The argument's name.
  public let name: String
  public let expected: String
  public let found: String

  public var description: String { "\(name): expected \(expected), found \(found)" }
}
