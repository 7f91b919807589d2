/// The valid range of a hyper-parameter. Rules compute in single precision, so a value must be in
/// its range as a Float too: a momentum of 1 − 1e-9 would round to 1.
enum HyperparameterBounds: String {
  case nonNegative = "a finite number of at least 0"
  /// A divisor such as epsilon that is zero, rounds to zero or is flushed to zero would give NaN
  /// where the gradient is zero.
  case positive = "a finite number of at least 1.1754944e-38"
  case fraction = "a number from 0 up to but not including 1"
  case share = "a number from 0 to 1"
  case divisor = "a finite number of at least 1"

  private func contains(_ value: Double) -> Bool {
    let single = Float(value)
    return switch self {
    case .nonNegative: value >= 0 && single.isFinite
    case .positive: single >= .leastNormalMagnitude && single.isFinite
    case .fraction: value >= 0 && single < 1
    case .share: value >= 0 && value <= 1
    case .divisor: value >= 1 && single.isFinite
    }
  }

  func check(_ name: String, _ value: Double) throws(HyperparameterError) {
    guard contains(value) else {
      throw HyperparameterError(name: name, expected: rawValue, found: "\(value)")
    }
  }

  static func checkCount(_ name: String, _ value: Int) throws(HyperparameterError) {
    guard value >= 1 else {
      throw HyperparameterError(
        name: name, expected: "a whole number of at least 1", found: "\(value)")
    }
  }
}

/// A hyper-parameter outside its valid range, reported on creation.
///
/// Prints as one line: `beta2: expected a number from 0 up to but not including 1, found 1.0`.
public struct HyperparameterError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The argument's name.
  public let name: String
  /// What it may be.
  public let expected: String
  /// What it is.
  public let found: String

  public var description: String { "\(name): expected \(expected), found \(found)" }
}
