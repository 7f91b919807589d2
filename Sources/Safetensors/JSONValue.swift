/// The JSON values that a safetensors header is made of.
///
/// Truth values, null and fractions are missing on purpose: no field of the format holds one, so
/// the parser refuses them where they stand.
enum JSONValue: Equatable {
  /// The members in the order of the text, their names distinct.
  case object([JSONMember])
  case array([JSONValue])
  case string(String)
  case integer(Int)

  /// What a message calls a value of this kind.
  var kind: String {
    switch self {
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    case .integer: "a whole number"
    }
  }
}
