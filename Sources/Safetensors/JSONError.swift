/// Where a text stops being the JSON that was expected.
struct JSONError: Error, Equatable {
  /// The offset of the first byte that does not fit.
  let offset: Int
  let expected: String
  let found: String
}
