/// What a header says of one tensor.
struct HeaderEntry {
  let name: String
  let shape: [Int]
  /// The product of the shape.
  let elementCount: Int
  /// The first byte, counted from the start of the data.
  let begin: Int
  /// The byte behind the last one.
  let end: Int
}
