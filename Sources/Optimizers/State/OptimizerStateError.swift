/// A saved state that does not belong to the optimizer and its parameters.
public struct OptimizerStateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The array that is wrong.
  public let name: String
  public let expected: String
  public let found: String

  public var description: String { "\(name): expected \(expected), found \(found)" }
}
