import ConvoyDatasets
import Testing

/// Expects that the data set in `directory` is refused with `error`, and that the message is one
/// line which holds each of `words`.
func expectRefusal(
  of directory: String, with expected: DatasetError, saying words: String...,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  do {
    _ = try Dataset.load(from: directory)
    Issue.record("nothing was refused", sourceLocation: sourceLocation)
  } catch {
    #expect(error == expected, sourceLocation: sourceLocation)
    let message = error.description
    #expect(!message.contains("\n"), sourceLocation: sourceLocation)
    for word in words + ["expected", "found"] {
      #expect(message.contains(word), "\(word) in: \(message)", sourceLocation: sourceLocation)
    }
  }
}
