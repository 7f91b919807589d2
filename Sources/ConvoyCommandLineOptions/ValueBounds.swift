/// The numbers an option accepts, and how a message says it.
enum ValueBounds<Value: Comparable & Sendable>: Sendable {
  case unbounded
  case atLeast(Value)
  case above(Value)
  case aboveAtMost(Value, Value)
  case closed(ClosedRange<Value>)
  case halfOpen(Range<Value>)

  func contains(_ value: Value) -> Bool {
    switch self {
    case .unbounded: true
    case .atLeast(let minimum): value >= minimum
    case .above(let bound): value > bound
    case .aboveAtMost(let bound, let maximum): value > bound && value <= maximum
    case .closed(let range): range.contains(value)
    case .halfOpen(let range): range.contains(value)
    }
  }

  /// What follows "a number" in a message, its leading space included.
  var phrase: String {
    switch self {
    case .unbounded:
      ""
    case .atLeast(let minimum):
      " of at least \(text(minimum))"
    case .above(let bound):
      " greater than \(text(bound))"
    case .aboveAtMost(let bound, let maximum):
      " greater than \(text(bound)) and at most \(text(maximum))"
    case .closed(let range):
      " from \(text(range.lowerBound)) to \(text(range.upperBound))"
    case .halfOpen(let range):
      " from \(text(range.lowerBound)) up to but not including \(text(range.upperBound))"
    }
  }

  /// Whole bounds read "1", where a `Double` would print "1.0".
  private func text(_ value: Value) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
