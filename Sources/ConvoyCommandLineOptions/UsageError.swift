/// An error in a command line, described in one line.
package enum UsageError: Error, Equatable, Sendable {
  /// An option stands where the command's name belongs.
  case commandExpected(found: String, suggestion: String?)
  case unknownCommand(String, suggestion: String?)
  case unknownOption(String, suggestion: String?)
  case unexpectedArgument(String, suggestion: String? = nil)
  /// An argument, such as `<experiment>`, is missing.
  case missingArgument(String, allowed: [String])
  case repeatedOption(String)
  /// A required option, such as `--data <directory>`, is missing.
  case missingOption(String)
  /// The option stands without its value: at the end, before another option, or with an empty one.
  case missingValue(option: String, found: String?)
  case invalidValue(option: String, expected: String, found: String, suggestion: String?)
  /// Options that are valid separately but not together; the command supplies the message.
  case invalidCombination(String)

  /// - Parameter other: what else the option takes, beside the allowed words.
  package static func notAmong(
    _ allowed: [String], or other: String? = nil, option: String, found: String
  ) -> UsageError {
    let words = "one of " + allowed.joined(separator: ", ")
    return .invalidValue(
      option: option, expected: other.map { "\(words), or \($0)" } ?? words, found: found,
      suggestion: Suggestion.nearest(to: found, among: allowed))
  }
}

extension UsageError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .commandExpected(let found, let suggestion):
      "Expected a command, found option \(Self.quoted(found))" + Self.ending(suggestion)
    case .unknownCommand(let name, let suggestion):
      "Unknown command \(Self.quoted(name))" + Self.ending(suggestion)
    case .unknownOption(let name, let suggestion):
      "Unknown option \(Self.quoted(name))" + Self.ending(suggestion)
    case .unexpectedArgument(let argument, let suggestion):
      "Unexpected argument \(Self.quoted(argument))" + Self.ending(suggestion)
    case .missingArgument(let label, let allowed):
      "Missing argument '\(label)'"
        + (allowed.isEmpty ? "." : ": expected one of \(allowed.joined(separator: ", "))")
    case .repeatedOption(let name):
      "\(name): expected once, found again"
    case .missingOption(let label):
      "Missing required option '\(label)'."
    case .missingValue(let label, let found):
      "\(label): expected a value, found \(found.map(Self.quoted) ?? "nothing")"
    case .invalidValue(let option, let expected, let found, let suggestion):
      "\(option): expected \(expected), found \(Self.quoted(found))"
        + (suggestion.map { ". Did you mean '\($0)'?" } ?? "")
    case .invalidCombination(let sentence):
      sentence
    }
  }

  private static func ending(_ suggestion: String?) -> String {
    suggestion.map { ". Did you mean '\($0)'?" } ?? "."
  }

  private static func quoted(_ text: String) -> String { "'\(text)'" }
}

/// Suggests the intended name for a mistyped one.
package enum Suggestion {
  /// The nearest candidate that is near enough to suggest; the first of equally near ones.
  ///
  /// Near enough is one edit per three characters of the longer word, without dashes, and at least
  /// one edit: `--bach` suggests `--batch`, and `--verbose` suggests nothing. Otherwise, a prefix
  /// of at least three characters, such as `--learn`, suggests the only candidate that begins with
  /// it.
  package static func nearest(to typed: String, among candidates: [String]) -> String? {
    let word = bare(typed)
    guard !word.isEmpty else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let other = bare(candidate)
      let distance = editDistance(word, other)
      let isNear = distance <= max(1, max(word.count, other.count) / 3)
      let isBetter = distance < (best?.distance ?? .max)
      if isNear, isBetter, distance < max(word.count, other.count) {
        best = (candidate, distance)
      }
    }
    return best?.candidate ?? onlyCompletion(of: word, among: candidates)
  }

  private static func onlyCompletion(of word: [Character], among candidates: [String]) -> String? {
    let completions = candidates.filter { bare($0).starts(with: word) }
    return word.count >= 3 && completions.count == 1 ? completions.first : nil
  }

  private static func bare(_ name: String) -> [Character] {
    Array(name.lowercased().drop { $0 == "-" })
  }

  /// The Damerau–Levenshtein distance: insertions, deletions, substitutions and swaps of
  /// neighbours that turn one word into the other. This is its restricted form, "optimal string
  /// alignment", which edits no place twice; three rows of the table are all it needs.
  static func editDistance(_ first: [Character], _ second: [Character]) -> Int {
    var beforeLast = [Int](repeating: 0, count: second.count + 1)
    var last = Array(0...second.count)
    for row in first.indices {
      var current = [row + 1] + [Int](repeating: 0, count: second.count)
      for column in second.indices {
        let substitution = last[column] + (first[row] == second[column] ? 0 : 1)
        var distance = min(last[column + 1] + 1, current[column] + 1, substitution)
        if row > 0, column > 0, first[row] == second[column - 1],
          first[row - 1] == second[column]
        {
          distance = min(distance, beforeLast[column - 1] + 1)
        }
        current[column + 1] = distance
      }
      (beforeLast, last) = (last, current)
    }
    return last[second.count]
  }
}
