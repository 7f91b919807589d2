/// What was measured is less than what is promised.
struct MissedPromise: Error, CustomStringConvertible {
  let description: String
}
