/// Finds what somebody meant who mistyped a name.
enum Suggestion {
  /// The nearest candidate that is near enough to be offered; of equally near ones, the first.
  ///
  /// Near enough is one edit for every three characters of the longer word, dashes aside, and at
  /// least one: a cut that offers `--batch` for `--bach` and nothing for `--verbose`. A beginning
  /// of three characters or more, `--learn`, also stands for the one name that it begins.
  static func nearest(to typed: String, among candidates: [String]) -> String? {
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
