import ConvoyStrictJSON

/// The fields of a JSON object. `requireNoMore` refuses those that were not read.
package struct JSONFields {
  private let place: JSONPlace
  private let members: [JSONMember]
  private var taken: Set<String> = []

  /// - Parameter place: where the object stands.
  init(_ value: JSONValue, at place: JSONPlace) throws(FieldError) {
    guard case .object(let members) = value else {
      let prefix = place.isOutermost ? "" : "\(place): "
      throw FieldError("\(prefix)expected an object, found \(value.found)")
    }
    self.place = place
    self.members = members
  }

  /// The value of a field; nil if there is none.
  mutating func take(_ name: String) -> JSONValue? {
    taken.insert(name)
    return members.first { $0.name == name }?.value
  }

  mutating func text(_ name: String) throws(FieldError) -> String {
    let value = try required(name)
    guard case .string(let text) = value else { throw refusal(name, "a string", value.found) }
    return text
  }

  /// A whole number, which JSON may write as `3`, `3.0` or `3e0`.
  mutating func integer(_ name: String, default value: Int? = nil) throws(FieldError) -> Int {
    if let value, !has(name) { return skip(name, for: value) }
    return try integer(name, try required(name))
  }

  private func integer(
    _ name: String, _ found: JSONValue, expected: String = "a whole number"
  ) throws(FieldError) -> Int {
    guard case .number(let digits) = found else { throw refusal(name, expected, found.found) }
    guard let number = Int(digits) ?? Double(digits).flatMap(Int.init(exactly:)) else {
      throw refusal(name, "a whole number that fits 64 bits", found.found)
    }
    return number
  }

  /// A whole number, or a list of two: for rows and for columns.
  ///
  /// - Parameter other: what else the field may be, for errors.
  mutating func pair(
    _ name: String, default value: Pair? = nil, or other: String? = nil
  ) throws(FieldError) -> Pair {
    if let value, !has(name) { return skip(name, for: value) }
    let expected =
      "a whole number or a list of two, rows and columns" + (other.map { ", or \($0)" } ?? "")
    let found = try required(name)
    guard case .array(let elements) = found else {
      return Pair(try integer(name, found, expected: expected))
    }
    guard elements.count == 2 else {
      throw refusal(name, expected, "a list of \(elements.count)")
    }
    return Pair(
      try integer(name, elements[0], expected: expected),
      try integer(name, elements[1], expected: expected))
  }

  /// Whether a field has this text. Any other text is refused.
  mutating func isText(_ text: String, in name: String) throws(FieldError) -> Bool {
    guard case .string(let found)? = members.first(where: { $0.name == name })?.value else {
      return false
    }
    taken.insert(name)
    guard found == text else { throw refusal(name, "numbers or \(quoted(text))", quoted(found)) }
    return true
  }

  /// A whole number; nil if there is no such field.
  mutating func integerIfPresent(_ name: String) throws(FieldError) -> Int? {
    has(name) ? try integer(name) : skip(name, for: nil)
  }

  mutating func number(_ name: String, default value: Float? = nil) throws(FieldError) -> Float {
    if let value, !has(name) { return skip(name, for: value) }
    let found = try required(name)
    guard case .number(let digits) = found else { throw refusal(name, "a number", found.found) }
    guard let number = Float(digits), number.isFinite else {
      throw refusal(name, "a number that fits single precision", found.found)
    }
    return number
  }

  /// A number that must stay below 1. One that would round up to 1 in single precision becomes the
  /// largest float below 1.
  mutating func rate(_ name: String) throws(FieldError) -> Float {
    let rate = try number(name)
    guard rate == 1, case .number(let digits) = take(name), let exact = Double(digits), exact < 1
    else { return rate }
    return rate.nextDown
  }

  mutating func layers(
    _ name: String, default value: [any Layer]? = nil
  ) throws(FieldError) -> [any Layer] {
    if let value, !has(name) { return skip(name, for: value) }
    return try LayerTypes.layers(try required(name), at: place.member(name))
  }

  /// A list of lists of layers.
  mutating func branches(_ name: String) throws(FieldError) -> [[any Layer]] {
    let value = try required(name)
    guard case .array(let elements) = value else {
      throw refusal(name, "a list of lists of layers", value.found)
    }
    var branches: [[any Layer]] = []
    for (index, element) in elements.enumerated() {
      branches.append(
        try LayerTypes.layers(element, at: place.member(name).element(index)))
    }
    return branches
  }

  mutating func boolean(_ name: String, default value: Bool) throws(FieldError) -> Bool {
    if !has(name) { return skip(name, for: value) }
    let found = try required(name)
    guard case .boolean(let value) = found else {
      throw refusal(name, "true or false", found.found)
    }
    return value
  }

  /// One of some words; nil if there is no such field.
  mutating func choiceIfPresent<Choice: RawRepresentable<String>>(
    _ name: String, among choices: [Choice]
  ) throws(FieldError) -> Choice? {
    if !has(name) { return skip(name, for: nil) }
    let text = try text(name)
    guard let choice = choices.first(where: { $0.rawValue == text }) else {
      let words = choices.map(\.rawValue).joined(separator: ", ")
      throw refusal(name, "one of \(words)", quoted(text))
    }
    return choice
  }

  /// Refuses unknown fields: a misspelt `paddding` must not silently train a different network.
  func requireNoMore(than known: String) throws(FieldError) {
    guard let other = members.first(where: { !taken.contains($0.name) }) else { return }
    throw refusal(other.name, "only \(known)", quoted(other.name))
  }

  /// The names asked for, in alphabetical order.
  var names: String { taken.sorted().joined(separator: ", ") }

  func refusal(_ name: String, _ expected: String, _ found: String) -> FieldError {
    FieldError("\(place.member(name)): expected \(expected), found \(found)")
  }

  private func has(_ name: String) -> Bool { members.contains { $0.name == name } }

  private mutating func skip<Value>(_ name: String, for value: Value) -> Value {
    taken.insert(name)
    return value
  }

  private mutating func required(_ name: String) throws(FieldError) -> JSONValue {
    guard let value = take(name) else {
      throw FieldError("\(place): expected '\(name)', found none")
    }
    return value
  }
}

/// What is wrong with a field of an architecture file; the caller adds the file's name.
package struct FieldError: Error {
  /// One line: location, expected, found.
  let problem: String

  init(_ problem: String) { self.problem = problem }
}
