extension ParsedOptions {
  /// A whole number of any size that fits `Int`.
  package func integer(_ name: String) throws(UsageError) -> Int? {
    try wholeNumber(name, in: .unbounded)
  }

  package func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    try wholeNumber(name, in: .closed(range))
  }

  package func integer(_ name: String, atLeast minimum: Int) throws(UsageError) -> Int? {
    try wholeNumber(name, in: .atLeast(minimum))
  }

  /// A whole number from 0 to 2⁶⁴ − 1, such as a seed.
  package func unsignedInteger(_ name: String) throws(UsageError) -> UInt64? {
    try wholeNumber(name, in: .closed(0...UInt64.max))
  }

  /// Any finite number.
  package func number(_ name: String) throws(UsageError) -> Double? {
    try finiteNumber(name, in: .unbounded)
  }

  package func number(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
    try finiteNumber(name, in: .closed(range))
  }

  package func number(_ name: String, in range: Range<Double>) throws(UsageError) -> Double? {
    try finiteNumber(name, in: .halfOpen(range))
  }

  package func number(_ name: String, atLeast minimum: Double) throws(UsageError) -> Double? {
    try finiteNumber(name, in: .atLeast(minimum))
  }

  package func number(_ name: String, above bound: Double) throws(UsageError) -> Double? {
    try finiteNumber(name, in: .above(bound))
  }

  package func number(
    _ name: String, above bound: Double, atMost maximum: Double
  ) throws(UsageError) -> Double? {
    try finiteNumber(name, in: .aboveAtMost(bound, maximum))
  }

  private func wholeNumber<Value: FixedWidthInteger & Sendable>(
    _ name: String, in bounds: ValueBounds<Value>
  ) throws(UsageError) -> Value? {
    try value(name, expected: "a whole number", in: bounds) { Value($0) }
  }

  /// Refuses `nan`, `inf` and numbers that overflow to infinity, which `Double` also reads. Refuses
  /// hexadecimal digits too, because whole numbers do not allow them.
  private func finiteNumber(
    _ name: String, in bounds: ValueBounds<Double>
  ) throws(UsageError) -> Double? {
    try value(name, expected: "a number", in: bounds) { text in
      text.lowercased().contains("x") ? nil : Double(text).flatMap { $0.isFinite ? $0 : nil }
    }
  }

  private func value<Value>(
    _ name: String, expected noun: String, in bounds: ValueBounds<Value>,
    reading read: (String) -> Value?
  ) throws(UsageError) -> Value? {
    guard let text = string(name) else { return nil }
    guard let value = read(text), bounds.contains(value) else {
      throw .invalidValue(
        option: "--\(name)", expected: noun + bounds.phrase, found: text, suggestion: nil)
    }
    return value
  }
}

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
