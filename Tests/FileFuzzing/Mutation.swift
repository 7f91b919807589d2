/// The ways to spoil a file.
enum Mutation: CaseIterable {
  case flipBit, setByte, randomByte
  case truncate, extend
  case delete, duplicate, copy
  /// A piece of another file in the place of one of this.
  case splice
  /// A number at which arithmetic may break, in one to eight bytes of either order.
  case overwriteInteger
  /// The same where numbers are written in digits.
  case overwriteDigits
  case insertWord, overwriteWord
}
