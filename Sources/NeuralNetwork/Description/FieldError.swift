/// What is wrong with a field of an architecture file, before the file is named.
struct FieldError: Error {
  /// One line: where, what was expected, what was found.
  let problem: String

  init(_ problem: String) { self.problem = problem }
}
