/// Where a text stops being the JSON that was expected.
package struct JSONError: Error, Equatable, CustomStringConvertible {
  /// The offset of the first byte that does not fit.
  package let offset: Int
  /// The value in which it stands; empty for the outermost one.
  package let place: JSONPlace
  package let expected: String
  package let found: String

  package var description: String {
    (place.isOutermost ? "" : "\(place): ") + "byte \(offset): expected \(expected), found \(found)"
  }
}
